import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { until } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type BackgroundBuild, consoleBuild, docsBuild, startedOnDemand } from "./background-build.js";

const build: BackgroundBuild = { name: "example", script: "scripts/build.mjs", source: "example/build.ts" };

/** Creates a repository whose build runs this code. */
function repository(code: string, files: readonly string[] = [build.script, build.source]): string {
  const root = mkdtempSync(join(tmpdir(), "weft-build-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), code);
  }
  return root;
}

/** Notes each run in a file of the repository. */
const noting = 'import { appendFileSync } from "node:fs"; appendFileSync("runs", "x");';
const runsIn = (root: string): number => (existsSync(join(root, "runs")) ? readFileSync(join(root, "runs")).length : 0);

test("the first call builds, and later calls don't", async () => {
  const root = repository(noting);
  const start = startedOnDemand(build, { root, env: {} });
  expect(runsIn(root)).toBe(0);
  for (let call = 0; call < 3; call++) start?.();
  await until(() => runsIn(root) > 0, { what: "the build ran" });
  start?.();
  // A build that was started after all of them has run, too.
  startedOnDemand(build, { root, env: {} })?.();
  await until(() => runsIn(root) > 1, { what: "the other build ran" });
  expect(runsIn(root)).toBe(2);
});

test("nothing builds in CI, without the script, and without the sources", () => {
  expect(startedOnDemand(build, { root: repository(noting), env: {} })).toBeDefined();
  expect(startedOnDemand(build, { root: repository(noting), env: { CI: "true" } })).toBeUndefined();
  expect(startedOnDemand(build, { root: repository(noting, [build.source]), env: {} })).toBeUndefined();
  expect(startedOnDemand(build, { root: repository(noting, [build.script]), env: {} })).toBeUndefined();
});

test("the documentation and the console have scripts that build them", () => {
  for (const { script } of [docsBuild, consoleBuild])
    expect([script, existsSync(new URL(`../../../${script}`, import.meta.url))]).toEqual([script, true]);
});
