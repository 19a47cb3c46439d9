import { expect, test } from "vitest";
import { checkImports } from "./check.ts";

/** Checks files by path, each with the specifiers that it imports (prefix "type " for a type-only import). */
function check(files: Record<string, string[]>): string[] {
  const text = (specifier: string): string =>
    specifier.startsWith("type ") ? `import type { T } from "${specifier.slice(5)}";` : `import { x } from "${specifier}";`;
  return checkImports(new Map(Object.entries(files).map(([path, specifiers]) => [path, specifiers.map(text).join("\n")])));
}

/** A file in each package, so that the check knows the package. */
const workspace = Object.fromEntries(
  [
    "packages/pg-driver",
    "drizzle",
    "packages/shared",
    "packages/platform",
    "packages/api",
    "packages/engine",
    "gateway",
    "subgraphs/identity",
    "subgraphs/audit",
    "apps/worker",
    "apps/standalone",
    "testkit",
    "bench",
  ].map((folder) => [`${folder}/src/index.ts`, []]),
);

/** Returns the problems of one file with one import. */
const checkOne = (path: string, specifier: string): string[] => check({ ...workspace, [path]: [specifier] });

test.each([
  ["apps/standalone/src/a.ts", "@weft/gateway"],
  ["apps/standalone/src/a.ts", "@weft/worker"],
  ["apps/worker/src/a.ts", "@weft/audit"],
  ["subgraphs/audit/src/a.ts", "@weft/engine"],
  ["subgraphs/audit/src/a.ts", "@weft/drizzle"],
  ["packages/engine/src/a.ts", "@weft/platform/config/load"],
  ["packages/api/src/a.ts", "@weft/platform/db"],
  ["packages/platform/src/a.ts", "@weft/shared/errors"],
  ["gateway/src/a.ts", "@weft/api/subgraph"],
  ["drizzle/src/a.ts", "@weft/pg-driver"],
  ["packages/connectors/src/a.ts", "@weft/pg-driver"],
])("%s may import %s, which is below it", (path, specifier) => {
  expect(checkOne(path, specifier)).toEqual([]);
});

test.each([
  ["packages/shared/src/a.ts", "@weft/engine"],
  ["packages/shared/src/a.ts", "@weft/platform/db"],
  ["packages/platform/src/a.ts", "@weft/api/rules"],
  ["gateway/src/a.ts", "@weft/standalone"],
  ["gateway/src/a.ts", "@weft/audit"],
  ["subgraphs/audit/src/a.ts", "@weft/identity"],
  ["apps/worker/src/a.ts", "@weft/standalone"],
  ["drizzle/src/a.ts", "type @weft/shared/ids"],
  ["packages/pg-driver/src/a.ts", "@weft/drizzle"],
])("%s must not import %s, which is above it or in its layer", (path, specifier) => {
  expect(checkOne(path, specifier)).toEqual([expect.stringMatching(/points up|same layer/)]);
});

test("only tests may import what other packages have for tests", () => {
  expect(checkOne("gateway/src/a.ts", "@weft/platform/testing")).toEqual([expect.stringContaining("only *.test.ts files may")]);
  expect(checkOne("gateway/src/a.test.ts", "@weft/platform/testing")).toEqual([]);
});

test("a new program does not need its own line in the check", () => {
  expect(checkOne("apps/cli/src/a.ts", "@weft/shared")).toEqual([]);
  expect(check({ ...workspace, "apps/cli/src/a.ts": [], "packages/shared/src/a.ts": ["@weft/cli"] })).toEqual([
    "packages/shared/src/a.ts:1 imports apps/cli, which points up: packages/shared is below it",
  ]);
});

test("the gateway reaches workflows only through the subgraphs, and the worker serves no clients", () => {
  expect(checkOne("gateway/src/a.ts", "@weft/engine")).toEqual([expect.stringContaining("through the subgraphs")]);
  expect(checkOne("apps/worker/src/a.ts", "@weft/gateway")).toEqual([expect.stringContaining("serves no clients")]);
});

test("packages are imported by a name that exists in the workspace, and never by their own", () => {
  expect(checkOne("drizzle/src/a.ts", "@weft/nothing")).toEqual([expect.stringContaining("not a package of the workspace")]);
  expect(checkOne("packages/shared/src/a.ts", "@weft/shared")).toEqual([expect.stringContaining("its own package")]);
});

test("only tests and benchmarks import the test kit, and nothing imports a test", () => {
  expect(check({ ...workspace, "gateway/src/a.test.ts": ["@weft/testkit/until"], "bench/src/b.ts": ["@weft/testkit"] })).toEqual([]);
  expect(checkOne("gateway/src/a.ts", "@weft/testkit")).toEqual([expect.stringContaining("only *.test.ts files and bench")]);
  expect(checkOne("apps/standalone/src/a.test.ts", "@weft/testkit")).toEqual([]);
  expect(check({ "gateway/src/a.ts": ["./a.test.js"], "gateway/src/a.test.ts": [] })).toEqual([expect.stringContaining("imports a test")]);
});

