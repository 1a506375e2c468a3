/** A layer of the page as sources and layers of MapLibre. Pure: the same spec gives the same style. */

import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import { type ColourValue, expression, fillColour } from "./colour";
import type { Basemap, Layer, Side } from "./spec";

/** Above this the tiles of zoom 14 are scaled. */
const MAXZOOM = 14;
/** Further out fields are a few pixels wide: an outline would cover their colour. */
const OUTLINE_FROM = 9;
const FONT = ["sans-serif"];
const BASEMAP = "basemap";
/** What a hover, a card, the sum of the selection and usual colours need. Asked for always, so another colour asks for no new tile. */
const COLUMNS: Record<Layer["kind"], string[]> = {
  fields: ["name", "campo", "cultivo", "superficie_geodesica_ha"],
  zones: ["name"],
  markers: ["name"],
  areas: ["name"],
  h3: ["superficie_ha", "lotes", "muestreos", "cultivo", "campo"],
  changes: ["name", "cambio"],
  kmz: ["name", "fill", "fill_opacity", "stroke", "stroke_opacity", "width", "icon", "icon_scale", "folder", "label"],
};

export interface Look {
  ground: string;
  text: string;
  halo: string;
  outline: string;
  accent: string;
}

/**
 * Give the path below which a layer's tiles and answers are: a KMZ that is only looked at lies with the previews.
 * A source that begins with a slash is such a path already.
 */
export function address(layer: Pick<Layer, "kind" | "source">): string {
  if (layer.source.startsWith("/")) return layer.source;
  return `/${layer.kind === "kmz" ? "previews" : "tiles"}/${layer.source.split("/").map(encodeURIComponent).join("/")}`;
}

/** Give the columns that a layer's tiles have to carry. */
export function columns(layer: Layer): string[] {
  const wanted = [...COLUMNS[layer.kind], ...layer.facts.map((fact) => fact.column)];
  if ("by" in layer.colour) wanted.push(layer.colour.by);
  return [...new Set(wanted)].filter((name) => name !== "id" && name !== "n").sort();
}

/** Give the address of a layer's tiles, with MapLibre's placeholders. */
export function tiles(layer: Layer, origin: string): string {
  const query = new URLSearchParams();
  const wanted = columns(layer);
  if (wanted.length) query.set("columns", wanted.join(","));
  for (const [column, values] of Object.entries(layer.filter)) {
    for (const value of values) query.append(column, value);
  }
  query.set("v", layer.version);
  return `${origin}${address(layer)}/{z}/{x}/{y}.mvt?${query.toString().replaceAll("%2C", ",")}`;
}

/** Name the source of a layer: two layers that ask for the same tiles share it. */
export function sourceId(layer: Layer): string {
  return tiles(layer, "");
}

/** Tell whether layers are other ones altogether than those before: then the map goes where they lie. */
export function isOther(before: Pick<Layer, "id">[], now: Pick<Layer, "id">[]): boolean {
  return before.length > 0 && now.length > 0 && !now.some(({ id }) => before.some((each) => each.id === id));
}

/** Tell the layers that a side of a comparison shows; without one, side a is the whole map. */
export function ofSide(layers: Layer[], side: Exclude<Side, "both">): Layer[] {
  return layers.filter((layer) => layer.side === "both" || layer.side === side);
}

/** Make the whole style: ground, basemap, then the layers of the list from the last to the first, then their labels. */
export function style(layers: Layer[], basemap: Basemap | undefined, look: Look, origin: string): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {};
  const drawn: LayerSpecification[] = [{ id: "ground", type: "background", paint: { "background-color": look.ground } }];
  if (basemap) {
    sources[basemapSource(basemap)] = rasters(basemap, origin);
    drawn.push({
      id: BASEMAP,
      type: "raster",
      source: basemapSource(basemap),
      paint: { "raster-fade-duration": 0 },
    });
  }
  const upwards = [...layers].reverse();
  for (const layer of upwards) {
    sources[sourceId(layer)] = vectors(layer, origin);
    for (const [number, overlay] of layer.overlays.entries()) {
      const id = `${layer.id}/overlay-${number}`;
      sources[id] = { type: "image", url: new URL(overlay.image, origin).href, coordinates: overlay.corners };
      drawn.push({
        id,
        type: "raster",
        source: id,
        layout: { visibility: layer.visible ? "visible" : "none" },
        paint: { "raster-opacity": overlay.opacity * layer.opacity, "raster-fade-duration": 0 },
      });
    }
    drawn.push(...shapes(layer, look));
  }
  for (const layer of upwards) if (layer.label) drawn.push(label(layer, look));
  return { version: 8, sources, layers: drawn };
}

