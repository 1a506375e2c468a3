/** Drawing over the map: boxes and lassos that select, and ways and areas that are measured. One tool at a time. */

import { button, el, say, svg } from "./dom";
import type { FieldMap } from "./field_map";
import { ICONS } from "./icons";
import { Measure } from "./measure";
import type { Position } from "./spec";
import { meets, type Point } from "./shapes";

export type Tool = "box" | "lasso" | "distance" | "area";

/** Less than this is a click, not a box. In pixels. */
const CLICK = 4;
/** So near each other two places of a measurement are one. In pixels. */
const SAME = 6;

export class Tools {
  readonly element = el("div", { class: "tools" });
  readonly overlay = svg("svg", { class: "overlay", "aria-hidden": "true" });
  readonly readout = el("div", { class: "readout", hidden: true });
  private readonly text = el("span", { role: "status" });
  private readonly hint = el("small", { hidden: true });
  private readonly buttons = new Map<Tool, HTMLButtonElement>();
  private tool: Tool | null = null;
  private measure: Measure | null = null;
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
    this.readout.append(this.text, this.hint, undo);
    this.listen();
  }

  get active(): Tool | null {
    return this.tool;
  }

  /** Whether clicks set what is measured. */
  get measuring(): boolean {
    return this.measure !== null;
  }

  /** Take up a tool, or put it down. */
  use(tool: Tool | null): void {
    // What is pressed to end it goes away with it: the keyboard stays at the tool.
    const focused = this.host.focused();
    if (!tool && this.tool && focused && this.readout.contains(focused)) this.buttons.get(this.tool)?.focus();
    this.tool = tool;
    const form = tool === "distance" || tool === "area" ? tool : null;
    this.measure = form && new Measure(form, (one, two) => this.isSame(one, two));
    this.drag = null;
    for (const [name, made] of this.buttons) made.setAttribute("aria-pressed", String(name === tool));
    this.overlay.classList.toggle("drawing", tool === "box" || tool === "lasso");
    this.host.root.classList.toggle("measuring", this.measuring);
    for (const pane of this.host.panes()) pane.zoomOnDoubleClick(!this.measuring);
    this.draw();
    this.tellSize();
  }

  /** Take a click on the map; tells whether a tool used it. */
  click(place: Position): boolean {
    if (!this.measure) return false;
    this.measure.put(place);
    this.draw();
    this.tellSize();
    return true;
  }

  /** Follow the pointer with the end of what is measured; null once it has left the map. */
  follow(place: Position | null): void {
    if (!this.measure || this.measure.empty || this.measure.ended) return;
    this.measure.follow(place);
    this.draw();
    this.tellSize();
  }

  /** Take a key on the map; tells whether a tool used it. */
  key(event: KeyboardEvent): boolean {
    if (event.key === "Escape" && this.tool) {
      this.use(null);
      return true;
    }
    if (event.key === "Backspace" && this.measure && !this.measure.empty) {
      this.measure.back();
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
    if (!this.measure || this.measure.empty) return;
    const points = this.measure.places.map((place) => this.host.project(place));
    const set = points.slice(0, this.measure.points.length);
    const form = this.tool === "area" ? "polygon" : "polyline";
    const written = points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    // White on black, to be seen on any ground.
    this.overlay.append(
      svg(form, { points: written, class: "measured under" }),
      svg(form, { points: written, class: "measured" }),
      ...set.map(({ x, y }) => svg("circle", { cx: x, cy: y, r: 4, class: "measured-point" })),
    );
  }

  private tellSize(): void {
    const { words, numbers } = this.host;
    const { measure } = this;
    this.readout.hidden = this.tool === null;
    if (this.tool === null) say(this.text, "");
    else if (!measure) say(this.text, words.select_hint);
    else say(this.text, measure.empty ? words.measure_hint : measure.write(numbers));
    say(this.hint, measure && !measure.empty && !measure.ended ? words.measure_end : "");
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
      if (!tool || event.button !== 0 || this.measuring) return;
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
      this.host.picking.clickAt(first, add);
      return;
    }
    const ring = this.dragTool === "box" ? corners(drag) : drag;
    // A box that shift alone drew begins a new selection: shift is its tool, ctrl adds.
    const adds = this.tool ? add : event.ctrlKey || event.metaKey;
    this.host.picking.selectWithin(ring, (shape, seen) => meets(ring, shape, seen), adds);
    if (this.tool) this.use(null);
  }

  private isSame(one: Position, two: Position): boolean {
    const [a, b] = [this.host.project(one), this.host.project(two)];
    return Math.hypot(a.x - b.x, a.y - b.y) <= SAME;
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
