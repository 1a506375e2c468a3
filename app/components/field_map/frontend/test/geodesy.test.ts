import { expect, test } from "vitest";
import { distance, hectares, length, scaleBar } from "../src/geodesy";
import type { Position } from "../src/spec";

// Figures of pyproj's Geod(ellps="WGS84"), which follows Karney.
test.each<[Position, Position, number]>([
  [[-62, -34.5], [-61.99, -34.5], 918.3998],
  [[-62, -34.5], [-62, -34.49], 1109.3136],
  [[-65.3, -24.1], [-68.3, -54.8], 3417646.5595],
  [[179.9, -10], [-179.9, -10.1], 24556.5797],
])("the way from %j to %j", (from, to, metres) => {
  expect(Math.abs(distance(from, to) - metres)).toBeLessThan(0.001);
});

test.each<[string, Position[], number]>([
  ["a field", [[-62, -34.5], [-61.99, -34.5], [-61.99, -34.49], [-62, -34.49]], 101.88542],
  ["a triangle far south", [[-68, -54], [-67.9, -54.05], [-68.02, -54.1]], 4009.54643],
  ["a ring over the antimeridian", [[179.95, -10], [-179.95, -10], [-179.95, -9.9], [179.95, -9.9]], 12128.77939],
])("the area of %s", (_name, ring, ha) => {
  expect(Math.abs(hectares(ring) / ha - 1)).toBeLessThan(1e-4);
});

test("nothing has no length and no area", () => {
  expect(length([])).toBe(0);
  expect(hectares([[0, 0], [1, 1]])).toBe(0);
  expect(distance([-62, -34], [-62, -34])).toBe(0);
});

test("a scale is a round number and fits", () => {
  expect(scaleBar(9.7, 110)).toEqual({ metres: 1000, pixels: 1000 / 9.7 });
  for (const metresPerPixel of [0.13, 1, 7, 480, 39_000]) {
    const { metres, pixels } = scaleBar(metresPerPixel, 110);
    expect(String(metres)).toMatch(/^(0\.)?0*[125]0*$/);
    expect(pixels).toBeLessThanOrEqual(110);
    expect(pixels).toBeGreaterThan(110 / 2.6);
  }
});
