import { beforeEach, expect, test, vi } from "vitest";

const removed = vi.hoisted(() => ({ count: 0, updates: 0 }));

// MapLibre needs a browser; what is tested here is who may take the map away.
vi.mock("maplibre-gl", () => ({ setWorkerUrl: () => undefined }));
vi.mock("../src/field_map", () => ({
  FieldMap: class {
    update(): void {
      removed.updates += 1;
    }
    remove(): void {
      removed.count += 1;
    }
  },
}));

const { default: mount } = await import("../src/index");

beforeEach(() => Object.assign(removed, { count: 0, updates: 0 }));

function given(parent: object): Parameters<typeof mount>[0] {
  return { parentElement: parent, data: {} } as never;
}

test("what cleans up after a call that was overtaken leaves the map there", () => {
  const parent = {};
  const first = mount(given(parent));
  const second = mount(given(parent));
  first();
  expect(removed).toEqual({ count: 0, updates: 1 });
  second();
  expect(removed.count).toBe(1);
});

test("a mount that was taken away can be mounted again", () => {
  const parent = {};
  mount(given(parent))();
  mount(given(parent))();
  expect(removed).toEqual({ count: 2, updates: 0 });
});
