/** The card of a feature: its facts, its history and what can be done with it. Text, never HTML. */

import { button, el, textButton } from "./dom";
import type { FieldMap } from "./field_map";
import { ICONS } from "./icons";
import { address, isSelectable } from "./layers";
import type { Bounds, Layer, Position } from "./spec";
import { fill } from "./words";

/** What `feature.json` answers. */
export interface Facts {
  id: string;
  name: string;
  centre: Position;
  bounds: Bounds | null;
  facts: { label: string; value: string }[];
  history: { season: string; crop: string; hectares: string; since: string }[];
  actions: { label: string; href: string }[];
}

/** Tell whether an action's address is one of our own: no other origin, no script. */
export function isOurs(href: string): boolean {
  return href.startsWith("/") && !href.startsWith("//") && !href.startsWith("/\\");
}

export class Card {
  readonly element: HTMLElement;
  private asking: AbortController | null = null;
  private back: HTMLElement | null = null;
  private shown: { layer: Layer; id: string } | null = null;

  constructor(private readonly host: FieldMap) {
    this.element = el("section", { class: "card", role: "dialog", "aria-label": host.words.card, hidden: true, tabindex: -1 });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** Ask for the facts of a feature and show them; `name` stands above them meanwhile. */
  async show(layer: Layer, id: string, name: string, merged = 0): Promise<Facts | null> {
    const { words, spec } = this.host;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    if (!this.open) this.back = this.host.focused();
    this.shown = { layer, id };
    const note = merged > 1 ? [el("p", { class: "note" }, fill(words.merged, { count: this.host.numbers.write(merged) }))] : [];
    this.put(name, ...note, el("p", { class: "note", role: "status" }, words.card_busy));
    try {
      const query = new URLSearchParams({ id, lang: spec.language });
      const answer = await fetch(`${address(layer)}/feature.json?${query}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const facts = (await answer.json()) as Facts;
      this.put(facts.name || name, ...note, ...this.content(layer, facts));
      return facts;
    } catch (error) {
      if ((error as Error).name !== "AbortError") {
        this.put(name, ...note, el("p", { class: "note", role: "alert" }, words.card_failed));
      }
      return null;
    }
  }

  /** Close the card; the focus goes back to where it came from, if it was in the card. */
  close(): void {
    this.asking?.abort();
    const inside = this.element.contains(this.host.focused());
    this.element.hidden = true;
    this.shown = null;
    if (inside) (this.back?.isConnected ? this.back : this.host.canvas()).focus({ preventScroll: true });
    this.back = null;
  }

  /** Close the card of a layer that is no longer there, or of a file of which a folder was switched off since. */
  update(layers: Layer[]): void {
    const { shown } = this;
    if (!shown) return;
    const now = layers.find((layer) => layer.id === shown.layer.id && layer.source === shown.layer.source);
    if (!now?.hidden_folders.every((folder) => shown.layer.hidden_folders.includes(folder))) this.close();
  }

  private put(name: string, ...content: Node[]): void {
    const close = button(ICONS.close, this.host.words.close, () => this.close(), { class: "plain" });
    const kept = this.element.contains(this.host.focused());
    this.element.replaceChildren(el("header", {}, el("h2", {}, name), close), ...content);
    this.element.setAttribute("aria-label", name || this.host.words.card);
    this.element.hidden = false;
    this.element.scrollTop = 0;
    if (kept) this.element.focus({ preventScroll: true });
  }

  private content(layer: Layer, facts: Facts): Node[] {
    const { host } = this;
    const { words } = host;
    const parts: Node[] = [];
    if (facts.facts.length) {
      // Of a KMZ they are whole texts, not words.
      parts.push(el("dl", { class: layer.kind === "kmz" ? "texts" : "" }, ...facts.facts.flatMap(({ label, value }) => [el("dt", {}, label), el("dd", {}, value)])));
    }
    if (facts.history.length) parts.push(this.history(facts));
    const actions = el("div", { class: "actions" });
    for (const { label, href } of facts.actions) if (isOurs(href)) actions.append(el("a", { href, download: true }, label));
    if (isSelectable(layer)) {
      actions.append(textButton(words.show_in_table, () => host.tell("show-in-table", facts.id)));
    }
    actions.append(textButton(words.copy_link, () => void host.copyLink(layer, facts.id)));
    parts.push(actions);
    return parts;
  }

  private history(facts: Facts): Node {
    const { words } = this.host;
    const head = [words.season, words.crop, words.hectares, words.since].map((word) => el("th", { scope: "col" }, word));
    const rows = facts.history.map((line) =>
      el("tr", {}, ...[line.season, line.crop, line.hectares, line.since].map((text) => el("td", {}, text))),
    );
    return el(
      "table",
      {},
      el("caption", {}, words.history),
      el("thead", {}, el("tr", {}, ...head)),
      el("tbody", {}, ...rows),
    );
  }
}
