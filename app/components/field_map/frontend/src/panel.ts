/** The panel: search, layers, legend, basemap. It folds, and begins folded where there is little room. */

import { button, el } from "./dom";
import type { FieldMap } from "./field_map";
import { ICONS } from "./icons";
import { faded, legendSections, type LegendSection } from "./legend";
import { NO_BASEMAP, type Layer } from "./spec";
import { fill } from "./words";

const NARROW = "(max-width: 768px)";

export class Panel {
  readonly element = el("div", { class: "panel" });
  private readonly toggle: HTMLButtonElement;
  private readonly body = el("div", { class: "panel-body", id: "panel-body" });
  private readonly list = el("ul", { class: "layer-list" });
  private readonly legend = el("div", { class: "legend" });
  private readonly basemap = el("select", { id: "basemap" });
  private readonly basemaps: HTMLElement;
  private shownLayers = "";
  private shownBasemaps = "";

  constructor(private readonly host: FieldMap) {
    const { words } = host;
    this.toggle = button(ICONS.layers, words.panel, () => this.fold(!this.folded), {
      class: "panel-toggle",
      "aria-controls": "panel-body",
    });
    this.basemap.addEventListener("change", () => host.chooseBasemap(this.basemap.value));
    this.basemaps = el(
      "div",
      { class: "section" },
      el("label", { for: "basemap", class: "title" }, words.basemap),
      this.basemap,
    );
    this.body.append(
      el("section", { class: "section", "aria-label": words.layers }, el("h2", { class: "title" }, words.layers), this.list),
      el("section", { class: "section", "aria-label": words.legend }, el("h2", { class: "title" }, words.legend), this.legend),
      this.basemaps,
    );
    this.element.append(el("div", { class: "panel-head" }, host.search.element, this.toggle), this.body);
    this.fold(window.matchMedia(NARROW).matches);
  }

  get folded(): boolean {
    return Boolean(this.body.hidden);
  }

  fold(folded: boolean): void {
    const { words } = this.host;
    this.body.hidden = folded;
    this.toggle.setAttribute("aria-expanded", String(!folded));
    this.toggle.title = folded ? words.panel_open : words.panel_close;
    this.toggle.setAttribute("aria-label", this.toggle.title);
  }

  /** Show the layers as they are; the focus stays on the button that was pressed. */
  update(layers: Layer[]): void {
    const key = JSON.stringify([layers.map(({ source: _source, ...layer }) => layer), this.host.spec.compare]);
    if (key !== this.shownLayers) {
      this.shownLayers = key;
      const focused = (this.host.focused()?.dataset["control"] ?? "").toString();
      this.list.replaceChildren(...layers.map((layer, place) => this.row(layer, place, layers.length)));
      // One file by itself, as in its preview, needs no legend to name it.
      const sections = legendSections(layers).filter(({ rows }, _place, all) => rows.length > 0 || all.length > 1);
      this.legend.replaceChildren(...sections.flatMap((section) => this.legendOf(section)));
      if (focused) this.list.querySelector<HTMLElement>(`[data-control="${CSS.escape(focused)}"]`)?.focus();
    }
    this.updateBasemaps();
  }

  private updateBasemaps(): void {
    const { spec, words } = this.host;
    const key = JSON.stringify(spec.basemaps.map(({ id, title }) => [id, title]));
    if (key !== this.shownBasemaps) {
      this.shownBasemaps = key;
      this.basemap.replaceChildren(
        ...spec.basemaps.map(({ id, title }) => el("option", { value: id }, title)),
        el("option", { value: NO_BASEMAP }, words.basemap_none),
      );
      this.basemaps.hidden = spec.basemaps.length === 0;
    }
    this.basemap.value = this.host.basemap?.id ?? NO_BASEMAP;
  }

  private row(layer: Layer, place: number, count: number): HTMLLIElement {
    const { host } = this;
    const { words } = host;
    const box = el("input", { type: "checkbox", "data-control": `${layer.id}:visible` });
    box.checked = layer.visible;
    box.addEventListener("change", () => host.changeLayer(layer.id, { visible: box.checked }));
    const opacity = el("input", {
      type: "range",
      min: 0,
      max: 100,
      step: 5,
      value: Math.round(layer.opacity * 100),
      "aria-label": `${words.opacity}: ${layer.title}`,
      title: words.opacity,
      "data-control": `${layer.id}:opacity`,
    });
    opacity.addEventListener("input", () => host.changeLayer(layer.id, { opacity: Number(opacity.value) / 100 }, false));
    opacity.addEventListener("change", () => host.changeLayer(layer.id, { opacity: Number(opacity.value) / 100 }));
    const title = el("span", { class: "layer-title" }, layer.title);
    const go = layer.bounds
      ? [button(ICONS.target, fill(words.layer_go, { layer: layer.title }), () => host.goToLayer(layer.id), { "data-control": `${layer.id}:go` })]
      : [];
    const order =
      count < 2
        ? []
        : [
            button(ICONS.up, fill(words.layer_up, { layer: layer.title }), () => host.moveLayer(layer.id, -1), {
              "data-control": `${layer.id}:up`,
              "aria-disabled": place === 0 ? "true" : undefined,
            }),
            button(ICONS.down, fill(words.layer_down, { layer: layer.title }), () => host.moveLayer(layer.id, 1), {
              "data-control": `${layer.id}:down`,
              "aria-disabled": place === count - 1 ? "true" : undefined,
            }),
          ];
    return el(
      "li",
      { class: "layer" },
      el("label", { class: "layer-name" }, box, title),
      el("span", { class: "layer-order" }, ...go, ...order),
      ...(layer.visible ? [opacity] : []),
    );
  }

  private legendOf({ layer, titled, rows }: LegendSection): Node[] {
    const round = layer.kind === "markers" ? " round" : "";
    const list = el("ul", { "aria-label": layer.title });
    for (const { colour, label } of rows) {
      const patch = el("i", { class: `patch${round}`, "aria-hidden": "true" });
      // As it is on the map: as opaque as the layer, over the ground.
      patch.style.background = `linear-gradient(${faded(colour, layer.opacity)} 0 100%), var(--ground)`;
      list.append(el("li", {}, patch, el("span", {}, label)));
    }
    if (!rows.length) list.append(el("li", {}, this.host.words.own_colours));
    return titled ? [el("h3", {}, layer.title), list] : [list];
  }
}
