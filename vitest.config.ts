import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));
const groups = ["drizzle", "gateway", "bench", ...["packages", "subgraphs"].flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))];

/**
 * Every package by its sources, subpaths too (`@weft/x/sub` is `src/sub.ts`). Custom export conditions instead of aliases ran on stale `dist`, silently.
 */
const packages = groups
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .flatMap((folder) => {
    const name = `@weft/${folder.split("/").at(-1)}`;
    const src = join(root, folder, "src");
    return [
      { find: new RegExp(`^${name}$`), replacement: join(src, "index.ts") },
      { find: new RegExp(`^${name}/(.+)$`), replacement: join(src, "$1.ts") },
    ];
  });

/** Two copies of graphql (its ES module and its CommonJS form) refuse each other's schemas: everybody gets index.js. */
const graphql = join(createRequire(join(root, "packages/shared/package.json")).resolve("graphql"), "..", "index.js");

/** Which tests a run takes: `pnpm test`, `pnpm test:distributed` or `pnpm test:hard`. */
const suite = process.env["WEFT_TEST_SUITE"] ?? "unit";
const suites: Record<string, { include: string[]; exclude: string[] }> = {
  unit: { include: ["**/*.test.ts"], exclude: ["**/*.hard.test.ts", "**/*.distributed.test.ts"] },
  distributed: { include: ["**/*.distributed.test.ts"], exclude: [] },
  hard: { include: ["**/*.hard.test.ts"], exclude: [] },
};
const chosen = suites[suite];
if (!chosen) throw new Error(`WEFT_TEST_SUITE is "${suite}", but the suites are ${Object.keys(suites).join(", ")}.`);

export default defineConfig({
  resolve: {
    alias: [{ find: /^graphql$/, replacement: graphql }, ...packages],
  },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: false } },
  test: {
    include: chosen.include,
    exclude: [...configDefaults.exclude, "**/dist/**", ...chosen.exclude],
    globalSetup: [join(root, "packages/testkit/src/postgres-server.ts")],
    setupFiles: [join(root, "packages/testkit/src/setup.ts")],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
