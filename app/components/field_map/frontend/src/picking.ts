/** What a click, a key, a box or a lasso hits: whose card is shown, and what is selected. */

import type { FieldMap } from "./field_map";
import { isSelectable } from "./layers";
import type { Hit, Pane } from "./pane";
import type { Point, Shape } from "./shapes";
import type { Position } from "./spec";
import { fill } from "./words";

/** Tell for how many fields a feature stands: small ones are merged at some scales. */
export function mergedOf(properties: Record<string, unknown>): number {
  return Number(properties["n"] ?? 1);
}

export class Picking {
  constructor(private readonly host: FieldMap) {}

  /** Show the card of what was hit and select it; `add` selects it beside the others, without a card. */
  pick(hit: Hit | null, add: boolean): void {
    const { card, hover, selection } = this.host;
    hover.hide();
    if (!hit) {
      if (add) return;
      card.close();
      if (selection.ids.length < 2) this.host.choose([]);
      return;
    }
    const { id, layer, feature } = hit;
    const merged = mergedOf(feature.properties);
    if (isSelectable(layer)) {
      // What is merged is drawn as the largest of many: nobody has chosen just that one.
      if (merged > 1) this.tellSmall(add ? merged : 0);
      else {
        selection.learn(id, feature.properties);
        const { ids } = selection;
        if (!add) this.host.choose([id]);
        else this.host.choose(selection.has(id) ? ids.filter((each) => each !== id) : [...ids, id]);
      }
    }
    if (!add) void card.show(layer, id, String(feature.properties["name"] ?? ""), merged);
  }

  /** Take a click at a place of the stage, which a tool has kept from MapLibre. */
  clickAt(point: Point, add: boolean): void {
    const pane = this.host.panes().find((each) => this.isSeen(each, point)) ?? this.host.main();
    this.pick(pane.hitAt(point), add);
  }

  /** Select what a drawn ring meets, of what can be seen. */
  selectWithin(ring: Point[], meets: (shape: Shape, seen: (point: Point) => boolean) => boolean, add: boolean): void {
    const { selection } = this.host;
    const xs = ring.map(({ x }) => x);
    const ys = ring.map(({ y }) => y);
    const box: [[number, number], [number, number]] = [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
    const found = new Set<string>();
    let small = 0;
    for (const pane of this.host.panes()) {
      const seen = (point: Point): boolean => this.isSeen(pane, point);
      for (const hit of pane.query(box)) {
        if (!isSelectable(hit.layer) || !meets(this.shapeOf(hit), seen)) continue;
        const merged = mergedOf(hit.feature.properties);
        if (merged > 1) small += merged;
        else {
          selection.learn(hit.id, hit.feature.properties);
          found.add(hit.id);
        }
      }
    }
    this.tellSmall(small);
    this.host.choose(add ? [...new Set([...selection.ids, ...found])] : [...found]);
  }

  private tellSmall(count: number): void {
    const { words, numbers } = this.host;
    if (count) this.host.announce(fill(words.selection_small, { count: numbers.write(count) }));
  }

  /** Tell whether a pane is what is seen at a place: of two sides one lies under the other. */
  private isSeen(pane: Pane, { x }: Point): boolean {
    const { cut, shown } = this.host.compare;
    if (shown !== null) return shown === pane.side;
    return cut === null || x >= cut === (pane.side === "b");
  }

  private shapeOf(hit: Hit): Shape {
    const { geometry } = hit.feature;
    const points = (places: unknown): Point[] => (places as Position[]).map((place) => this.host.project(place));
    switch (geometry.type) {
      case "Polygon":
        return { parts: geometry.coordinates.map(points), closed: true };
      case "MultiPolygon":
        return { parts: geometry.coordinates.flat().map(points), closed: true };
      case "LineString":
        return { parts: [points(geometry.coordinates)], closed: false };
      case "MultiLineString":
        return { parts: geometry.coordinates.map(points), closed: false };
      case "Point":
        return { parts: [points([geometry.coordinates])], closed: false };
      case "MultiPoint":
        return { parts: geometry.coordinates.map((place) => points([place])), closed: false };
      default:
        return { parts: [], closed: false };
    }
  }
}
