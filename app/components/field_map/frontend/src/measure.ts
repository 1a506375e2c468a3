/** What is measured: the places that were set, the pointer after them, and whether it is ended. Knows nothing of the page. */

import { hectares, length } from "./geodesy";
import type { Position } from "./spec";
import type { Numbers } from "./words";

export class Measure {
  private set: Position[] = [];
  private pointer: Position | null = null;
  private done = false;

  /** near: whether two places are one on the screen. */
  constructor(
    private readonly form: "distance" | "area",
    private readonly near: (one: Position, two: Position) => boolean,
  ) {}

  get empty(): boolean {
    return this.set.length === 0;
  }

  get ended(): boolean {
    return this.done;
  }

  /** The places that were set. */
  get points(): readonly Position[] {
    return this.set;
  }

  /** The places that count now: those set, and the pointer, if it is on the map and all is not ended. */
  get places(): Position[] {
    return this.pointer && !this.done && this.set.length ? [...this.set, this.pointer] : [...this.set];
  }

  /**
   * Set a place. Once more at the last one (a double click, Enter twice) ends the measurement, as does the first one of
   * an area. After the end another place begins anew; the end's own place does not, since hands click thrice.
   */
  put(place: Position): void {
    this.pointer = null;
    const [first, last] = [this.set[0], this.set.at(-1)];
    const least = this.form === "area" ? 3 : 2;
    const onLast = last !== undefined && this.near(place, last);
    const onFirst = this.form === "area" && first !== undefined && this.near(place, first);
    if (this.done) {
      if (onLast || onFirst) return;
      this.done = false;
      this.set = [place];
    } else if (this.set.length >= least && (onLast || onFirst)) this.done = true;
    else if (!onLast) this.set.push(place);
  }

  /** Follow the pointer; null once it has left the map. */
  follow(place: Position | null): void {
    this.pointer = place;
  }

  /** Take the last place back; what was ended goes on. */
  back(): void {
    this.done = false;
    this.set.pop();
  }

  /** Write what the places that count now come to. */
  write(numbers: Numbers): string {
    const { places } = this;
    if (this.form === "distance") return numbers.length(length(places));
    const ring = places[0] ? [...places, places[0]] : places;
    return `${numbers.hectares(hectares(places))} · ${numbers.length(length(ring))}`;
  }
}
