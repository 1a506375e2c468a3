/** The map with all that stands on it. One object a mount; a run of the page only gives it a new spec. */

import { Arrivals } from "./arrivals";
import type { MapMouseEvent } from "maplibre-gl";
import { Address, readView, type View } from "./address";
import { Arrangement } from "./arrange";
import { Card } from "./card";
import { Compare } from "./compare";
import { Controls } from "./controls";
import { el } from "./dom";
import { Echo } from "./echo";
import { Hover, lines } from "./hover";
import type { Mount } from "./index";
import { isOther, isSelectable } from "./layers";
import { isDark, lookOf } from "./look";
import { Notice } from "./notice";
import { Pane, type Hit, type PaneEvents } from "./pane";
import { Panel } from "./panel";
import { Picking } from "./picking";
import { Search } from "./search";
import { Selection } from "./selection";
import type { Point } from "./shapes";
import { NO_BASEMAP, type Basemap, type Bounds, type Layer, type LayerState, type Position, type Spec } from "./spec";
import styles from "./style.css?inline";
import maplibreStyles from "maplibre-gl/dist/maplibre-gl.css?inline";
import { Tools } from "./tools";
import { Warnings } from "./warnings";
import { Numbers, type Words } from "./words";

/** Where the map stands when nothing tells a better place: the pampas. */
const HOME: View = [-62, -34.5, 5];
const MAX_FIT = 15;
const FREE_PX = 40;
/** In a narrower map the panel would cover what is looked at. */
const NARROW_PX = 700;
/** Beside the tools at the right. */
const RIGHT_PX = 60;

export class FieldMap implements PaneEvents {
  readonly root: HTMLElement;
  readonly stage = el("div", { class: "stage" });
  readonly numbers: Numbers;
  readonly words: Words;
  readonly tools: Tools;
  readonly search: Search;
  readonly compare: Compare;
  readonly selection: Selection;
  readonly card: Card;
  readonly hover = new Hover();
  readonly picking = new Picking(this);
  spec: Spec;
  basemap: Basemap | undefined;
  private given: Mount;
  private readonly arrangement = new Arrangement();
  private readonly controls: Controls;
  private readonly panel: Panel;
  private readonly address = new Address();
  private readonly basemapEcho = new Echo();
  private readonly notice: Notice;
  private readonly heard = el("p", { class: "heard", role: "status" });
  private readonly warnings = new Warnings(this, (path) => this.maps.forEach((pane) => pane.reload(path)));
  private readonly style = [el("style", {}, maplibreStyles), el("style", {}, styles)];
  private readonly sizes: ResizeObserver;
  private readonly arrivals: Arrivals;
  private maps: Pane[] = [];
  private focusSerial: number | null = null;
  private lastView = "";
  private fitted = false;
  /** Where the map opened by itself, as the address has it. */
  private opened: string | null = null;
  private following = false;

  constructor(given: Mount) {
    this.given = given;
    this.spec = given.data;
    this.arrivals = new Arrivals(this.spec);
    this.words = this.spec.words;
    this.numbers = new Numbers(this.spec.language);
    this.root = el("div", { class: "field-map", role: "region", "aria-label": this.words.map, "data-state": "loading", lang: this.spec.language });
    this.tools = new Tools(this);
    this.search = new Search(this);
    this.selection = new Selection(this);
    this.card = new Card(this);
    this.compare = new Compare(this);
    this.controls = new Controls(this);
    this.panel = new Panel(this);
    this.notice = new Notice(this.words, () => this.focused());
    this.stage.append(this.tools.overlay, this.compare.divider, el("span", { class: "crosshair", "aria-hidden": "true" }), this.hover.element);
    const bars = el("div", { class: "bars" }, this.compare.bar, this.tools.readout, this.selection.element, this.warnings.element, this.notice.element);
    // In the order in which Tab passes: what to look for, the map, its tools, the card.
    this.root.append(this.panel.element, this.stage, this.controls.element, this.card.element, bars, this.controls.foot, this.heard);
    given.parentElement.append(...this.style, this.root);
    this.root.style.height = `${this.spec.height}px`;
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.addPane("a", this.start());
    this.sizes = new ResizeObserver(() => this.moved(this.main()));
    this.sizes.observe(this.stage);
    // On a wide page too, the map may stand in a narrow column.
    if (this.isNarrow()) this.panel.fold(true);
    this.update(given);
    this.dispatch("fieldmap:ready");
  }

