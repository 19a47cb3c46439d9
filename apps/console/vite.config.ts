import { fileURLToPath } from "node:url";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `pnpm dev` sends requests to the API. */
const weft = process.env["WEFT_URL"] ?? "http://127.0.0.1:4000";

export default defineConfig({
  base: "/console/",
  plugins: [lingui({ macroTransform: true, configPath: fileURLToPath(new URL("lingui.config.ts", import.meta.url)) }), react()],
  resolve: { conditions: ["weft-source", "module", "browser", "development|production"], dedupe: ["react", "react-dom"] },
  build: {
    outDir: "dist.next",
    emptyOutDir: true,
    // Data URLs of scripts and styles would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.txt" },
    rolldownOptions: { treeshake: { manualPureFunctions: ["TypedDocumentString"] } },
  },
  server: {
    proxy: Object.fromEntries(["/graphql", "/session", "/files"].map((path) => [path, { target: weft, ws: true }])),
  },
});
