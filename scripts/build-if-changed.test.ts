import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildIfChanged } from "./build-if-changed.ts";

let root: string;
let builds: number;
const write = (path: string, text = "x"): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "weft-build-"));
  builds = 0;
  for (const path of [
    "pnpm-lock.yaml",
    "tsconfig.base.json",
    "gateway/src/main.ts",
    "apps/standalone/src/main.ts",
    "apps/standalone/tsconfig.json",
  ])
    write(path);
});
afterEach(() => rmSync(root, { recursive: true }));

/** Starts, and returns whether it built. */
function start(build: () => number = () => 0): boolean {
  const before = builds;
  buildIfChanged({
    root,
    build: () => {
      builds++;
      for (const name of ["gateway", "apps/standalone"]) write(`${name}/dist/.tsbuildinfo`, `build ${builds}`);
      return build();
    },
    say: () => undefined,
  });
  return builds > before;
}

test("the first start builds, the second does not", () => {
  expect([start(), start(), start()]).toEqual([true, false, false]);
});

test.each<[string, () => void]>([
  ["a changed source", () => write("gateway/src/main.ts", "longer")],
  ["a source saved with the same length", () => utimesSync(join(root, "gateway/src/main.ts"), 1, 1)],
  ["a new source", () => write("packages/shared/src/deep/new.ts")],
  ["a deleted source", () => rmSync(join(root, "gateway/src/main.ts"))],
  ["a changed compiler setting", () => write("apps/standalone/tsconfig.json", "{ }")],
  ["changed dependencies", () => write("pnpm-lock.yaml", "others")],
  ["a deleted output", () => rmSync(join(root, "gateway/dist"), { recursive: true })],
])("%s causes a build", (_what, change) => {
  start();
  change();
  expect([start(), start()]).toEqual([true, false]);
});

test("a changed test does not cause a build", () => {
  write("gateway/src/main.test.ts");
  start();
  write("gateway/src/main.test.ts", "longer");
  expect(start()).toBe(false);
});

test("repeats a build that failed and a build during which a source was saved", () => {
  expect([start(() => 2), start(() => 2), start(), start()]).toEqual([true, true, true, false]);
  write("gateway/src/main.ts", "changed");
  const saving = (): number => {
    write("gateway/src/main.ts", "changed again");
    return 0;
  };
  expect([start(saving), start(), start()]).toEqual([true, true, false]);
});

test("a failure returns the compiler's exit code", () => {
  expect(buildIfChanged({ root, build: () => 2, say: () => undefined })).toBe(2);
  expect(buildIfChanged({ root, build: () => null, say: () => undefined })).toBe(1);
});
