/** Whether our own tiles are there at all. For MapLibre a 404 is a tile without anything in it, so nobody would be told. */

import { address } from "./layers";
import type { Layer } from "./spec";

/** Longer than any of our sentences: what is longer is no answer of ours. */
const MOST = 400;
const THERE = "";

export class Sources {
  /** What each address said: a sentence, or nothing where its source is there. */
  private readonly said = new Map<string, string>();
  private readonly asking = new Set<string>();

  /**
   * changed: called when the sentences are others; back: when a source is there that was not;
   * missing: the sentence for a layer whose server gives none.
   */
  constructor(
    private readonly changed: () => void,
    private readonly back: (address: string) => void,
    private readonly missing: (layer: Layer) => string,
    private readonly ask: typeof fetch = (...given) => fetch(...given),
  ) {}

  /** Ask for what is shown: once where the source is there, else again each time. */
  check(layers: Layer[]): Promise<void[]> {
    const shown = new Map(layers.filter((layer) => layer.visible).map((layer) => [address(layer), layer]));
    const open = [...shown].filter(([path]) => this.said.get(path) !== THERE && !this.asking.has(path));
    return Promise.all(open.map(([path, layer]) => this.hear(path, layer)));
  }

  /** Give what is to be told of layers. */
  sentences(layers: Layer[]): string[] {
    return layers.flatMap((layer) => {
      const said = layer.visible ? this.said.get(address(layer)) : undefined;
      return said ? [said === this.missing(layer) ? said : `${layer.title}: ${said}`] : [];
    });
  }

  private async hear(path: string, layer: Layer): Promise<void> {
    this.asking.add(path);
    try {
      const answer = await this.ask(`${path}/info.json?v=${encodeURIComponent(layer.version)}`);
      const before = this.said.get(path);
      const said = answer.ok ? THERE : await this.sentence(answer, layer);
      this.said.set(path, said);
      if (said !== (before ?? THERE)) this.changed();
      if (before && said === THERE) this.back(path);
    } catch {
      // No server at all: its tiles fail too, which is told as that.
    } finally {
      this.asking.delete(path);
    }
  }

  private async sentence(answer: Response, layer: Layer): Promise<string> {
    const isPlain = (answer.headers.get("content-type") ?? "").startsWith("text/plain");
    const text = isPlain ? (await answer.text()).trim() : "";
    return text && text.length <= MOST ? text : this.missing(layer);
  }
}
