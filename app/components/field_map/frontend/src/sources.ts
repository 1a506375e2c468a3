/** Whether our own tiles are there at all. For MapLibre a 404 is a tile without anything in it, so nobody would be told. */

import { address } from "./layers";
import type { Layer } from "./spec";

/** Longer than any of our sentences: what is longer is no answer of ours. */
const MOST = 400;
const THERE = "";
/** So often a source that was there is asked for again: a file is made anew, a day of an upload is over. */
const AGAIN_MS = 60_000;

export class Sources {
  /** What each address said: a sentence, or nothing where its source is there. */
  private readonly said = new Map<string, string>();
  private readonly asking = new Set<string>();
  private readonly heard = new Map<string, number>();

  /**
   * changed: called when the sentences are others; back: when a source is there that was not;
   * missing: the sentence for a layer whose server gives none; language: of the reader.
   */
  constructor(
    private readonly changed: () => void,
    private readonly back: (address: string) => void,
    private readonly missing: (layer: Layer) => string,
    private readonly language: () => string,
    private readonly ask: typeof fetch = (...given) => fetch(...given),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Ask for what is shown: again after a while where the source is there, else each time. */
  check(layers: Layer[]): Promise<void[]> {
    const shown = new Map(layers.filter((layer) => layer.visible).map((layer) => [address(layer), layer]));
    const open = [...shown].filter(([path]) => !this.asking.has(path) && !this.isThere(path));
    return Promise.all(open.map(([path, layer]) => this.hear(path, layer)));
  }

  /** Give what is to be told of layers. */
  sentences(layers: Layer[]): string[] {
    return layers.flatMap((layer) => {
      const said = layer.visible ? this.said.get(address(layer)) : undefined;
      return said ? [said === this.missing(layer) ? said : `${layer.title}: ${said}`] : [];
    });
  }

  private isThere(path: string): boolean {
    return this.said.get(path) === THERE && this.now() - (this.heard.get(path) ?? 0) < AGAIN_MS;
  }

  private async hear(path: string, layer: Layer): Promise<void> {
    this.asking.add(path);
    try {
      // What a browser keeps for good tells nothing of today.
      const answer = await this.ask(`${path}/info.json?lang=${this.language()}`, { cache: "no-store" });
      this.heard.set(path, this.now());
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
