import { expect, test } from "vitest";
import { readView, withView, writeView } from "../src/address";
import { Arrangement } from "../src/arrange";
import { isOurs } from "../src/card";
import { Echo } from "../src/echo";
import { pdf } from "../src/pdf";
import { fileName, legendColumns, printedRows } from "../src/print";
import { inside, meets, type Point } from "../src/shapes";
import type { Layer } from "../src/spec";
import { fill, Numbers } from "../src/words";

test("a view is read back as it was written", () => {
  expect(writeView([-62.016_001, -34.5, 11.504])).toBe("-62.01600,-34.50000,11.50");
  expect(readView("?env=test&at=-62.01600%2C-34.5%2C11.5")).toEqual([-62.016, -34.5, 11.5]);
});

test.each(["", "?at=", "?at=1,2", "?at=1,2,3,4", "?at=a,b,c", "?at=0,91,3", "?at=200,0,3", "?at=0,0,-1", "?at=NaN,0,1"])(
  "%j is no view",
  (search) => expect(readView(search)).toBeNull(),
);

test("a view keeps what else stands in the address, as it is written", () => {
  expect(withView("?q=a%20b&at=1,2,3&lote=x%2By", [1, 2, 3])).toBe("?q=a%20b&lote=x%2By&at=1.00000,2.00000,3.00");
  expect(withView("", [1, 2, 3])).toBe("?at=1.00000,2.00000,3.00");
});

/** A map and what it shows, as the selection does it. */
function shown(first: unknown) {
  const echo = new Echo();
  const map = {
    value: first,
    click(value: unknown): void {
      map.value = value;
      echo.send(value);
    },
    run(value: unknown): unknown {
      if (echo.takes(value)) map.value = value;
      return map.value;
    },
  };
  map.run(first);
  return map;
}

test("one click after another, however long the answers take", () => {
  const map = shown([]);
  map.click(["a"]);
  expect(map.run([])).toEqual(["a"]); // a run that began before the click
  expect(map.run(["a"])).toEqual(["a"]);
  map.click(["b"]);
  expect(map.run(["a"])).toEqual(["b"]);
  expect(map.run(["b"])).toEqual(["b"]);
  map.click(["a"]);
  expect(map.run(["a"])).toEqual(["a"]);
});

test("clicks that overtake their answers are not undone", () => {
  const map = shown([]);
  map.click(["a"]);
  map.click(["a", "b"]);
  expect(map.run(["a"])).toEqual(["a", "b"]);
  map.click(["a", "b", "c"]);
  expect(map.run(["a", "b"])).toEqual(["a", "b", "c"]);
  expect(map.run(["a", "b", "c"])).toEqual(["a", "b", "c"]);
});

test("Python may answer the last of several clicks alone, and is heard after that", () => {
  const map = shown([]);
  map.click(["a"]);
  map.click(["b"]);
  expect(map.run(["b"])).toEqual(["b"]);
  expect(map.run(["a"])).toEqual(["a"]); // of Python's own now
});

test("what Python clears is cleared, and the same can be chosen again", () => {
  const map = shown([]);
  map.click(["a"]);
  map.run(["a"]);
  expect(map.run([])).toEqual([]);
  map.click(["a"]);
  expect(map.run([])).toEqual(["a"]);
  expect(map.run(["a"])).toEqual(["a"]);
  expect(map.run([])).toEqual([]);
});

test("what Python makes itself wins over a click that it has not answered", () => {
  const map = shown(["x"]);
  map.click(["a"]);
  expect(map.run([])).toEqual([]);
  expect(map.run(["a"])).toEqual(["a"]); // and hears the click then
});

test("layers stay as the reader put them until Python changes them", () => {
  const layer = (id: string, visible = true): Layer => ({ id, visible, opacity: 0.5 }) as Layer;
  const arranged = new Arrangement();
  arranged.take([layer("a"), layer("b")]);
  expect(arranged.change("a", { visible: false })[0]).toEqual({ id: "a", visible: false, opacity: 0.5 });
  expect(arranged.move("b", -1).map(({ id }) => id)).toEqual(["b", "a"]);
  arranged.take([layer("a"), layer("b")]);
  expect(arranged.layers().map(({ id, visible }) => [id, visible])).toEqual([["b", true], ["a", false]]);
  arranged.take([layer("a"), layer("b", false)]);
  expect(arranged.layers().map(({ id, visible }) => [id, visible])).toEqual([["b", false], ["a", false]]);
  expect(arranged.move("b", -5).map(({ id }) => id)).toEqual(["b", "a"]);
});

const square: Point[] = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 10, y: 10 }, { x: 0, y: 10 }];
const move = (ring: Point[], by: number): Point[] => ring.map(({ x, y }) => ({ x: x + by, y: y + by }));

