/** The sentence at the lower edge that tells what just happened, to screen readers too. */

import { button, el, say } from "./dom";
import { ICONS } from "./icons";
import type { Words } from "./words";

const SHOWN_MS = 6000;

export class Notice {
  readonly element = el("div", { class: "note-bar", hidden: true });
  private readonly text = el("span", { role: "status" });
  private readonly copied: HTMLInputElement;
  private readonly shut: HTMLButtonElement;
  private timer: number | undefined;
  private back: HTMLElement | null = null;

  /** focused: what has the focus now, which it gets back when the notice is closed. */
  constructor(
    private readonly words: Words,
    private readonly focused: () => HTMLElement | null,
  ) {
    this.copied = el("input", { type: "text", readonly: true, hidden: true, "aria-label": words.link_not_copied });
    this.shut = button(ICONS.close, words.close, () => this.close(), { class: "plain", hidden: true });
    this.element.append(this.text, this.copied, this.shut);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  /** Say something for a while, in the place of what was said before. */
  say(text: string): void {
    if (!this.copied.hidden) this.close();
    this.put(text, null);
    if (text) this.timer = window.setTimeout(() => this.close(), SHOWN_MS);
  }

  /** Copy a text and say so. Where the browser does not let us, the text stands there to be copied until it is closed. */
  async copy(text: string, done: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.say(done);
    } catch {
      this.back = this.focused();
      this.put(this.words.link_not_copied, text);
      this.copied.focus({ preventScroll: true });
      this.copied.select();
    }
  }

  remove(): void {
    window.clearTimeout(this.timer);
  }

  private put(text: string, copied: string | null): void {
    window.clearTimeout(this.timer);
    say(this.text, text);
    this.copied.value = copied ?? "";
    this.copied.hidden = copied === null;
    this.shut.hidden = copied === null;
    this.element.hidden = text === "";
  }

  private close(): void {
    const inside = this.element.contains(this.focused());
    this.put("", null);
    if (inside && this.back?.isConnected) this.back.focus({ preventScroll: true });
    this.back = null;
  }
}