  /** Show a new spec. What the reader did meanwhile stays, unless Python changed it. */
  update(given: Mount): void {
    this.given = given;
    const spec = given.data;
    if (isOther(this.spec.layers, spec.layers)) this.fitted = false;
    const come = this.arrivals.take(spec);
    this.spec = spec;
    this.root.style.height = `${spec.height}px`;
    this.arrangement.take(spec.layers);
    if (this.basemapEcho.takes(spec.basemap)) this.basemap = spec.basemaps.find((each) => each.id === spec.basemap);
    else this.basemap = spec.basemaps.find((each) => each.id === this.basemap?.id);
    this.matchPanes();
    this.draw();
    if (this.selection.take(spec.selection, spec.selection_hectares)) for (const pane of this.maps) pane.select(this.selection.ids);
    this.takeView();
    this.takeFocus();
    if (come) this.follow(come);
    this.address.write();
  }

  /** Have the view in the address at once, for the map that comes after this one. */
  keepView(): void {
    this.address.write();
  }

  /** Take the map off the page. */
  remove(): void {
    this.sizes.disconnect();
    this.address.remove();
    this.compare.remove();
    this.controls.remove();
    this.notice.remove();
    for (const pane of this.maps) pane.remove();
    this.root.remove();
    for (const style of this.style) style.remove();
  }

  layers(): Layer[] {
    return this.arrangement.layers();
  }

  panes(): readonly Pane[] {
    return this.maps;
  }

  main(): Pane {
    return this.maps[0] as Pane;
  }

  canvas(): HTMLCanvasElement {
    return this.main().map.getCanvas();
  }

  focused(): HTMLElement | null {
    return (this.root.getRootNode() as Document | ShadowRoot).activeElement as HTMLElement | null;
  }

  /** How the map moves: at once for who wants no motion. */
  motion(): { duration?: number } {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? { duration: 0 } : {};
  }

  project(place: Position): Point {
    return this.main().map.project(place);
  }

  changeLayer(id: string, change: { visible?: boolean; opacity?: number }, tell = true): void {
    const state = this.arrangement.change(id, change);
    // While a slider is dragged the panel keeps its row: it would lose the pointer.
    this.draw(tell);
    if (tell) this.tellLayers(state);
  }

  moveLayer(id: string, by: number): void {
    const state = this.arrangement.move(id, by);
    this.draw();
    this.tellLayers(state);
  }

  chooseBasemap(id: string): void {
    this.basemap = this.spec.basemaps.find((each) => each.id === id);
    const chosen = this.basemap?.id ?? NO_BASEMAP;
    this.basemapEcho.send(chosen);
    this.given.setTriggerValue("basemap", chosen);
    this.draw();
  }

  /** Select fields and tell Python. */
  choose(ids: string[]): void {
    if (!this.selection.choose(ids)) return;
    for (const pane of this.maps) pane.select(ids);
    this.given.setTriggerValue("selection", ids);
  }

  /** Go to a feature, show its card and select it. */
  goTo(layer: Layer, id: string, centre: Position, bounds: Bounds | null): void {
    if (isSelectable(layer)) this.choose([id]);
    void this.card.show(layer, id, "");
    this.look(centre, bounds);
  }

  /** Go to where a layer lies, which Python told; one that is hidden is shown. */
  goToLayer(id: string): void {
    const layer = this.layers().find((each) => each.id === id);
    if (!layer?.bounds) return;
    if (!layer.visible) this.changeLayer(id, { visible: true });
    this.main().map.fitBounds(layer.bounds, { ...this.room(FREE_PX), maxZoom: MAX_FIT, ...this.motion() });
  }

  showWhole(): void {
    if (this.spec.bounds) this.main().map.fitBounds(this.spec.bounds, { ...this.room(FREE_PX), maxZoom: MAX_FIT, ...this.motion() });
  }

  /** Tell Python that something was asked for. */
  tell(name: string, id: string): void {
    this.given.setTriggerValue("event", { name, id, at: this.address.written() });
  }

