import { expect, test } from "vitest";
import { Sources } from "../src/sources";
import type { Layer } from "../src/spec";

const layer = (visible = true): Layer => ({ id: "lotes", title: "Lotes", kind: "fields", source: "test/1/lotes", version: "1", visible }) as Layer;

function asked(...answers: (Response | Error)[]) {
  const seen: string[] = [];
  const back: string[] = [];
  const ask = (async (path: string) => {
    seen.push(path);
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("asked too often");
  }) as unknown as typeof fetch;
  const told: string[][] = [];
  const clock = { now: 0 };
  const sources: Sources = new Sources(() => told.push(sources.sentences([layer()])), (path) => back.push(path), ({ title }) => `${title} falta`, () => "es", ask, () => clock.now);
  return { sources, seen, back, told, clock };
}

test("a source that is there is asked for once in a while, and nothing is told", async () => {
  const { sources, seen, told } = asked(Response.json({ rows: 1 }));
  await sources.check([layer()]);
  await sources.check([layer()]);
  expect(seen).toEqual(["/tiles/test/1/lotes/info.json?lang=es"]);
  expect(told).toEqual([]);
});

test("a source that is gone tells its sentence, until it is there again", async () => {
  const { sources, back, told } = asked(new Response("No existe.", { status: 404 }), Response.json({}));
  await sources.check([layer()]);
  expect(told).toEqual([["Lotes: No existe."]]);
  expect(sources.sentences([layer(false)])).toEqual([]);
  await sources.check([layer()]);
  expect(told).toEqual([["Lotes: No existe."], []]);
  expect(back).toEqual(["/tiles/test/1/lotes"]);
});

test("a source that goes away while it is shown is told within a minute of looking around", async () => {
  const { sources, told, clock } = asked(Response.json({}), new Response("Ya no está.", { status: 404 }));
  await sources.check([layer()]);
  clock.now = 59_000;
  await sources.check([layer()]);
  expect(told).toEqual([]);
  clock.now = 61_000;
  await sources.check([layer()]);
  expect(told).toEqual([["Lotes: Ya no está."]]);
});

test("what is no sentence of ours is not shown", async () => {
  const { sources, told } = asked(new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }));
  await sources.check([layer()]);
  expect(told).toEqual([["Lotes falta"]]);
});

test("hidden layers are not asked for, and no server says nothing of the source", async () => {
  const { sources, seen, told } = asked(new TypeError("no network"), Response.json({}));
  await sources.check([layer(false)]);
  expect(seen).toEqual([]);
  await sources.check([layer()]);
  await sources.check([layer()]);
  expect(seen).toHaveLength(2);
  expect(told).toEqual([]);
});
