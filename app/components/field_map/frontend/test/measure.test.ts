import { expect, test } from "vitest";
import { Measure } from "../src/measure";
import type { Position } from "../src/spec";
import { Numbers } from "../src/words";

const CORNERS: Position[] = [[-62, -34.5], [-61.99, -34.5], [-61.99, -34.51], [-62, -34.51]];
const AWAY: Position = [-61.9, -34.4];
const numbers = new Numbers("en");

function measured(form: "distance" | "area", ...places: Position[]): Measure {
  const measure = new Measure(form, ([x, y], [a, b]) => Math.hypot(x - a, y - b) < 0.000_1);
  for (const place of places) measure.put(place);
  return measure;
}

test.each(["distance", "area"] as const)("a pointer that has left the map counts no more: %s", (form) => {
  const measure = measured(form, ...CORNERS);
  const before = measure.write(numbers);
  measure.follow(AWAY);
  expect(measure.write(numbers)).not.toBe(before);
  measure.follow(null);
  expect(measure.write(numbers)).toBe(before);
});

test.each(["distance", "area"] as const)("once more at the last place ends it, and nothing changes it then: %s", (form) => {
  const measure = measured(form, ...CORNERS);
  const before = measure.write(numbers);
  measure.put([-62.000_01, -34.51]);
  expect(measure.ended).toBe(true);
  measure.follow(AWAY);
  measure.put(CORNERS[3] as Position);
  expect(measure.write(numbers)).toBe(before);
  expect(measure.points).toEqual(CORNERS);
});

test("the first place closes an area, and is a place like any other of a way", () => {
  const [first] = CORNERS as [Position];
  expect(measured("area", ...CORNERS, first).ended).toBe(true);
  const round = measured("distance", ...CORNERS, first);
  expect(round.ended).toBe(false);
  expect(round.points).toHaveLength(5);
});

test("a double click that begins is one place, and too few places are no end", () => {
  const [one, two] = CORNERS as [Position, Position];
  expect(measured("distance", one, one).points).toEqual([one]);
  const area = measured("area", one, two, two);
  expect(area.ended).toBe(false);
  expect(area.points).toEqual([one, two]);
});

test("after the end another place begins anew, and what is taken back goes on", () => {
  const last = CORNERS[3] as Position;
  const anew = measured("area", ...CORNERS, last, AWAY);
  expect(anew.ended).toBe(false);
  expect(anew.points).toEqual([AWAY]);
  const open = measured("area", ...CORNERS, last);
  open.back();
  expect(open.ended).toBe(false);
  expect(open.points).toEqual(CORNERS.slice(0, 3));
});
