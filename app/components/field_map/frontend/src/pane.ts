/** One map of MapLibre: the whole, or one side of a comparison. */

import {
  Map as MapLibre,
  type MapGeoJSONFeature,
  type MapMouseEvent,
  type PointLike,
  type StyleSpecification,
} from "maplibre-gl";
import { address, isBasemap, isSelectable, ofSide, ownerOf, pickable, sourceId, style, type Look } from "./layers";
import type { Basemap, Layer } from "./spec";

/** A feature under the pointer, of a layer of the page. */
export interface Hit {
  layer: Layer;
  id: string;
  feature: MapGeoJSONFeature;
}

export interface PaneEvents {
  moved(pane: Pane): void;
  hovered(pane: Pane, hit: Hit | null, event: MapMouseEvent): void;
  left(): void;
  clicked(pane: Pane, hit: Hit | null, event: MapMouseEvent): void;
  busy(): void;
  idle(): void;
  failed(source: string): void;
  loaded(source: string): void;
}

/** What of the last style is still drawn beneath the new one. */
type Held = Pick<StyleSpecification, "sources" | "layers">;

interface FailedTile {
  tileID: { key: string; canonical: { x: number; y: number; z: number } };
}

interface Start {
  centre: [number, number];
  zoom: number;
  label: string;
}

/** How far beside a line or a point a click still counts, in pixels. */
const REACH = 3;
const WATCH_MS = 400;
const ICON_PX = 32;

export class Pane {
  readonly map: MapLibre;
  private layers: Layer[] = [];
  private selection = new Set<string>();
  private hover: Hit | null = null;
  private wanted: StyleSpecification | null = null;
  private held: Held | null = null;
  private applied: StyleSpecification | null = null;
  private ready = false;
  private watch: number | undefined;
  /** Tiles of ours that did not come, by source: asked for again after the next move. */
  private readonly failed = new Map<string, Map<string, { x: number; y: number; z: number }>>();
  settled = false;

  constructor(
    readonly container: HTMLElement,
    readonly side: "a" | "b",
    start: Start,
    private readonly events: PaneEvents,
  ) {
    this.map = new MapLibre({
      container,
      style: { version: 8, sources: {}, layers: [] },
      center: start.centre,
      zoom: start.zoom,
      attributionControl: false,
      boxZoom: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      // Tiles of a field differ from zoom to zoom; none is asked for twice.
      refreshExpiredTiles: false,
      // Our own style: checking it costs more than drawing it.
      validateStyle: false,
      locale: { "Map.Title": start.label },
    });
    this.map.keyboard.disableRotation();
    this.map.touchZoomRotate.disableRotation();
    this.map.setMissingStyleImageResolver((id) => this.loadIcon(id));
    this.listen();
  }

  /** Show layers on a basemap; what stays the same is not drawn again. */
  show(all: Layer[], basemap: Basemap | undefined, look: Look): void {
    this.layers = ofSide(all, this.side);
    this.wanted = style(this.layers, basemap, look, window.location.origin);
    this.apply();
  }

  /** Mark the fields of a selection. */
  select(ids: Iterable<string>): void {
    const before = this.selection;
    this.selection = new Set(ids);
    for (const id of before) if (!this.selection.has(id)) this.markSelected(id, false);
    for (const id of this.selection) if (!before.has(id)) this.markSelected(id, true);
  }

  /** Find what lies at a place, the topmost first. */
  hitAt(point: { x: number; y: number }): Hit | null {
    const box: [PointLike, PointLike] = [
      [point.x - REACH, point.y - REACH],
      [point.x + REACH, point.y + REACH],
    ];
    const exact = this.query([point.x, point.y]);
    return exact[0] ?? this.query(box).find((hit) => !hit.feature.geometry.type.includes("Polygon")) ?? null;
  }

  /** Find all that lies in a box. */
  query(place: PointLike | [PointLike, PointLike]): Hit[] {
    if (!this.ready) return [];
    const layers = pickable(this.layers).filter((id) => this.map.getLayer(id));
    const hits: Hit[] = [];
    for (const feature of this.map.queryRenderedFeatures(place, { layers })) {
      const layer = this.layers.find((each) => each.id === ownerOf(feature.layer.id));
      const id = feature.properties["id"] as unknown;
      // What was switched off a moment ago may still be drawn.
      if (layer?.hidden_folders.includes(Number(feature.properties["folder"] ?? -1))) continue;
      if (layer && id !== undefined && id !== null) hits.push({ layer, id: String(id), feature });
    }
    return hits;
  }

  /** Whether a double click brings the map nearer. */
  zoomOnDoubleClick(on: boolean): void {
    if (on) this.map.doubleClickZoom.enable();
    else this.map.doubleClickZoom.disable();
  }

  remove(): void {
    window.clearTimeout(this.watch);
    this.map.remove();
  }

