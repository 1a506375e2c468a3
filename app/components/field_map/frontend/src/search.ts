/** Search by field, farm or crop: a box with a list of what is found, by mouse and by keyboard. */

import { el, say } from "./dom";
import type { FieldMap } from "./field_map";
import { address } from "./layers";
import type { Bounds, Layer, Position } from "./spec";
import { fill } from "./words";

const PAUSE_MS = 200;

/** A row of `search.json`. */
export interface Found {
  id: string;
  name: string;
  /** What tells it from others of the same name: farm, crop, hectares. */
  detail: string | null;
  centre: Position;
  bounds: Bounds | null;
}

export class Search {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private found: Found[] = [];
  private active = -1;
  private timer: number | undefined;
  private asking: AbortController | null = null;

  constructor(private readonly host: FieldMap) {
    const { words } = host;
    this.input = el("input", {
      type: "search",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: words.search,
      "aria-label": words.search,
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": "found",
    });
    this.list = el("ul", { id: "found", role: "listbox", "aria-label": words.search, class: "found", hidden: true });
    this.status = el("p", { role: "status", class: "search-status", hidden: true });
    this.element = el("div", { class: "search" }, this.input, el("div", { class: "search-list" }, this.list, this.status));
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.found.length && this.open(true));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close();
    });
  }

  /** Tell what can be searched: the fields, whether they are shown or not; else the first layer that has rows with names. */
  static layer(host: FieldMap): Layer | undefined {
    const usable = host.layers().filter((layer) => layer.kind !== "h3" && layer.kind !== "kmz");
    return usable.find((layer) => layer.kind === "fields" && layer.side !== "b") ?? usable[0];
  }

  update(): void {
    this.element.hidden = Search.layer(this.host) === undefined;
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.asking?.abort();
    if (this.input.value.trim() === "") {
      this.show([]);
      say(this.status, "");
      return;
    }
    this.timer = window.setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    const layer = Search.layer(this.host);
    if (!layer) return;
    const { words, spec } = this.host;
    const asking = new AbortController();
    this.asking = asking;
    const query = new URLSearchParams({ q: this.input.value.trim(), lang: spec.language });
    for (const [column, values] of Object.entries(layer.filter)) for (const value of values) query.append(column, value);
    try {
      const answer = await fetch(`${address(layer)}/search.json?${query}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(((await answer.json()) as { rows: Found[] }).rows);
      const count = this.found.length;
      say(this.status, count ? "" : words.search_none);
      this.host.whisper(count ? fill(words.search_count, { count }) : "");
    } catch (error) {
      if ((error as Error).name === "AbortError") return;
      this.show([]);
      say(this.status, words.search_failed);
    }
  }

  private show(found: Found[]): void {
    this.found = found;
    this.activate(-1);
    this.list.replaceChildren(
      ...found.map((row, place) => {
        const option = el(
          "li",
          { role: "option", id: `found-${place}`, "aria-selected": "false" },
          el("span", {}, row.name),
          ...(row.detail ? [el("small", {}, row.detail)] : []),
        );
        // The box keeps the focus, so that its list is not closed before the click arrives.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => this.choose(place));
        return option;
      }),
    );
    this.open(found.length > 0);
  }

  private key(event: KeyboardEvent): void {
    const count = this.found.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      this.open(true);
      this.activate((this.active + step + count + (this.active < 0 && step < 0 ? 1 : 0)) % count);
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      this.choose(Math.max(0, this.active));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      event.preventDefault();
      this.close();
    }
  }

  private activate(place: number): void {
    this.active = place;
    for (const [number, option] of [...this.list.children].entries()) {
      option.setAttribute("aria-selected", String(number === place));
      if (number === place) option.scrollIntoView({ block: "nearest" });
    }
    if (place < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `found-${place}`);
  }

  private open(open: boolean): void {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  private close(): void {
    this.open(false);
    this.activate(-1);
    say(this.status, "");
  }

  private choose(place: number): void {
    const row = this.found[place];
    const layer = Search.layer(this.host);
    if (!row || !layer) return;
    this.input.value = row.name;
    this.close();
    this.host.goTo(layer, row.id, row.centre, row.bounds);
  }
}
