/** Light and dark, as the page around the map has it. */

import type { Look } from "./layers";
import type { Basemap } from "./spec";

const LIGHT: Look = { ground: "#EDEAE0", text: "#14181A", halo: "#FBFAF6", outline: "#4A4A45", accent: "#14181A" };
const DARK: Look = { ground: "#1D2326", text: "#F4F3EE", halo: "#14181A", outline: "#0B0D0E", accent: "#FFFFFF" };

/** Tell whether the page is dark, from the colour that Streamlit gives its ground. */
export function isDark(colour: string): boolean {
  const [red = 255, green = 255, blue = 255] = channels(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

function channels(colour: string): number[] {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour.trim());
  if (hex) return hex.slice(1).map((each) => Number.parseInt(each, 16));
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}

/** Give the colours of labels and outlines: those that can be read on the basemap, or without one on the page. */
export function lookOf(dark: boolean, basemap: Basemap | undefined): Look {
  const page = dark ? DARK : LIGHT;
  if (!basemap) return page;
  return { ...(basemap.dark ? DARK : LIGHT), ground: page.ground };
}