  private listen(): void {
    const { map, events } = this;
    map.on("style.load", () => {
      this.ready = true;
      this.apply();
    });
    map.on("moveend", () => this.retry());
    map.on("move", () => events.moved(this));
    map.on("mousemove", (event) => {
      const hit = event.originalEvent.buttons ? null : this.hitAt(event.point);
      this.point(hit);
      events.hovered(this, hit, event);
    });
    map.on("mouseout", () => {
      this.point(null);
      events.left();
    });
    map.on("click", (event) => events.clicked(this, this.hitAt(event.point), event));
    map.on("dataloading", () => this.unsettle());
    map.on("movestart", () => this.unsettle());
    map.on("idle", () => {
      if (!this.ready || !this.applied) return;
      if (this.held) {
        this.held = null;
        this.apply();
        return;
      }
      this.settled = true;
      this.tellLoaded();
      events.idle();
    });
    map.on("error", (event) => {
      const { sourceId: source, tile } = event as unknown as { sourceId?: string; tile?: FailedTile };
      if (!source) return;
      if (tile && !isBasemap(source)) {
        const { key, canonical } = tile.tileID;
        const tiles = this.failed.get(source) ?? new Map();
        this.failed.set(source, tiles.set(key, { x: canonical.x, y: canonical.y, z: canonical.z }));
      }
      events.failed(source);
    });
    map.on("sourcedata", (event) => {
      if (!event.tile) return;
      if (isBasemap(event.sourceId)) events.loaded(event.sourceId);
      else this.failed.get(event.sourceId)?.delete((event.tile as FailedTile).tileID.key);
    });
  }

  /** Tell whether a tile of a source did not come. */
  lacks(source: string): boolean {
    return Boolean(this.failed.get(source)?.size);
  }

  /** Ask for all tiles of an address anew. */
  reload(path: string): void {
    for (const source of new Set(this.layers.filter((layer) => address(layer) === path).map(sourceId))) {
      if (this.map.getSource(source)) this.map.refreshTiles(source);
    }
  }

  /** Ask again for what did not come. What is out of view by now is forgotten; what fails again tells so again. */
  private retry(): void {
    for (const [source, tiles] of this.failed) {
      const asked = [...tiles.values()];
      tiles.clear();
      if (asked.length && this.map.getSource(source)) this.map.refreshTiles(source, asked);
    }
  }

  private tellLoaded(): void {
    for (const [source, tiles] of this.failed) {
      if (tiles.size && this.map.getSource(source)) continue;
      this.failed.delete(source);
      this.events.loaded(source);
    }
  }

  private unsettle(): void {
    this.settled = false;
    this.events.busy();
    window.clearTimeout(this.watch);
    this.watch = window.setTimeout(() => this.look(), WATCH_MS);
  }

  /** MapLibre tells of being idle after it has drawn, and draws nothing for a tile that failed: make it draw. */
  private look(): void {
    if (this.settled) return;
    if (this.map.loaded()) this.map.triggerRepaint();
    this.watch = window.setTimeout(() => this.look(), WATCH_MS);
  }

  /**
   * Give MapLibre the style; it works out what differs. Layers whose tiles are asked for anew (another filter) stay
   * beneath until the new ones are drawn, so that nothing blinks.
   */
  private apply(): void {
    if (!this.ready || !this.wanted) return;
    const next = this.wanted;
    const before = this.applied;
    if (before && before !== next) this.hold(before, next);
    this.applied = next;
    this.unsettle();
    this.map.setStyle(this.held ? withHeld(next, this.held) : next, { diff: true, validate: false });
    for (const id of this.selection) this.markSelected(id, true);
    this.map.triggerRepaint();
  }

  private hold(before: StyleSpecification, next: StyleSpecification): void {
    const ids = new Set(next.layers.map((layer) => layer.id));
    const gone = before.layers.filter((layer) => {
      const source = "source" in layer ? String(layer.source) : "";
      const same = layer.type === "fill" || layer.type === "circle";
      return same && ids.has(layer.id) && source !== "" && !(source in next.sources);
    });
    if (!gone.length) return;
    const sources: StyleSpecification["sources"] = {};
    for (const layer of gone) {
      const source = "source" in layer ? String(layer.source) : "";
      const specified = before.sources[source];
      if (specified) sources[source] = specified;
    }
    this.held = { sources, layers: gone.map((layer) => ({ ...layer, id: `held/${layer.id}` })) };
  }

  /** An id is one of its own layer's: what is called alike in another is something else. */
  private mark(layers: Layer[], id: string, state: Record<string, boolean>): void {
    if (!this.ready) return;
    for (const source of new Set(layers.map(sourceId))) {
      if (this.map.getSource(source)) this.map.setFeatureState({ source, sourceLayer: "shapes", id }, state);
    }
  }

  private markSelected(id: string, selected: boolean): void {
    this.mark(this.layers.filter(isSelectable), id, { selected });
  }

  private point(hit: Hit | null): void {
    const { hover } = this;
    if (hit?.id !== hover?.id || hit?.layer.id !== hover?.layer.id) {
      if (hover) this.mark([hover.layer], hover.id, { hovered: false });
      if (hit) this.mark([hit.layer], hit.id, { hovered: true });
    }
    this.hover = hit;
  }

  private async loadIcon(id: string): Promise<void> {
    const address = new URL(id, window.location.origin);
    if (address.origin !== window.location.origin || !address.pathname.startsWith("/previews/")) return;
    const { data } = await this.map.loadImage(address.href);
    // At a scale of 1 an icon is as large as Google Earth draws it, whatever its picture is.
    const pixelRatio = Math.max(data.width, data.height) / ICON_PX;
    if (!this.map.hasImage(id)) this.map.addImage(id, data, { pixelRatio });
  }
}

function withHeld(next: StyleSpecification, held: Held): StyleSpecification {
  const place = next.layers.findIndex((layer) => layer.type !== "background" && layer.type !== "raster");
  const at = place < 0 ? next.layers.length : place;
  return {
    ...next,
    sources: { ...next.sources, ...held.sources },
    layers: [...next.layers.slice(0, at), ...held.layers, ...next.layers.slice(at)],
  };
}
