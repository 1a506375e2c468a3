/** What did not come, told in a sentence each: tiles of ours, sources that are not there, the background. */

import { el, say } from "./dom";
import { address, basemapSource, isBasemap } from "./layers";
import { Sources } from "./sources";
import type { Basemap, Layer } from "./spec";
import { fill, type Words } from "./words";

/** What is shown now. */
interface Shown {
  readonly spec: { readonly language: string };
  readonly words: Words;
  readonly basemap: Basemap | undefined;
  layers(): Layer[];
}

/** Tell what of `missing` sources is still to be told: of backgrounds, only the one that is shown. */
export function stillMissing(missing: Iterable<string>, basemap: Basemap | undefined): string[] {
  return [...missing].filter((source) => !isBasemap(source) || (basemap !== undefined && source === basemapSource(basemap)));
}

export class Warnings {
  readonly element = el("p", { class: "warning-bar", role: "status", hidden: true });
  private missing = new Set<string>();
  private readonly sources: Sources;

  /** back: called with the path of a source that is there again. */
  constructor(
    private readonly shown: Shown,
    back: (path: string) => void,
  ) {
    this.sources = new Sources(
      () => this.update(),
      back,
      (layer) => fill(shown.words.layer_missing, { layer: layer.title }),
      () => shown.spec.language,
    );
  }

  /** Ask for the sources of what is shown. */
  check(): void {
    void this.sources.check(this.shown.layers());
  }

  failed(source: string): void {
    this.missing.add(source);
    this.update();
  }

  loaded(source: string): void {
    if (this.missing.delete(source)) this.update();
  }

  /** Tell what is missing of what is shown now; what MapLibre has no reason to ask for again stays told. */
  update(): void {
    const { words, basemap } = this.shown;
    const layers = this.shown.layers();
    this.missing = new Set(stillMissing(this.missing, basemap));
    const sentences = new Set<string>(this.sources.sentences(layers));
    for (const source of this.missing) {
      if (isBasemap(source)) sentences.add(fill(words.basemap_missing, { basemap: basemap?.title ?? "" }));
      else {
        const layer = layers.find((each) => source.startsWith(address(each)) || source.startsWith(`${each.id}/`));
        if (layer) sentences.add(fill(words.layer_missing, { layer: layer.title }));
      }
    }
    say(this.element, [...sentences].join(" "));
  }
}
