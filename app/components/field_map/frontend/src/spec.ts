/** What the page asks the map to show. The Python side (`spec.py`) writes it; `docs/map.md` is the contract. */

import type { Words } from "./words";

export type Position = [number, number];
export type Bounds = [number, number, number, number];
export type Kind = "fields" | "zones" | "markers" | "areas" | "h3" | "changes" | "kmz";
export type Side = "a" | "b" | "both";
export type Comparison = "none" | "swipe" | "blink";

export interface ValueStop {
  value: string | number | null;
  colour: string;
  label: string;
}

export interface ClassStop {
  from: number;
  colour: string;
  label: string;
}

export type Colour =
  | { by: string; kind: "values"; stops: ValueStop[]; other: string; other_label: string }
  | { by: string; kind: "classes"; stops: ClassStop[]; other: string; other_label: string }
  | { kind: "own" }
  | { kind: "single"; colour: string };

export interface Fact {
  column: string;
  label: string;
  digits: number | null;
  unit: string;
}

export interface Overlay {
  image: string;
  corners: [Position, Position, Position, Position];
  opacity: number;
}

export interface Layer {
  id: string;
  kind: Kind;
  title: string;
  source: string;
  /** Of what makes the tiles: part of their addresses, since browsers keep them for good. */
  version: string;
  side: Side;
  visible: boolean;
  opacity: number;
  label: boolean;
  filter: Record<string, string[]>;
  colour: Colour;
  facts: Fact[];
  overlays: Overlay[];
  /** Folders of a KMZ that are switched off. */
  hidden_folders: number[];
  /** Where it lies, of a layer that may be elsewhere than the rest. */
  bounds: Bounds | null;
}

export interface Basemap {
  id: string;
  title: string;
  tiles: string[];
  attribution: string;
  maxzoom: number;
  dark: boolean;
}

export interface Spec {
  language: string;
  words: Words;
  basemaps: Basemap[];
  basemap: string;
  layers: Layer[];
  /** Ids of layers whose files are still read: they come with another spec. */
  coming: string[];
  bounds: Bounds | null;
  view: [number, number, number] | null;
  selection: string[];
  /** Of each selected field; null of one that the backup does not have. */
  selection_hectares: (number | null)[];
  focus: { id: string; serial: number } | null;
  compare: Comparison;
  titles: { a: string; b: string };
  title: string;
  height: number;
  /** What a copied link says beside the address, so that it shows the same tomorrow. */
  link: Record<string, string>;
  version: string;
}

/** What Python is told of a layer: its place in the list is its place on the map, first on top. */
export interface LayerState {
  id: string;
  visible: boolean;
  opacity: number;
}

export const NO_BASEMAP = "none";