/** Tell whether a layer's features can be selected: fields, and what belongs to them in a table. */
export function isSelectable(layer: Pick<Layer, "kind">): boolean {
  return layer.kind === "fields" || layer.kind === "changes";
}

/** Name the source of a basemap. */
export function basemapSource(basemap: Basemap): string {
  return `${BASEMAP}-${basemap.id}`;
}

/** Tell whether a source is a basemap. */
export function isBasemap(source: string): boolean {
  return source.startsWith(`${BASEMAP}-`);
}

/** Tell which layer of the page a layer of the style belongs to. */
export function ownerOf(styleLayer: string): string {
  return styleLayer.slice(0, styleLayer.lastIndexOf("/"));
}

/** Name the layers of the style that a pointer can hit. */
export function pickable(layers: Layer[]): string[] {
  return layers.filter((layer) => layer.visible).flatMap((layer) => parts(layer).map((part) => `${layer.id}/${part}`));
}

function parts(layer: Layer): ("fill" | "line" | "circle" | "icon")[] {
  if (layer.kind === "markers") return ["circle"];
  if (layer.kind === "kmz") return ["fill", "line", "circle", "icon"];
  return ["fill"];
}

function rasters(basemap: Basemap, origin: string): SourceSpecification {
  return {
    type: "raster",
    // One of our own is written without its origin.
    tiles: basemap.tiles.map((tile) => (tile.startsWith("/") ? origin + tile : tile)),
    tileSize: 256,
    maxzoom: basemap.maxzoom,
    attribution: basemap.attribution,
  };
}

function vectors(layer: Layer, origin: string): SourceSpecification {
  return {
    type: "vector",
    tiles: [tiles(layer, origin)],
    minzoom: 0,
    maxzoom: MAXZOOM,
    promoteId: { shapes: "id", labels: "id" },
  };
}

function shapes(layer: Layer, look: Look): LayerSpecification[] {
  if (layer.kind === "markers") return [circles(layer, look)];
  if (layer.kind === "kmz") return [fills(layer), lines(layer, look), circles(layer, look), icons(layer)];
  return [fills(layer), lines(layer, look)];
}

const SELECTED = ["boolean", ["feature-state", "selected"], false];
const HOVERED = ["boolean", ["feature-state", "hovered"], false];
const POLYGON = ["any", ["==", ["geometry-type"], "Polygon"], ["==", ["geometry-type"], "MultiPolygon"]];
const POINT = ["any", ["==", ["geometry-type"], "Point"], ["==", ["geometry-type"], "MultiPoint"]];

function common(layer: Layer, part: string): { id: string; source: string; "source-layer": string } {
  return { id: `${layer.id}/${part}`, source: sourceId(layer), "source-layer": part === "label" ? "labels" : "shapes" };
}

function shown(layer: Layer): { visibility: "visible" | "none" } {
  return { visibility: layer.visible ? "visible" : "none" };
}

/** Keep what is of a form, and in a folder that is switched on. */
function filtered(layer: Layer, ...conditions: unknown[]): { filter: ReturnType<typeof expression> } {
  const hidden = layer.hidden_folders.length
    ? [["!", ["in", ["coalesce", ["get", "folder"], -1], ["literal", layer.hidden_folders]]]]
    : [];
  return { filter: expression(["all", ...conditions, ...hidden]) };
}

