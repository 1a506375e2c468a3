import { expect, test } from "vitest";
import { basemapSource } from "../src/layers";
import type { Basemap } from "../src/spec";
import { stillMissing } from "../src/warnings";

const basemap = (id: string): Basemap => ({ id }) as Basemap;
const [near, far] = [basemapSource(basemap("near")), basemapSource(basemap("far"))];
const tiles = "/tiles/test/1/lotes/{z}/{x}/{y}.mvt";

test("of backgrounds only the one that is shown is told as missing, whatever is run again", () => {
  expect(stillMissing([near, far, tiles], basemap("far"))).toEqual([far, tiles]);
  expect(stillMissing([near, far, tiles], undefined)).toEqual([tiles]);
});