test("shapes meet", () => {
  expect(inside({ x: 5, y: 5 }, square)).toBe(true);
  expect(inside({ x: 15, y: 5 }, square)).toBe(false);
  expect(meets(square, { parts: [move(square, 5)], closed: true })).toBe(true);
  expect(meets(square, { parts: [move(square, 11)], closed: true })).toBe(false);
  const cross = [{ x: 4, y: -5 }, { x: 6, y: -5 }, { x: 6, y: 15 }, { x: 4, y: 15 }];
  expect(meets(square, { parts: [cross], closed: true })).toBe(true);
  const around = [{ x: -50, y: -50 }, { x: 50, y: -50 }, { x: 50, y: 50 }, { x: -50, y: 50 }];
  expect(meets(square, { parts: [around], closed: true })).toBe(true);
  const hole = [{ x: -5, y: -5 }, { x: 20, y: -5 }, { x: 20, y: 20 }, { x: -5, y: 20 }];
  expect(meets(square, { parts: [around, hole], closed: true })).toBe(false);
  expect(meets(square, { parts: [[{ x: 5, y: 5 }]], closed: false })).toBe(true);
});

test("shapes meet only where they are seen", () => {
  const left = ({ x }: Point): boolean => x < 5;
  const field = (by: number) => ({ parts: [move(square, by)], closed: true });
  expect(meets(square, field(6), left)).toBe(false);
  expect(meets(square, field(6), (point) => !left(point))).toBe(true);
  expect(meets(square, field(4), left)).toBe(true);
  expect(meets(move(square, 6), field(0), left)).toBe(false);
  const around = { parts: [[{ x: -50, y: -50 }, { x: 50, y: -50 }, { x: 50, y: 50 }, { x: -50, y: 50 }]], closed: true };
  expect(meets(square, around, ({ x }) => x > 5)).toBe(true);
  expect(meets(square, around, ({ x }) => x > 20)).toBe(false);
});

test("only addresses of our own are links", () => {
  expect(isOurs("/tiles/x/feature.kmz?id=1")).toBe(true);
  for (const bad of ["//evil", "/\\evil", "javascript:alert(1)", "https://evil", ""]) expect(isOurs(bad)).toBe(false);
});

test("numbers are written as the reader does", () => {
  const spanish = new Numbers("es");
  expect(spanish.hectares(25_412.4)).toBe("25.412 ha");
  expect(spanish.hectares(1234)).toBe("1.234 ha");
  expect(spanish.hectares(12.44)).toBe("12,4 ha");
  expect(spanish.length(2000)).toBe("2 km");
  expect(spanish.length(2345)).toBe("2,35 km");
  expect(new Numbers("en").hectares(25_412.4)).toBe("25,412 ha");
});

test("names in a text are filled, and values are not read as names", () => {
  expect(fill("{count} de {other}", { count: "{other}" })).toBe("{other} de {other}");
});

test("a title is made a file's name", () => {
  expect(fileName('Lotes: 25/26 "hoy"')).toBe("Lotes- 25-26 -hoy-");
  expect(fileName("  ")).toBe("mapa");
});

test("a PDF's table tells where its objects begin", () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0x0a, 0xff, 0xd9);
  const text = new TextDecoder("latin1").decode(pdf(jpeg, 20, 10, "Campaña"));
  const table = Number(/startxref\n(\d+)/.exec(text)?.[1]);
  expect(text.slice(table, table + 4)).toBe("xref");
  const offsets = [...text.slice(table).matchAll(/(\d{10}) 00000 n/g)].map((match) => Number(match[1]));
  expect(offsets).toHaveLength(6);
  for (const [place, offset] of offsets.entries()) expect(text.slice(offset)).toMatch(new RegExp(`^${place + 1} 0 obj`));
});

test("a printed legend leaves no row out, however low the map", () => {
  const rows = Array.from({ length: 60 }, (_, row) => row);
  expect(legendColumns(rows, 600).flat()).toEqual(rows);
  expect(legendColumns(rows, 600).map((column) => column.length)).toEqual([26, 26, 8]);
  expect(legendColumns(rows.slice(0, 3), 10)).toEqual([[0], [1], [2]]);
  expect(legendColumns([], 600)).toEqual([]);
});

test("a printed legend says whose rows they are, and names what brings its own colours", () => {
  const crops = (title: string): Layer =>
    ({
      id: title,
      title,
      visible: true,
      colour: { kind: "values", by: "cultivo", stops: [{ value: "soja", colour: "#009E73", label: `soja · ${title}` }], other: "#9A9A9A", other_label: "" },
    }) as unknown as Layer;
  const laid = { id: "kmz", title: "vecino.kmz", visible: true, colour: { kind: "own" } } as unknown as Layer;
  const labels = (layers: Layer[]) => printedRows(layers).map(({ colour, label }) => (colour === null ? `# ${label}` : label));
  expect(labels([crops("hoy"), crops("ayer")])).toEqual(["# hoy", "soja · hoy", "# ayer", "soja · ayer"]);
  expect(labels([laid, crops("hoy")])).toEqual(["# hoy", "soja · hoy", "# vecino.kmz"]);
  expect(labels([crops("hoy"), { ...laid, visible: false }])).toEqual(["soja · hoy"]);
  expect(labels([laid])).toEqual(["# vecino.kmz"]);
});
