/** The buttons at the right, and what stands at the lower edge: scale, coordinates, attribution. */

import { button, el, textButton } from "./dom";
import type { FieldMap } from "./field_map";
import { metresPerPixel, scaleBar } from "./geodesy";
import { ICONS } from "./icons";
import { save } from "./print";

const BAR_PX = 110;

export class Controls {
  readonly element: HTMLElement;
  readonly foot = el("div", { class: "foot" });
  private readonly scale = el("div", { class: "scale", role: "img" });
  private readonly place: HTMLButtonElement;
  private readonly credit = el("div", { class: "credit" });
  private readonly full: HTMLButtonElement;
  private readonly coordinates: HTMLButtonElement;
  private readonly menu: HTMLElement;
  private readonly print: HTMLButtonElement;
  private following = false;
  private readonly onFullscreen = (): void => this.tellFullscreen();

  constructor(private readonly host: FieldMap) {
    const { words } = host;
    this.full = button(ICONS.fullscreen, words.fullscreen, () => void this.switchFullscreen());
    this.coordinates = button(ICONS.target, words.coordinates, () => this.follow(!this.following), { "aria-pressed": "false" });
    this.place = textButton("", () => void host.copy(this.place.textContent ?? "", words.coordinates_copied), {
      class: "place",
      hidden: true,
      // What it shows is its name; this only tells what that is.
      title: words.coordinates,
    });
    this.menu = el(
      "div",
      { class: "menu", id: "print-menu", hidden: true },
      textButton(words.print_png, () => void this.save("png")),
      textButton(words.print_pdf, () => void this.save("pdf")),
    );
    this.print = button(ICONS.print, words.print, () => this.openMenu(Boolean(this.menu.hidden)), {
      "aria-expanded": "false",
      "aria-controls": "print-menu",
    });
    const zoom = el(
      "div",
      { class: "group" },
      button(ICONS.plus, words.zoom_in, () => host.main().map.zoomIn(host.motion())),
      button(ICONS.minus, words.zoom_out, () => host.main().map.zoomOut(host.motion())),
      button(ICONS.whole, words.whole, () => host.showWhole()),
    );
    host.tools.element.classList.add("group");
    const more = el("div", { class: "group" }, this.coordinates, this.print, this.full);
    const wrap = el("div", { class: "print-wrap" }, more, this.menu);
    wrap.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.menu.hidden) return;
      event.stopPropagation();
      this.openMenu(false);
      this.print.focus();
    });
    wrap.addEventListener("focusout", (event) => {
      if (!wrap.contains(event.relatedTarget as Node | null)) this.openMenu(false);
    });
    this.element = el("div", { class: "controls", role: "group", "aria-label": words.tools }, zoom, host.tools.element, wrap);
    this.foot.append(this.scale, this.place, this.credit);
    document.addEventListener("fullscreenchange", this.onFullscreen);
  }

  /** Follow the view: the scale is that of the middle of the map. */
  moved(): void {
    const { map } = this.host.main();
    const { lat } = map.getCenter();
    const { metres, pixels } = scaleBar(metresPerPixel(lat, map.getZoom()), BAR_PX);
    const text = this.host.numbers.length(metres);
    this.scale.style.width = `${pixels}px`;
    if (this.scale.textContent !== text) {
      this.scale.textContent = text;
      this.scale.setAttribute("aria-label", `${this.host.words.scale}: ${text}`);
    }
    if (this.following) this.point(map.getCenter());
  }

  /** Tell the coordinates of the pointer, if that was asked for. */
  point(at: { lng: number; lat: number }): void {
    if (this.following) this.place.textContent = `${at.lat.toFixed(5)}, ${at.lng.toFixed(5)}`;
  }

  update(): void {
    const text = this.host.basemap?.attribution ?? "";
    if (this.credit.textContent !== text) this.credit.textContent = text;
    this.credit.hidden = text === "";
    this.full.hidden = !document.fullscreenEnabled;
  }

  remove(): void {
    document.removeEventListener("fullscreenchange", this.onFullscreen);
  }

  private follow(on: boolean): void {
    this.following = on;
    this.coordinates.setAttribute("aria-pressed", String(on));
    this.place.hidden = !on;
    if (on) this.point(this.host.main().map.getCenter());
  }

  private async save(kind: "png" | "pdf"): Promise<void> {
    this.print.focus(); // before the menu, which had it, goes away
    this.openMenu(false);
    try {
      await save(this.host, kind);
    } catch {
      this.host.announce(this.host.words.print_failed);
    }
  }

  private openMenu(open: boolean): void {
    this.menu.hidden = !open;
    this.print.setAttribute("aria-expanded", String(open));
  }

  private get isFull(): boolean {
    const within = this.host.root.getRootNode();
    return (within instanceof ShadowRoot ? within.fullscreenElement : document.fullscreenElement) === this.host.root;
  }

  private async switchFullscreen(): Promise<void> {
    if (this.isFull) await document.exitFullscreen();
    else await this.host.root.requestFullscreen();
  }

  private tellFullscreen(): void {
    const { words } = this.host;
    const label = this.isFull ? words.fullscreen_leave : words.fullscreen;
    this.full.title = label;
    this.full.setAttribute("aria-label", label);
  }
}
