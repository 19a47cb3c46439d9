import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { outdatedBundles, recordBundle } from "./bundle-if-changed.ts";

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const outdated = (): string[] => outdatedBundles(root, ["main", "server"]);
const make = (program: "main" | "server", whileMaking = (): void => undefined): Promise<void> =>
  recordBundle(root, program, () => {
    write(`dist/${program}.js`, "");
    whileMaking();
    return Promise.resolve();
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weft-bundles-"));
  write("gateway/src/main.ts", "x");
  write("scripts/bundle/bundle.ts", "x");
  mkdirSync(join(root, "dist"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("a bundle is outdated until it is made from the current sources", async () => {
  expect(outdated()).toEqual(["main", "server"]);
  await make("main");
  expect(outdated()).toEqual(["server"]);
  await make("server");
  expect(outdated()).toEqual([]);
});

test.each<[string, () => void]>([
  ["a changed source", () => write("gateway/src/main.ts", "longer")],
  ["a source saved with the same length", () => utimesSync(join(root, "gateway/src/main.ts"), 1, 1)],
  ["a new source", () => write("packages/shared/src/deep/new.ts", "x")],
  ["a changed source of the database driver", () => write("packages/pg-driver/postgres/src/index.js", "x")],
  ["a deleted source", () => rmSync(join(root, "gateway/src/main.ts"))],
  ["a changed compiler setting", () => write("tsconfig.base.json", "{ }")],
  ["changed dependencies", () => write("pnpm-lock.yaml", "others")],
  ["a changed bundler", () => write("scripts/bundle/bundle.ts", "longer")],
  ["a deleted bundle", () => rmSync(join(root, "dist/main.js"))],
])("%s makes it outdated", async (_what, change) => {
  await make("main");
  change();
  expect(outdated()).toContain("main");
});

test("a changed test does not make it outdated", async () => {
  write("gateway/src/main.test.ts", "x");
  await make("main");
  write("gateway/src/main.test.ts", "longer");
  expect(outdated()).toEqual(["server"]);
});

test("a source that is saved during the bundling makes it outdated", async () => {
  await make("main", () => write("gateway/src/main.ts", "saved meanwhile"));
  expect(outdated()).toContain("main");
});
