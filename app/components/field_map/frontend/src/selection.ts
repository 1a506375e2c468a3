/** The selected fields: their ids, and their hectares where a tile has told them. */

import { el, say, textButton } from "./dom";
import { Echo } from "./echo";
import type { FieldMap } from "./field_map";
import { fill } from "./words";

/** As the table below sums them: of the outline, not what the portal says. */
const HECTARES = "superficie_geodesica_ha";

export class Selection {
  readonly element = el("div", { class: "selection", hidden: true });
  private readonly text = el("span", { role: "status" });
  private readonly echo = new Echo();
  private chosen: string[] = [];
  private readonly hectares = new Map<string, number>();

  constructor(private readonly host: FieldMap) {
    this.element.append(this.text, textButton(host.words.selection_clear, () => host.choose([])));
  }

  get ids(): readonly string[] {
    return this.chosen;
  }

  has(id: string): boolean {
    return this.chosen.includes(id);
  }

  /** Remember the hectares of a field that was hit. */
  learn(id: string, properties: Record<string, unknown>): void {
    const value = properties[HECTARES];
    if (typeof value === "number" && !(Number(properties["n"] ?? 1) > 1)) this.hectares.set(id, value);
  }

  /** Take over what Python selected itself, with the hectares of each; tells whether anything changed. */
  take(ids: string[], hectares: (number | null)[]): boolean {
    for (const [place, id] of ids.entries()) {
      const value = hectares[place];
      if (typeof value === "number") this.hectares.set(id, value);
    }
    if (this.echo.takes(ids)) {
      this.set(ids);
      return true;
    }
    this.tell(); // also what was not known when it was selected
    return false;
  }

  /** Select what the reader selected; tells whether Python has to be told. */
  choose(ids: string[]): boolean {
    if (ids.length === this.chosen.length && ids.every((id, place) => this.chosen[place] === id)) return false;
    this.echo.send(ids);
    this.set(ids);
    return true;
  }

  private set(ids: string[]): void {
    this.chosen = [...ids];
    this.tell();
  }

  private tell(): void {
    const { words, numbers } = this.host;
    const count = this.chosen.length;
    this.element.hidden = count === 0;
    if (!count) {
      say(this.text, "");
      return;
    }
    const known = this.chosen.map((id) => this.hectares.get(id)).filter((value) => value !== undefined);
    const values = { count: numbers.write(count), hectares: numbers.hectares(known.reduce((sum, value) => sum + value, 0)) };
    say(this.text, fill(known.length === count ? words.selected_hectares : words.selected, values));
  }
}