function fills(layer: Layer): LayerSpecification {
  const own = layer.colour.kind === "own" ? ["*", layer.opacity, number("fill_opacity", 1)] : layer.opacity;
  const strong = layer.colour.kind === "own" ? own : Math.min(1, layer.opacity + 0.25);
  return {
    ...common(layer, "fill"),
    ...filtered(layer, POLYGON),
    type: "fill",
    layout: shown(layer),
    paint: {
      "fill-color": fillColour(layer.colour),
      "fill-opacity": expression(["case", ["any", SELECTED, HOVERED], strong, own]),
    },
  };
}

function lines(layer: Layer, look: Look): LayerSpecification {
  const own = layer.colour.kind === "own";
  const colour = own ? ["coalesce", ["get", "stroke"], look.outline] : look.outline;
  const width = own ? number("width", 1) : layer.kind === "h3" ? 0.4 : 1;
  const opacity = own ? ["*", layer.opacity, number("stroke_opacity", 1)] : Math.min(1, 0.25 + layer.opacity);
  const merges = layer.kind === "fields" || layer.kind === "changes" || layer.kind === "h3";
  return {
    ...common(layer, "line"),
    ...filtered(layer, ["!", POINT]),
    type: "line",
    minzoom: merges ? OUTLINE_FROM : 0,
    layout: { ...shown(layer), "line-join": "round" },
    paint: {
      "line-color": expression(["case", SELECTED, look.accent, HOVERED, look.text, colour]),
      "line-width": expression(["case", SELECTED, 3.5, HOVERED, 2, width]),
      "line-opacity": expression(["case", ["any", SELECTED, HOVERED], 1, opacity]),
    },
  };
}

function circles(layer: Layer, look: Look): LayerSpecification {
  const kmz = layer.kind === "kmz";
  // A point that is only a label has no dot.
  const own = kmz ? ["*", layer.opacity, number("fill_opacity", 1)] : layer.opacity;
  return {
    ...common(layer, "circle"),
    ...filtered(layer, POINT, ...(kmz ? [["!", ["has", "icon"]]] : [])),
    type: "circle",
    layout: shown(layer),
    paint: {
      "circle-color": fillColour(layer.colour) as ColourValue,
      "circle-radius": expression([
        "interpolate", ["linear"], ["zoom"],
        5, ["case", SELECTED, 4, 2],
        12, ["case", SELECTED, 7, 5],
        16, ["case", SELECTED, 10, 8],
      ]),
      "circle-opacity": expression(own),
      "circle-stroke-color": expression(["case", SELECTED, look.accent, look.halo]),
      "circle-stroke-width": expression(["case", SELECTED, 3, HOVERED, 2.5, 1]),
      "circle-stroke-opacity": expression(own),
    },
  };
}

function icons(layer: Layer): LayerSpecification {
  return {
    ...common(layer, "icon"),
    ...filtered(layer, POINT, ["has", "icon"]),
    type: "symbol",
    layout: {
      ...shown(layer),
      "icon-image": expression(["concat", iconPrefix(layer), ["to-string", ["get", "icon"]]]),
      "icon-size": expression(number("icon_scale", 1)),
      "icon-allow-overlap": true,
    },
    paint: { "icon-opacity": expression(["*", layer.opacity, number("fill_opacity", 1)]) },
  };
}

/** Name the icons of a KMZ: their name is their address. */
export function iconPrefix(layer: Layer): string {
  return `${address(layer).split("/").slice(0, 3).join("/")}/image/`;
}

function label(layer: Layer, look: Look): LayerSpecification {
  const beside = layer.kind === "markers" || layer.kind === "kmz";
  return {
    ...common(layer, "label"),
    ...filtered(layer),
    type: "symbol",
    layout: {
      ...shown(layer),
      "text-field": expression(["to-string", ["get", layer.kind === "kmz" ? "label" : "name"]]),
      "text-font": FONT,
      "text-size": expression(["interpolate", ["linear"], ["zoom"], 9, 10, 14, 12.5, 17, 15]),
      "text-max-width": 7,
      "text-padding": 3,
      ...(beside
        ? { "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.8, "text-justify": "auto" }
        : {}),
    },
    paint: { "text-color": look.text, "text-halo-color": look.halo, "text-halo-width": 1.4 },
  };
}

function number(attribute: string, otherwise: number): unknown {
  return ["coalesce", ["to-number", ["get", attribute], otherwise], otherwise];
}
