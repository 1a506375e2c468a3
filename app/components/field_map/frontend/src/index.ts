/** What Streamlit calls: once to mount, and again with each new spec. One map a mount, whatever is run again. */

import { setWorkerUrl } from "maplibre-gl";
import { el } from "./dom";
import { FieldMap } from "./field_map";
import type { Spec } from "./spec";

/** What a component of Streamlit's (version 2) is given. */
export interface Mount {
  data: Spec;
  parentElement: HTMLElement | ShadowRoot;
  setStateValue(name: string, value: unknown): void;
  setTriggerValue(name: string, value: unknown): void;
}

const mounted = new WeakMap<Node, FieldMap>();
const calls = new WeakMap<Node, number>();

setWorkerUrl(new URL("./worker.js", import.meta.url).href);

/** Give the map that is there already. One whose texts are in another language goes: they are written once. */
function speaking(given: Mount): FieldMap | undefined {
  const present = mounted.get(given.parentElement);
  if (!present || present.spec.language === given.data.language) return present;
  present.keepView();
  present.remove();
  mounted.delete(given.parentElement);
  return undefined;
}

export default function mount(given: Mount): () => void {
  const parent = given.parentElement;
  const present = speaking(given);
  const call = (calls.get(parent) ?? 0) + 1;
  calls.set(parent, call);
  try {
    if (present) present.update(given);
    else mounted.set(parent, new FieldMap(given));
  } catch (error) {
    // Anything else is said by who loaded us.
    if (!/webgl/i.test(String(error))) throw error;
    parent.replaceChildren(el("p", { role: "alert" }, given.data.words.no_webgl));
  }
  return () => {
    // Streamlit also cleans up after a call that a later one has overtaken while the bundle was still loading.
    if (calls.get(parent) !== call) return;
    mounted.get(parent)?.remove();
    mounted.delete(parent);
  };
}
