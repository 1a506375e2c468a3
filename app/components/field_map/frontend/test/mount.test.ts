import { beforeEach, expect, test, vi } from "vitest";

const removed = vi.hoisted(() => ({ count: 0, updates: 0, languages: [] as string[] }));

// MapLibre needs a browser; what is tested here is who may take the map away.
vi.mock("maplibre-gl", () => ({ setWorkerUrl: () => undefined }));
vi.mock("../src/field_map", () => ({
  FieldMap: class {
    spec: { language: string };
    constructor({ data }: { data: { language: string } }) {
      this.spec = data;
      removed.languages.push(data.language);
    }
    keepView(): void {}
    update(): void {
      removed.updates += 1;
    }
    remove(): void {
      removed.count += 1;
    }
  },
}));

const { default: mount } = await import("../src/index");

beforeEach(() => Object.assign(removed, { count: 0, updates: 0, languages: [] }));

function given(parent: object, language = "es"): Parameters<typeof mount>[0] {
  return { parentElement: parent, data: { language } } as never;
}

test("what cleans up after a call that was overtaken leaves the map there", () => {
  const parent = {};
  const first = mount(given(parent));
  const second = mount(given(parent));
  first();
  expect(removed).toMatchObject({ count: 0, updates: 1 });
  second();
  expect(removed.count).toBe(1);
});

test("a mount that was taken away can be mounted again", () => {
  const parent = {};
  mount(given(parent))();
  mount(given(parent))();
  expect(removed).toMatchObject({ count: 2, updates: 0 });
});

test("another language is another map, which the clean-up of the one before leaves there", () => {
  const parent = {};
  const first = mount(given(parent));
  const second = mount(given(parent, "en"));
  expect(removed).toEqual({ count: 1, updates: 0, languages: ["es", "en"] });
  first();
  mount(given(parent, "en"));
  expect(removed).toMatchObject({ count: 1, updates: 1 });
  second();
});
