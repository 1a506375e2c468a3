/** What the legend tells, on the screen and in print: the layers that are seen, each with its colours. */

import type { Layer } from "./spec";

export interface LegendRow {
  colour: string;
  label: string;
}

/** A colour `#RRGGBB` with an opacity of 0 to 1, as CSS and canvases take it: over the ground it is that of the map. */
export function faded(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255).toString(16).padStart(2, "0")}`;
}

/** A layer in the legend. titled: whether its title stands above its rows; one without rows brings its own colours. */
export interface LegendSection {
  layer: Layer;
  titled: boolean;
  rows: LegendRow[];
}

/** Give the sections of a legend: the layers that are seen, the two sides of a comparison once, then what is laid over them. */
export function legendSections(layers: Layer[]): LegendSection[] {
  const seen = layers.filter((layer) => layer.visible);
  const own = seen.filter((layer) => layer.colour.kind === "own");
  const told = withoutTwins(seen).flatMap((layer) => {
    const rows = legendRows(layer);
    return rows.length ? [{ layer, rows }] : [];
  });
  const several = told.length + own.length > 1;
  return [
    ...told.map(({ layer, rows }) => ({ layer, titled: several && layer.colour.kind !== "single", rows })),
    ...own.map((layer) => ({ layer, titled: true, rows: [] })),
  ];
}

function withoutTwins(layers: Layer[]): Layer[] {
  const keys = new Set<string>();
  return layers.filter((layer) => {
    const key = JSON.stringify([layer.title, layer.colour]);
    const wanted = !keys.has(key);
    keys.add(key);
    return wanted;
  });
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
