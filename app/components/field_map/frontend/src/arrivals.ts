/** Where to go when a layer comes that lies at a place of its own: a file that is laid over the map. */

import type { Layer, Spec } from "./spec";

type Shown = Pick<Spec, "coming"> & { layers: Pick<Layer, "id" | "bounds">[] };

export class Arrivals {
  private known: Set<string>;
  /** What the reader has laid over the map and is still read; what a link brought along that is. */
  private readonly laid = new Set<string>();
  private readonly linked = new Set<string>();

  /** What stands in the first spec was not laid by this reader now: a link brought it. */
  constructor(first: Shown) {
    this.known = ids(first);
  }

  /** Wait for what is still read, since the link that the map opens with tells no place. */
  follow(coming: string[]): void {
    for (const id of coming) this.linked.add(id);
  }

  /** Take what is shown now; give the id of the layer to go to, and whether the reader has laid it there now. */
  take(shown: Shown): { id: string; now: boolean } | undefined {
    const before = this.known;
    this.known = ids(shown);
    for (const id of shown.coming) if (!before.has(id)) this.laid.add(id);
    for (const { id, bounds } of shown.layers) {
      const now = this.laid.delete(id) || !before.has(id);
      const linked = this.linked.delete(id);
      if (bounds && (now || linked)) return { id, now };
    }
    return undefined;
  }
}

function ids({ layers, coming }: Shown): Set<string> {
  return new Set([...layers.map(({ id }) => id), ...coming]);
}
