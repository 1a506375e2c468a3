/** Colours of features, as MapLibre's expressions. */

import type { ExpressionSpecification } from "maplibre-gl";
import type { Colour } from "./spec";

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

/** Take an expression as it is written; MapLibre's types do not follow nested ones. */
export function expression(written: unknown): ExpressionSpecification {
  return written as ExpressionSpecification;
}
