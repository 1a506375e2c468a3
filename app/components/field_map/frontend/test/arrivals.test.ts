import { expect, test } from "vitest";
import { Arrivals } from "../src/arrivals";
import type { Bounds } from "../src/spec";

const fields = { id: "lotes", bounds: null };
const laid = { id: "kmz-1", bounds: [-62, -35, -61, -34] as Bounds };

test("what the reader lays over the map is gone to when it comes, not again", () => {
  const arrivals = new Arrivals({ layers: [fields], coming: [] });
  expect(arrivals.take({ layers: [laid, fields], coming: [] })).toEqual({ id: "kmz-1", now: true });
  expect(arrivals.take({ layers: [laid, fields], coming: [] })).toBeUndefined();
  // Made anew at night, it is read anew.
  expect(arrivals.take({ layers: [fields], coming: ["kmz-1"] })).toBeUndefined();
  expect(arrivals.take({ layers: [laid, fields], coming: [] })).toBeUndefined();
});

test("what takes a while to read is gone to once it is there", () => {
  const arrivals = new Arrivals({ layers: [fields], coming: [] });
  expect(arrivals.take({ layers: [fields], coming: ["kmz-1"] })).toBeUndefined();
  expect(arrivals.take({ layers: [laid, fields], coming: [] })).toEqual({ id: "kmz-1", now: true });
});

test("what a link brings is gone to only where the link tells no place", () => {
  const placed = new Arrivals({ layers: [fields], coming: ["kmz-1"] });
  expect(placed.take({ layers: [laid, fields], coming: [] })).toBeUndefined();
  const placeless = new Arrivals({ layers: [fields], coming: ["kmz-1"] });
  placeless.follow(["kmz-1"]);
  expect(placeless.take({ layers: [fields], coming: ["kmz-1"] })).toBeUndefined();
  expect(placeless.take({ layers: [laid, fields], coming: [] })).toEqual({ id: "kmz-1", now: false });
});

test("a layer without a place of its own moves nothing", () => {
  const arrivals = new Arrivals({ layers: [], coming: [] });
  expect(arrivals.take({ layers: [fields], coming: [] })).toBeUndefined();
});
