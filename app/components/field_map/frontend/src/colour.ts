/** Colours of features, as MapLibre's expressions, and the rows of the legend. */

import type { ExpressionSpecification } from "maplibre-gl";
import type { Colour, Layer } from "./spec";

export type ColourValue = string | ExpressionSpecification;

/** Give the colour of a feature's fill (or of a marker's circle). */
export function fillColour(colour: Colour): ColourValue {
  switch (colour.kind) {
    case "single":
      return colour.colour;
    case "own":
      return expression(["coalesce", ["get", "fill"], ["get", "stroke"], "#9A9A9A"]);
    case "values":
      return byValues(colour.by, colour.stops, colour.other);
    case "classes":
      return byClasses(colour.by, colour.stops, colour.other);
  }
}

function byValues(by: string, stops: { value: string | number | null; colour: string }[], other: string): ColourValue {
  const branches: unknown[] = [];
  const seen = new Set<string>();
  let none = other;
  for (const { value, colour } of stops) {
    if (value === null) none = colour;
    // A label that stands twice in a `match` is an error of the whole style.
    else if (!seen.has(String(value))) {
      seen.add(String(value));
      branches.push(String(value), colour);
    }
  }
  const known = branches.length ? ["match", ["to-string", ["get", by]], ...branches, other] : other;
  return expression(["case", ["has", by], known, none]);
}

function byClasses(by: string, stops: { from: number; colour: string }[], other: string): ColourValue {
  const sorted = [...stops].sort((one, two) => one.from - two.from);
  const first = sorted[0];
  if (first === undefined) return other;
  const steps = sorted.slice(1).filter((stop, place) => stop.from > (sorted[place]?.from ?? -Infinity));
  const value = ["to-number", ["get", by]];
  const scale = steps.length ? ["step", value, first.colour, ...steps.flatMap((s) => [s.from, s.colour])] : first.colour;
  return expression(["case", ["has", by], scale, other]);
}

export interface LegendRow {
  colour: string;
  label: string;
}

/** Give the rows of a layer's legend; none for a KMZ, whose styles are its own. */
export function legendRows(layer: Layer): LegendRow[] {
  const { colour } = layer;
  switch (colour.kind) {
    case "own":
      return [];
    case "single":
      return [{ colour: colour.colour, label: layer.title }];
    case "values":
    case "classes": {
      const rows = colour.stops.map((stop) => ({ colour: stop.colour, label: stop.label }));
      return colour.other_label ? [...rows, { colour: colour.other, label: colour.other_label }] : rows;
    }
  }
}

/** Tell the layers that a legend explains: those that are seen, and the two sides of a comparison once. */
export function explained(layers: Layer[]): Layer[] {
  const keys = new Set<string>();
  return layers.filter((layer) => {
    const key = JSON.stringify([layer.title, layer.colour]);
    const wanted = layer.visible && legendRows(layer).length > 0 && !keys.has(key);
    if (wanted) keys.add(key);
    return wanted;
  });
}

/** Take an expression as it is written; MapLibre's types do not follow nested ones. */
export function expression(written: unknown): ExpressionSpecification {
  return written as ExpressionSpecification;
}
