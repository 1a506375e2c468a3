import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** MapLibre's worker stands beside the bundle under its own name: the page loads it from the same origin. */
function worker(): Plugin {
  return {
    name: "maplibre-worker",
    generateBundle() {
      const file = new URL("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", import.meta.url);
      const source = readFileSync(file, "utf8").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n");
      this.emitFile({ type: "asset", fileName: "worker.js", source });
    },
  };
}

export default defineConfig({
  plugins: [worker()],
  build: {
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "field_map.js" },
    outDir: "../bundle",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    reportCompressedSize: false,
  },
});
