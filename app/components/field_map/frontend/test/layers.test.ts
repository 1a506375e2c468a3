import { expect, test } from "vitest";
import { fillColour } from "../src/colour";
import { legendRows, legendSections } from "../src/legend";
import { lines } from "../src/hover";
import { address, columns, iconPrefix, isOther, ofSide, ownerOf, pickable, sourceId, style, tiles } from "../src/layers";
import { isDark, lookOf } from "../src/look";
import type { Layer } from "../src/spec";
import { Numbers, type Words } from "../src/words";

const look = lookOf(false, undefined);

function layer(change: Partial<Layer> = {}): Layer {
  return {
    id: "lotes",
    kind: "fields",
    title: "Lotes",
    source: "test/2026-11-23T060004Z_9f/lotes",
    version: "1",
    side: "both",
    visible: true,
    opacity: 0.5,
    label: true,
    filter: {},
    colour: { kind: "values", by: "cultivo", stops: [{ value: "Soja", colour: "#009E73", label: "Soja" }], other: "#9A9A9A", other_label: "" },
    facts: [],
    overlays: [],
    hidden_folders: [],
    bounds: null,
    ...change,
  };
}

test("tiles are asked for with the columns that are needed, and with the filter", () => {
  const asked = layer({ filter: { campo: ["La Escondida", "A & B"] }, facts: [{ column: "ph", label: "", digits: 1, unit: "" }] });
  expect(columns(asked)).toEqual(["campo", "cultivo", "name", "ph", "superficie_geodesica_ha"]);
  expect(tiles(asked, "http://h")).toBe(
    "http://h/tiles/test/2026-11-23T060004Z_9f/lotes/{z}/{x}/{y}.mvt?columns=campo,cultivo,name,ph,superficie_geodesica_ha&campo=La+Escondida&campo=A+%26+B&v=1",
  );
});

test("shapes have their names, but cells of a grid have none", () => {
  for (const kind of ["fields", "zones", "markers", "areas", "changes", "kmz"] as const) {
    expect(columns(layer({ kind }))).toContain("name");
  }
  expect(columns(layer({ kind: "h3" }))).not.toContain("name");
});

test("the hover names a field first, and not what stands for several", () => {
  const facts = [{ column: "cultivo", label: "", digits: null, unit: "" }];
  const words = { merged: "{count} aquí" } as Words;
  const told = (properties: Record<string, unknown>): string[] => lines(layer({ facts }), properties, words, new Numbers("es"));
  expect(told({ name: "La Escondida 7", cultivo: "Soja" })).toEqual(["La Escondida 7", "Soja"]);
  expect(told({ name: "La Escondida 7", cultivo: "Soja", n: 3 })).toEqual(["Soja", "3 aquí"]);
});

test("another usual colour, opacity or visibility asks for no other tile", () => {
  const other = layer({ opacity: 1, visible: false, colour: { kind: "classes", by: "superficie_geodesica_ha", stops: [], other: "#000000", other_label: "" } });
  expect(sourceId(other)).toBe(sourceId(layer()));
  expect(sourceId(layer({ filter: { campo: ["x"] } }))).not.toBe(sourceId(layer()));
  expect(sourceId(layer({ version: "2" }))).not.toBe(sourceId(layer()));
});

test("a KMZ lies with the previews, and a path of its own stays as it is", () => {
  const kmz = layer({ kind: "kmz", source: "abc/kmz" });
  expect(address(kmz)).toBe("/previews/abc/kmz");
  expect(iconPrefix(kmz)).toBe("/previews/abc/image/");
  expect(address(layer({ source: "/elsewhere/kmz" }))).toBe("/elsewhere/kmz");
});

test("of a KMZ only what is to be labelled is, what is switched off is not drawn, and icons have their size", () => {
  const made = style([layer({ kind: "kmz", colour: { kind: "own" }, label: true, hidden_folders: [3] })], undefined, look, "");
  const parts = Object.fromEntries(made.layers.map((each) => [each.id, each as { layout?: object; paint?: object; filter?: unknown }]));
  expect(parts["lotes/label"]?.layout).toMatchObject({ "text-field": ["to-string", ["get", "label"]] });
  expect(JSON.stringify(parts["lotes/icon"]?.layout)).toContain('"icon-size":["coalesce",["to-number",["get","icon_scale"],1],1]');
  expect(JSON.stringify(parts["lotes/circle"]?.paint)).toContain("fill_opacity");
  for (const part of ["fill", "line", "circle", "icon", "label"]) {
    expect(JSON.stringify(parts[`lotes/${part}`]?.filter)).toContain('["literal",[3]]');
  }
});