  /** Copy the address of what is looked at, with this feature chosen, if it is one that can be. */
  async copyLink(layer: Layer, id: string): Promise<void> {
    this.address.write();
    const link = new URL(window.location.href);
    for (const [name, value] of Object.entries(this.spec.link)) link.searchParams.set(name, value);
    if (isSelectable(layer) && !this.selection.has(id)) link.searchParams.set("sel", id);
    await this.copy(link.href.replaceAll("%2C", ","), this.words.link_copied);
    this.tell("copy-link", id);
  }

  /** Copy a text and say so, or offer it to be copied by hand. */
  copy(text: string, done: string): Promise<void> {
    return this.notice.copy(text, done);
  }

  /** Say something at the lower edge, and to screen readers. */
  announce(text: string): void {
    this.notice.say(text);
  }

  /** Say something to screen readers alone: it can be seen already. */
  whisper(text: string): void {
    this.heard.textContent = text;
  }

  // What the panes tell.

  moved(pane: Pane): void {
    if (this.following) return;
    this.following = true;
    const centre = pane.map.getCenter();
    const zoom = pane.map.getZoom();
    for (const other of this.maps) if (other !== pane) other.map.jumpTo({ center: centre, zoom });
    this.following = false;
    this.tools.draw();
    this.controls.moved();
    if (this.fitted) this.address.show([centre.lng, centre.lat, zoom]);
  }

  hovered(_pane: Pane, hit: Hit | null, event: MapMouseEvent): void {
    this.controls.point(event.lngLat);
    this.tools.follow([event.lngLat.lng, event.lngLat.lat]);
    const text = hit && !this.tools.active ? lines(hit.layer, hit.feature.properties, this.words, this.numbers) : [];
    this.stage.classList.toggle("over", text.length > 0);
    this.hover.show(text, event.point, { width: this.stage.clientWidth, height: this.stage.clientHeight });
  }

  left(): void {
    this.tools.follow(null);
    this.stage.classList.remove("over");
    this.hover.hide();
  }

  clicked(_pane: Pane, hit: Hit | null, event: MapMouseEvent): void {
    if (this.tools.click([event.lngLat.lng, event.lngLat.lat])) return;
    const { ctrlKey, metaKey, shiftKey } = event.originalEvent;
    this.picking.pick(hit, ctrlKey || metaKey || shiftKey);
  }

  busy(): void {
    this.root.dataset["state"] = "loading";
  }

  idle(): void {
    if (!this.maps.every((pane) => pane.settled || !this.isShown(pane))) return;
    if (this.root.dataset["state"] === "idle") return;
    this.root.dataset["state"] = "idle";
    // After the tiles, which are what the reader waits for.
    this.warnings.check();
    this.dispatch("fieldmap:idle");
  }

  failed(source: string): void {
    this.warnings.failed(source);
  }

  loaded(source: string): void {
    if (this.maps.some((pane) => pane.lacks(source))) return;
    this.warnings.loaded(source);
  }

  private start(): { centre: [number, number]; zoom: number; label: string } {
    const view = readView(window.location.search) ?? this.spec.view;
    const [longitude, latitude, zoom] = view ?? HOME;
    this.fitted = view !== null;
    this.lastView = JSON.stringify(this.spec.view);
    return { centre: [longitude, latitude], zoom, label: this.words.map_help };
  }

  private addPane(side: "a" | "b", start: { centre: [number, number]; zoom: number; label: string }): void {
    const container = el("div", { class: `pane ${side}` });
    this.stage.insertBefore(container, this.tools.overlay);
    const pane = new Pane(container, side, start, this);
    pane.zoomOnDoubleClick(!this.tools.measuring);
    this.maps.push(pane);
  }

  private matchPanes(): void {
    const two = this.spec.compare !== "none";
    const { map } = this.main();
    const { lng, lat } = map.getCenter();
    if (two && this.maps.length < 2) {
      this.addPane("b", { centre: [lng, lat], zoom: map.getZoom(), label: this.words.map_help });
      // Tab passes one map, not two.
      const canvas = this.maps[1]?.map.getCanvas();
      canvas?.setAttribute("tabindex", "-1");
      canvas?.setAttribute("role", "img");
    } else if (!two) {
      const back = this.maps.splice(1, 1)[0];
      back?.remove();
      back?.container.remove();
    }
    this.maps[1]?.map.getCanvas().setAttribute("aria-label", this.spec.titles.b || this.words.map);
  }

