/** What a feature is called, beside the pointer, with one or two of its facts. */

import { el } from "./dom";
import type { Layer } from "./spec";
import { fill, type Numbers, type Words } from "./words";

type Properties = Record<string, unknown>;

/** Write the lines of the hover card from the attributes of a tile: the name first. */
export function lines(layer: Layer, properties: Properties, words: Words, numbers: Numbers): string[] {
  const written: string[] = [];
  const count = Number(properties["n"] ?? 1);
  const name = properties["name"];
  // What stands for several is called like none of them.
  if (typeof name === "string" && name && count <= 1) written.push(name);
  for (const { column, label, digits, unit } of layer.facts) {
    const value = properties[column];
    if (value === undefined || value === null || value === "") continue;
    const text = typeof value === "number" && digits !== null ? numbers.write(value, digits) : String(value);
    written.push([label ? `${label}: ` : "", text, unit ? ` ${unit}` : ""].join(""));
  }
  if (count > 1) written.push(fill(words.merged, { count: numbers.write(count) }));
  return written;
}

export class Hover {
  /** Not for screen readers: what it says stands in the card too. */
  readonly element = el("div", { class: "hover", "aria-hidden": "true", hidden: true });

  show(text: string[], point: { x: number; y: number }, room: { width: number; height: number }): void {
    this.element.hidden = text.length === 0;
    if (!text.length) return;
    this.element.replaceChildren(...text.map((line, place) => el(place ? "span" : "b", {}, line)));
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = point.x + 14 + width > room.width ? point.x - width - 10 : point.x + 14;
    const top = point.y + 14 + height > room.height ? point.y - height - 10 : point.y + 14;
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
