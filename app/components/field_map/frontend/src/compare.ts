/** Two sides: a divider to swipe, or one shown after the other. */

import { button, el, textButton } from "./dom";
import type { FieldMap } from "./field_map";
import { ICONS } from "./icons";
import { fill } from "./words";

const BLINK_MS = 1000;
const STEP = 5;

export class Compare {
  readonly divider: HTMLElement;
  readonly bar = el("div", { class: "compare-bar", role: "group", hidden: true });
  private readonly showing = el("span", { role: "status" });
  private readonly play: HTMLButtonElement;
  private readonly titles = { a: el("span", { class: "side-title a" }), b: el("span", { class: "side-title b" }) };
  private kind: "none" | "swipe" | "blink" = "none";
  private timer: number | undefined;
  private share = 50;
  private front: "a" | "b" = "a";

  constructor(private readonly host: FieldMap) {
    const { words } = host;
    this.divider = el(
      "div",
      {
        class: "divider",
        role: "separator",
        tabindex: 0,
        "aria-label": words.divider,
        "aria-orientation": "vertical",
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        hidden: true,
      },
      this.titles.a,
      this.titles.b,
      el("span", { class: "grip" }),
    );
    this.play = button(ICONS.pause, words.compare_pause, () => this.run(this.timer === undefined), { class: "plain" });
    this.bar.append(
      this.showing,
      textButton(words.compare_switch, () => {
        this.run(false);
        this.turn();
      }),
      this.play,
    );
    this.divider.addEventListener("pointerdown", (event) => this.grab(event));
    this.divider.addEventListener("keydown", (event) => this.key(event));
  }

  /** The part of the width that side a has, in pixels from the left; all of it without a divider. */
  get cut(): number | null {
    return this.kind === "swipe" ? (this.host.stage.clientWidth * this.share) / 100 : null;
  }

  /** The side that blinking shows now. */
  get shown(): "a" | "b" | null {
    return this.kind === "blink" ? this.front : null;
  }

  update(): void {
    const { spec, words } = this.host;
    const changed = this.kind !== spec.compare;
    this.kind = spec.compare;
    this.divider.hidden = this.kind !== "swipe";
    this.bar.hidden = this.kind !== "blink";
    this.titles.a.textContent = spec.titles.a;
    this.titles.b.textContent = spec.titles.b;
    this.bar.setAttribute("aria-label", words.compare_switch);
    if (changed) {
      this.front = "a";
      this.run(this.kind === "blink" && !window.matchMedia("(prefers-reduced-motion: reduce)").matches);
    }
    this.place();
  }

  /** Put the panes and the divider where they belong. */
  place(): void {
    const { spec, words } = this.host;
    const back = this.host.panes()[1]?.container;
    this.divider.style.left = `${this.share}%`;
    this.divider.setAttribute("aria-valuenow", String(Math.round(this.share)));
    this.divider.setAttribute("aria-valuetext", `${spec.titles.a} ${Math.round(this.share)} %`);
    if (back) {
      back.style.clipPath = this.kind === "swipe" ? `inset(0 0 0 ${this.share}%)` : "";
      back.style.visibility = this.kind === "blink" && this.front === "a" ? "hidden" : "";
    }
    const text = fill(words.compare_showing, { title: spec.titles[this.front] });
    if (this.kind === "blink" && this.showing.textContent !== text) this.showing.textContent = text;
  }

  remove(): void {
    this.run(false);
  }

  private turn(): void {
    this.front = this.front === "a" ? "b" : "a";
    this.place();
  }

  private run(on: boolean): void {
    const { words } = this.host;
    window.clearInterval(this.timer);
    this.timer = on ? window.setInterval(() => this.turn(), BLINK_MS) : undefined;
    // Once a second is no news to be read out.
    this.showing.setAttribute("aria-live", on ? "off" : "polite");
    const label = on ? words.compare_pause : words.compare_play;
    this.play.setAttribute("aria-label", label);
    this.play.title = label;
    this.play.querySelector("path")?.setAttribute("d", on ? ICONS.pause : ICONS.play);
  }

  private grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.divider.focus({ preventScroll: true });
    this.divider.setPointerCapture(event.pointerId);
    const box = this.host.stage.getBoundingClientRect();
    const move = (moved: PointerEvent): void => this.set(((moved.clientX - box.left) / box.width) * 100);
    const done = (): void => {
      this.divider.removeEventListener("pointermove", move);
      this.divider.removeEventListener("lostpointercapture", done);
    };
    this.divider.addEventListener("pointermove", move);
    this.divider.addEventListener("lostpointercapture", done);
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -STEP, ArrowRight: STEP, PageDown: -20, PageUp: 20, Home: -100, End: 100 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(this.share + step);
  }

  private set(share: number): void {
    this.share = Math.max(0, Math.min(100, share));
    this.place();
  }
}