  private draw(panel = true): void {
    const layers = this.layers();
    const dark = isDark(getComputedStyle(this.root).getPropertyValue("--st-background-color"));
    this.root.classList.toggle("dark", dark);
    const look = lookOf(dark, this.basemap);
    this.root.style.setProperty("--ground", look.ground);
    for (const pane of this.maps) pane.show(layers, this.basemap, look);
    for (const pane of this.maps) pane.select(this.selection.ids);
    this.warnings.update();
    this.compare.update();
    this.controls.update();
    this.controls.moved();
    this.search.update();
    this.card.update(layers);
    if (panel) this.panel.update(layers);
  }

  /** The colour below all layers. */
  ground(): string {
    return this.root.style.getPropertyValue("--ground");
  }

  private takeView(): void {
    const view = JSON.stringify(this.spec.view);
    const { map } = this.main();
    if (view !== this.lastView && this.spec.view) {
      const [longitude, latitude, zoom] = this.spec.view;
      map.jumpTo({ center: [longitude, latitude], zoom });
      this.fitted = true;
    }
    this.lastView = view;
    // What was laid over the map is what its link is for.
    const bounds = this.spec.layers.find((layer) => layer.bounds)?.bounds ?? this.spec.bounds;
    if (!this.fitted && bounds) {
      this.fitted = true;
      map.fitBounds(bounds, { ...this.room(FREE_PX), maxZoom: MAX_FIT, duration: 0 });
      this.opened = this.address.written();
      this.arrivals.follow(this.spec.coming);
    }
  }

  /** Go to a layer that has come; to one that a link brought only while nobody has moved the map or hidden it. */
  private follow({ id, now }: { id: string; now: boolean }): void {
    const layer = this.layers().find((each) => each.id === id);
    if (now || (layer?.visible && this.address.written() === this.opened)) this.goToLayer(id);
  }

  private takeFocus(): void {
    const { focus } = this.spec;
    const first = this.focusSerial === null && focus === null;
    if (first || !focus || focus.serial === this.focusSerial) return;
    this.focusSerial = focus.serial;
    const layer = Search.layer(this);
    if (!layer) return;
    void this.card.show(layer, focus.id, "").then((facts) => facts && this.look(facts.centre, facts.bounds));
  }

  private isNarrow(): boolean {
    return this.stage.clientWidth < NARROW_PX;
  }

  /** The room that panel and tools leave, with `free` pixels around what is shown. */
  private room(free: number): { padding: { left: number; right: number; top: number; bottom: number } } {
    const { clientWidth: width, clientHeight: height } = this.stage;
    const panel = this.panel.folded || this.isNarrow() ? 0 : this.panel.element.offsetWidth;
    const upright = Math.min(free, height / 5);
    const across = Math.min(free, width / 8);
    const card = this.card.open && width >= 900 ? this.card.element.offsetWidth : 0;
    return { padding: { left: across + panel, right: Math.max(across, RIGHT_PX) + card, top: upright, bottom: upright } };
  }

  private look(centre: Position, bounds: Bounds | null): void {
    const { map } = this.main();
    if (bounds && (bounds[2] > bounds[0] || bounds[3] > bounds[1])) map.fitBounds(bounds, { ...this.room(100), maxZoom: 14, ...this.motion() });
    else map.easeTo({ center: centre, zoom: Math.max(14, map.getZoom()), ...this.motion() });
  }

  /** Hidden panes draw too, so that blinking finds their tiles. */
  private isShown(pane: Pane): boolean {
    return this.maps.includes(pane);
  }

  private key(event: KeyboardEvent): void {
    const onMap = event.target instanceof HTMLCanvasElement;
    if ((onMap || event.key === "Escape") && this.tools.key(event)) {
      event.preventDefault();
    } else if (event.key === "Escape") {
      if (this.card.open) this.card.close();
      else return;
      event.stopPropagation();
    } else if (onMap && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      const middle = { x: this.stage.clientWidth / 2, y: this.stage.clientHeight / 2 };
      const place = this.main().map.getCenter();
      if (event.key === "Enter" && this.tools.click([place.lng, place.lat])) return;
      this.picking.clickAt(middle, event.key === " ");
      if (event.key === "Enter" && this.card.open) this.card.element.focus({ preventScroll: true });
    }
  }

  private tellLayers(state: LayerState[]): void {
    this.given.setTriggerValue("layers", state);
  }

  private dispatch(name: string): void {
    this.root.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}
