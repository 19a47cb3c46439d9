import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filled, namesOf } from "./aggregate/names.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let copy: string;

/** Runs a program of the workspace in the copy. Returns its exit code and output. */
function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
  // Workspace programs first in the PATH, as with pnpm.
  env["PATH"] = `${join(root, "node_modules/.bin")}${delimiter}${env["PATH"] ?? ""}`;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: "utf8", env });
  return { status, output: `${stdout}${stderr}` };
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "weft-new-aggregate-"));
  const { stdout } = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  for (const path of stdout.split("\0").filter((each) => each !== "" && existsSync(join(root, each)))) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
    // Links to packages are relative, so in the copy they point to the copied packages.
    const modules = join(dirname(path), "node_modules");
    if (path.endsWith("package.json") && existsSync(join(root, modules)) && path !== "package.json")
      cpSync(join(root, modules), join(copy, modules), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test("a generated aggregate compiles, passes linting and formatting, and passes its generated test", () => {
  const made = run("node", "scripts/new.ts", "aggregate", "floorPlan", "--in", "requests");
  expect(made.output).toContain("subgraphs/requests/src/floor-plans/floor-plan.resolver.ts");
  const changed = made.output.slice(made.output.indexOf("Added to the indexes:"), made.output.indexOf("Next:")).match(/\S+\.ts/g);
  expect(changed).toEqual(["subgraphs/requests/src/modules.ts", "packages/shared/src/aggregates/all.ts", "drizzle/src/tables/index.ts"]);
  expect(run("tsc", "-b")).toEqual({ status: 0, output: "" });
  expect(run("oxfmt", "--check").output).toContain("All matched files use the correct format.");
  expect(run("oxlint", "--deny-warnings", "subgraphs/requests/src/floor-plans").status).toBe(0);
  const tested = run(
    "node",
    "node_modules/vitest/vitest.mjs",
    "run",
    "subgraphs/requests/src/floor-plans",
    "drizzle/src/catalog.test.ts",
    "drizzle/src/row-level-security.test.ts",
  );
  expect(tested.status, tested.output).toBe(0);
}, 600_000);

test("refuses a name or prefix that is already used before writing anything", () => {
  for (const [args, message] of [
    [["building"], "There is a type building already"],
    [["storey", "--prefix", "bld"], "The ID prefix bld is taken"],
    [["Storey"], '"Storey" is not a valid name'],
  ] as const) {
    const refused = run("node", "scripts/new.ts", "aggregate", ...args, "--in", "requests");
    expect(refused.status).toBe(1);
    expect(refused.output).toContain(message);
  }
  expect(existsSync(join(copy, "subgraphs/requests/src/storeys"))).toBe(false);
});

test("names are derived from the singular form", () => {
  expect(namesOf("floorPlan", { subgraph: "requests" })).toMatchObject({
    names: "floorPlans",
    file: "floor-plan",
    table: "floor_plans",
    prefix: "flr",
    a_words: "a floor plan",
  });
  expect(namesOf("entry", { subgraph: "vendors" })).toMatchObject({ names: "entries", a_words: "an entry" });
  expect(filled("{{Name}} of {{schema}}", namesOf("entry", { subgraph: "vendors" }))).toBe("Entry of vendors");
});
