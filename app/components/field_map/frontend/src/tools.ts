/** Drawing over the map: boxes and lassos that select, and ways and areas that are measured. One tool at a time. */

import { button, el, say, svg } from "./dom";
import type { FieldMap } from "./field_map";
import { hectares, length } from "./geodesy";
import { ICONS } from "./icons";
import type { Position } from "./spec";
import { meets, type Point } from "./shapes";

export type Tool = "box" | "lasso" | "distance" | "area";

/** Less than this is a click, not a box. In pixels. */
const CLICK = 4;

export class Tools {
  readonly element = el("div", { class: "tools" });
  readonly overlay = svg("svg", { class: "overlay", "aria-hidden": "true" });
  readonly readout = el("div", { class: "readout", role: "status", hidden: true });
  private readonly text = el("span");
  private readonly buttons = new Map<Tool, HTMLButtonElement>();
  private tool: Tool | null = null;
  private way: Position[] = [];
  private pointer: Position | null = null;
  private drag: Point[] | null = null;
  private ownClick = false;
  private dragTool: "box" | "lasso" = "box";

  constructor(private readonly host: FieldMap) {
    const { words } = host;
    for (const [tool, icon, label] of [
      ["box", ICONS.box, words.select_box],
      ["lasso", ICONS.lasso, words.select_lasso],
      ["distance", ICONS.ruler, words.measure_distance],
      ["area", ICONS.area, words.measure_area],
    ] as const) {
      const made = button(icon, label, () => this.use(this.tool === tool ? null : tool), { "aria-pressed": "false" });
      this.buttons.set(tool, made);
      this.element.append(made);
    }
    const undo = button(ICONS.close, words.close, () => this.use(null), { class: "plain" });
    this.readout.append(this.text, undo);
    this.listen();
  }

  get active(): Tool | null {
    return this.tool;
  }

  /** Take up a tool, or put it down. */
  use(tool: Tool | null): void {
    this.tool = tool;
    this.way = [];
    this.pointer = null;
    this.drag = null;
    for (const [name, made] of this.buttons) made.setAttribute("aria-pressed", String(name === tool));
    this.overlay.classList.toggle("drawing", tool === "box" || tool === "lasso");
    this.host.root.classList.toggle("measuring", tool === "distance" || tool === "area");
    this.draw();
    this.tellSize();
  }

  /** Take a click on the map; tells whether a tool used it. */
  click(place: Position): boolean {
    if (this.tool !== "distance" && this.tool !== "area") return false;
    this.way.push(place);
    this.draw();
    this.tellSize();
    return true;
  }

  /** Follow the pointer with the end of what is measured. */
  follow(place: Position): void {
    if (!this.way.length) return;
    this.pointer = place;
    this.draw();
    this.tellSize();
  }

  /** Take a key on the map; tells whether a tool used it. */
  key(event: KeyboardEvent): boolean {
    if (event.key === "Escape" && this.tool) {
      this.use(null);
      return true;
    }
    if (event.key === "Backspace" && this.way.length) {
      this.way.pop();
      this.draw();
      this.tellSize();
      return true;
    }
    return false;
  }

  /** Draw what is drawn where the map is now. */
  draw(): void {
    this.overlay.replaceChildren();
    if (this.drag) this.overlay.append(this.dragged());
    if (!this.way.length) return;
    const places = this.pointer ? [...this.way, this.pointer] : this.way;
    const points = places.map((place) => this.host.project(place));
    const form = this.tool === "area" ? "polygon" : "polyline";
    const written = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    // White on black, to be seen on any ground.
    this.overlay.append(
      svg(form, { points: written, class: "measured under" }),
      svg(form, { points: written, class: "measured" }),
      ...points.map(({ x, y }) => svg("circle", { cx: x, cy: y, r: 4, class: "measured-point" })),
    );
  }

  private tellSize(): void {
    const { words, numbers } = this.host;
    if (this.tool === null) {
      this.readout.hidden = true;
      say(this.text, "");
      return;
    }
    this.readout.hidden = false;
    const places = this.pointer ? [...this.way, this.pointer] : this.way;
    if (this.tool === "box" || this.tool === "lasso") say(this.text, words.select_hint);
    else if (!this.way.length) say(this.text, words.measure_hint);
    else if (this.tool === "distance") say(this.text, numbers.length(length(places)));
    else {
      const ring = places[0] ? [...places, places[0]] : places;
      say(this.text, `${numbers.hectares(hectares(places))} · ${numbers.length(length(ring))}`);
    }
  }

  private dragged(): SVGElement {
    const points = this.dragTool === "box" ? corners(this.drag ?? []) : (this.drag ?? []);
    return svg("polygon", { points: points.map(({ x, y }) => `${x},${y}`).join(" "), class: "dragged" });
  }

  private listen(): void {
    const { stage } = this.host;
    // With shift, a box without a tool. Before MapLibre takes the drag for a pan.
    stage.addEventListener("mousedown", (event) => event.shiftKey && event.button === 0 && event.stopPropagation(), true);
    // The click that ends a drag is none on a field.
    stage.addEventListener("click", (event) => this.ownClick && event.stopPropagation(), true);
    stage.addEventListener("pointerdown", (event) => {
      this.ownClick = false;
      const tool = this.tool === "box" || this.tool === "lasso" ? this.tool : event.shiftKey ? "box" : null;
      if (!tool || event.button !== 0 || this.tool === "distance" || this.tool === "area") return;
      event.stopPropagation();
      this.ownClick = true;
      this.dragTool = tool;
      this.drag = [this.at(event)];
      const reach = (moved: PointerEvent): void => {
        const before = this.drag ?? [];
        this.drag = [...(this.dragTool === "box" ? before.slice(0, 1) : before), this.at(moved)];
      };
      const move = (moved: PointerEvent): void => {
        reach(moved);
        this.draw();
      };
      const done = (ended: PointerEvent): void => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", done);
        window.removeEventListener("pointercancel", done);
        // Where it was let go may be further than the last move that was told of.
        reach(ended);
        const drag = this.drag ?? [];
        this.drag = null;
        this.draw();
        if (ended.type === "pointerup") this.finish(drag, ended);
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", done);
      window.addEventListener("pointercancel", done);
    }, true);
  }

  private finish(drag: Point[], event: PointerEvent): void {
    const add = event.shiftKey || event.ctrlKey || event.metaKey;
    const first = drag[0];
    if (!first) return;
    const wide = Math.max(...drag.map(({ x, y }) => Math.hypot(x - first.x, y - first.y)));
    if (wide < CLICK) {
      this.host.clickAt(first, add);
      return;
    }
    const ring = this.dragTool === "box" ? corners(drag) : drag;
    // A box that shift alone drew begins a new selection: shift is its tool, ctrl adds.
    const adds = this.tool ? add : event.ctrlKey || event.metaKey;
    this.host.selectWithin(ring, (shape) => meets(ring, shape), adds);
    if (this.tool) this.use(null);
  }

  private at(event: PointerEvent): Point {
    const box = this.host.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

function corners(drag: Point[]): Point[] {
  const [one, two] = [drag[0], drag.at(-1)];
  if (!one || !two) return [];
  return [one, { x: two.x, y: one.y }, two, { x: one.x, y: two.y }];
}