test("packages for authors have nothing of the server", () => {
  const packages = { ...workspace, "packages/client/src/index.ts": [], "packages/react/src/index.ts": ["@weft/client"] };
  expect(check(packages)).toEqual([]);
  expect(check({ ...packages, "packages/client/src/a.ts": ["@weft/drizzle"] })).toEqual([
    expect.stringContaining("authors install packages/client without the server"),
  ]);
  expect(check({ ...packages, "packages/client/src/a.test.ts": ["@weft/testkit"] })).toEqual([]);
});

test("examples import none of our packages but those for authors, so that a copied example is complete", () => {
  const file = (specifier: string): string[] => checkOne("examples/clients/apollo/main.ts", specifier);
  expect(file("../shared/session")).toEqual([]);
  expect(check({ ...workspace, "packages/client/src/index.ts": [], "examples/clients/apollo/main.ts": ["@weft/client/apollo"] })).toEqual(
    [],
  );
  expect(file("@weft/shared")).toEqual([expect.stringContaining("an example must work when it is copied alone")]);
  expect(file("../../../packages/shared/src/index.ts")).toEqual([expect.stringContaining("another package")]);
});

test("relative imports stay in their package and resolve to a file", () => {
  expect(check({ "gateway/src/a.ts": ["../../packages/shared/src/b.js"], "packages/shared/src/b.ts": [] })).toEqual([
    expect.stringContaining("another package"),
  ]);
  expect(check({ "gateway/src/a.ts": ["./gone.js"] })).toEqual([expect.stringContaining("not there")]);
});

test("imports between the files of a feature point down, and a store is private to its feature", () => {
  const store = { "subgraphs/audit/src/log/log.store.ts": [] };
  const from = (path: string, specifier: string): string[] => check({ ...store, [`subgraphs/audit/src/${path}`]: [specifier] });
  expect(from("log/log.service.ts", "./log.store.js")).toEqual([]);
  expect(from("log/pages/page.service.ts", "../log.store.js")).toEqual([]);
  expect(check({ "subgraphs/audit/src/a/a.store.ts": ["./a.service.js"], "subgraphs/audit/src/a/a.service.ts": [] })).toHaveLength(1);
  expect(from("log/log.type.ts", "./log.store.js")).toEqual([expect.stringContaining("a type must not import a store")]);
  expect(from("log/log.type.ts", "type ./log.store.js")).toEqual([]);
  expect(from("other/other.service.ts", "../log/log.store.js")).toEqual([expect.stringContaining("another feature's store")]);
});

test("the engine's core imports neither our packages nor Node modules", () => {
  const core = "packages/engine/src/core/fire.ts";
  const others = { ...workspace, "packages/engine/src/core/snapshot.ts": [], "packages/engine/src/store/a.ts": [] };
  expect(check({ ...others, [core]: ["./snapshot.js", "yaml"] })).toEqual([]);
  expect(check({ ...others, [core]: ["../store/a.js"] })).toHaveLength(1);
  expect(check({ ...others, [core]: ["type @weft/shared"] })).toHaveLength(1);
  expect(check({ ...others, [core]: ["node:crypto"] })).toHaveLength(1);
});

test("the engine's folders do not import each other in a cycle, and its tests can import any folder", () => {
  const core = "packages/engine/src/core";
  const rooms = { [`${core}/votes/a.ts`]: ["../tasks/b.js"], [`${core}/tasks/b.ts`]: [], [`${core}/tasks/c.ts`]: [] };
  expect(check({ ...rooms, [`${core}/votes/d.ts`]: [], [`${core}/tasks/c.test.ts`]: ["../votes/d.js"] })).toEqual([]);
  expect(check({ ...rooms, [`${core}/votes/d.ts`]: [], [`${core}/tasks/c.ts`]: ["type ../votes/d.js"] })).toEqual([
    expect.stringContaining(`modules of the engine have circular imports: ${core}/tasks, ${core}/votes.`),
  ]);
});

test.each([
  ["imports of values", "", ""],
  ["a type-only import", "", "type "],
  ["object types", ".type", ""],
])("files do not import each other in a cycle: %s", (_what, suffix, prefix) => {
  const problems = check({
    [`gateway/src/a${suffix}.ts`]: [`./b${suffix}.js`],
    [`gateway/src/b${suffix}.ts`]: [`./c${suffix}.js`],
    [`gateway/src/c${suffix}.ts`]: [`${prefix}./a${suffix}.js`],
  });
  const files = ["a", "b", "c"].map((name) => `gateway/src/${name}${suffix}.ts`).join(", ");
  expect(problems).toEqual([expect.stringContaining(`files have circular imports (type-only imports count): ${files}.`)]);
});

test("a file does not import itself", () => {
  expect(check({ "gateway/src/a.ts": ["type ./a.js"] })).toEqual([expect.stringContaining("circular imports")]);
});

test("two paths down to the same file are not a cycle", () => {
  expect(
    check({
      "gateway/src/a.ts": ["./b.js", "./c.js"],
      "gateway/src/b.ts": ["./d.js"],
      "gateway/src/c.ts": ["type ./d.js"],
      "gateway/src/d.ts": [],
    }),
  ).toEqual([]);
});