test("other layers are another map, the same with something more are not", () => {
  expect(isOther([{ id: "kmz-1" }], [{ id: "kmz-2" }])).toBe(true);
  expect(isOther([{ id: "lotes" }], [{ id: "lotes" }, { id: "cambios" }])).toBe(false);
  expect(isOther([], [{ id: "kmz-1" }])).toBe(false);
  expect(isOther([{ id: "kmz-1" }], [])).toBe(false);
});

test("the first layer of the list is drawn last, and labels above all shapes", () => {
  const made = style([layer({ id: "top" }), layer({ id: "below" })], undefined, look, "http://h");
  expect(made.layers.map(({ id }) => id)).toEqual([
    "ground", "below/fill", "below/line", "top/fill", "top/line", "below/label", "top/label",
  ]);
  expect(Object.keys(made.sources)).toHaveLength(1);
  expect(pickable([layer({ visible: false }), layer({ id: "x", kind: "markers" })])).toEqual(["x/circle"]);
  expect(ownerOf("a/b/fill")).toBe("a/b");
});

test("no address of a style without a basemap leaves the origin", () => {
  const overlay = { image: "/previews/t/image/0", corners: [[0, 1], [1, 1], [1, 0], [0, 0]] as never, opacity: 1 };
  const made = style([layer({ kind: "kmz", source: "t/kmz", overlays: [overlay] })], undefined, look, "http://h");
  const addresses = JSON.stringify(made).match(/\w+:\/\/[^"]+/g) ?? [];
  expect(addresses.length).toBe(2);
  expect(addresses.every((each) => each.startsWith("http://h/previews/t/"))).toBe(true);
  expect(made.glyphs).toBeUndefined();
});

test("sides", () => {
  const all = [layer({ id: "a", side: "a" }), layer({ id: "b", side: "b" }), layer({ id: "c" })];
  expect(ofSide(all, "a").map(({ id }) => id)).toEqual(["a", "c"]);
  expect(ofSide(all, "b").map(({ id }) => id)).toEqual(["b", "c"]);
  expect(legendSections(all).map(({ layer }) => layer.id)).toEqual(["a"]);
});

test("a value that stands twice is matched once, and none has its own colour", () => {
  const stops = [
    { value: "Soja", colour: "#1", label: "" },
    { value: "Soja", colour: "#2", label: "" },
    { value: null, colour: "#3", label: "" },
  ];
  expect(fillColour({ kind: "values", by: "cultivo", stops, other: "#4", other_label: "" })).toEqual([
    "case", ["has", "cultivo"], ["match", ["to-string", ["get", "cultivo"]], "Soja", "#1", "#4"], "#3",
  ]);
});

test("classes rise, whatever their order", () => {
  const stops = [{ from: 100, colour: "#2", label: "" }, { from: 0, colour: "#1", label: "" }, { from: 100, colour: "#9", label: "" }];
  expect(fillColour({ kind: "classes", by: "ha", stops, other: "#4", other_label: "" })).toEqual([
    "case", ["has", "ha"], ["step", ["to-number", ["get", "ha"]], "#1", 100, "#2"], "#4",
  ]);
  expect(fillColour({ kind: "classes", by: "ha", stops: [], other: "#4", other_label: "" })).toBe("#4");
});

test("the legend has the spec's stops, and what is left over where it has a name", () => {
  const colour = { kind: "values" as const, by: "x", stops: [{ value: "1", colour: "#1", label: "uno" }], other: "#2", other_label: "otros" };
  expect(legendRows(layer({ colour }))).toEqual([{ colour: "#1", label: "uno" }, { colour: "#2", label: "otros" }]);
  expect(legendRows(layer({ colour: { kind: "own" } }))).toEqual([]);
});

test("dark is told from the page's ground", () => {
  expect(isDark("#14181A")).toBe(true);
  expect(isDark("rgb(251, 250, 246)")).toBe(false);
  expect(isDark("")).toBe(false);
});
