// `pnpm test:planted [NAMES…]`: plants the defects of `testkit/planted`, one after the other, in a copy of the current commit, and checks that the
// tests find each of them. A name is the beginning of a file name, for example `07`. `--check` only checks that the patches still apply.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Copy, type Outcome } from "./planted/copy.ts";
import type { FailedTest } from "./planted/failed-test.ts";
import { type PlantedDefect, readPatch, suiteOf, suites } from "./planted/patch.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "testkit/planted");
const pathOf = (name: string): string => join(folder, `${name}.patch`);
const { values, positionals: wanted } = parseArgs({ options: { check: { type: "boolean", default: false } }, allowPositionals: true });

const read = readdirSync(folder)
  .filter((file) => file.endsWith(".patch"))
  .toSorted()
  .map((file) => {
    const name = file.slice(0, -".patch".length);
    return readPatch(name, readFileSync(pathOf(name), "utf8"));
  });
const problems = read.flatMap(({ patch, problems: found }) =>
  [...found, ...misfitsOf(patch)].map((problem) => `${patch.name}: ${problem}`),
);
for (const problem of problems) console.error(problem);

const unknown = wanted.filter((start) => !read.some(({ patch }) => patch.name.startsWith(start)));
if (unknown.length > 0)
  console.error(`No patch in testkit/planted begins with ${unknown.map((start) => JSON.stringify(start)).join(" or ")}.`);

if (problems.length + unknown.length > 0) process.exitCode = 1;
else if (values.check) console.log(`All ${read.length} patches apply.`);
else
  await plantEach(
    read.flatMap(({ patch }) => (wanted.length === 0 || wanted.some((start) => patch.name.startsWith(start)) ? [patch] : [])),
  );

/** Returns what of the patch does not fit the files of the repository. */
function misfitsOf({ name, foundBy }: PlantedDefect): string[] {
  const missing = foundBy.filter((path) => !existsSync(join(root, path))).map((path) => `The test file ${path} does not exist.`);
  const { status, stderr } = spawnSync("git", ["apply", "--check", pathOf(name)], { cwd: root, encoding: "utf8" });
  return status === 0 ? missing : [...missing, `It does not apply. Make the same mistake again in the current code. ${stderr.trim()}`];
}

async function plantEach(patches: readonly PlantedDefect[]): Promise<void> {
  const copy = new Copy();
  let isStopped = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      isStopped = true;
      void copy.remove().finally(() => process.exit(1));
    });
  let found = 0;
  const startedAt = performance.now();
  try {
    await copy.fill(root);
    for (const patch of patches) if (await isFound(copy, patch)) found++;
  } catch (error) {
    if (isStopped) return;
    throw error;
  } finally {
    if (!isStopped) await copy.remove();
  }
  console.log(`${found} of ${patches.length} planted defects were found, in ${secondsSince(startedAt)} s.`);
  if (found < patches.length) process.exitCode = 1;
}

async function isFound(copy: Copy, patch: PlantedDefect): Promise<boolean> {
  const startedAt = performance.now();
  const { test, note } = await plant(copy, patch);
  const after = `${secondsSince(startedAt)} s`;
  console.log(
    test === null
      ? `${patch.name}: MISSED, ${after}. ${patch.defect} ${note}`.trimEnd()
      : `${patch.name}: found by ${test.file} › ${test.name}, ${after}. ${note}`.trimEnd(),
  );
  return test !== null;
}

interface Finding {
  /** Test that finds the defect. Null if none does. */
  readonly test: FailedTest | null;
  readonly note: string;
}

/** Plants a defect, lets the tests find it, and removes it again. */
async function plant(copy: Copy, { name, foundBy }: PlantedDefect): Promise<Finding> {
  await copy.apply(pathOf(name));
  const byFiles = await testFiles(copy, foundBy);
  const outcome = byFiles.kind === "passed" ? await copy.test("test", []) : byFiles;
  await copy.reset();
  if (outcome.kind === "passed") return { test: null, note: "" };
  if (outcome.kind === "broken") return { test: null, note: `The run failed, but no test did.\n${outcome.output}` };
  const { test } = outcome;
  if (byFiles.kind === "failed") return { test, note: "" };
  // The whole suite can stop at a test that fails for another reason.
  return (await copy.test("test", [test.file])).kind === "passed"
    ? { test, note: `The files of its header miss it. Name this one there. ${test.message}` }
    : { test: null, note: `pnpm test stopped at ${test.file} › ${test.name}, which fails without the defect, too. ${test.message}` };
}

/** Runs test files, each in its suite, until one fails. */
async function testFiles(copy: Copy, files: readonly string[]): Promise<Outcome> {
  for (const suite of suites) {
    const ofSuite = files.filter((path) => suiteOf(path) === suite);
    const outcome = ofSuite.length === 0 ? ({ kind: "passed" } as const) : await copy.test(suite, ofSuite);
    if (outcome.kind !== "passed") return outcome;
  }
  return { kind: "passed" };
}

function secondsSince(time: number): string {
  return ((performance.now() - time) / 1000).toFixed(1);
}
