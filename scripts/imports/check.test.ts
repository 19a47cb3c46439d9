import { expect, test } from "vitest";
import { checkImports } from "./check.ts";

/** Files by path, each with the specifiers that it imports (a leading "type " for a type-only import). */
function check(files: Record<string, string[]>): string[] {
  const text = (specifier: string): string =>
    specifier.startsWith("type ") ? `import type { T } from "${specifier.slice(5)}";` : `import { x } from "${specifier}";`;
  return checkImports(new Map(Object.entries(files).map(([path, specifiers]) => [path, specifiers.map(text).join("\n")])));
}

test("packages import downwards only", () => {
  const file = (path: string, specifier: string): string[] => check({ [path]: [specifier] });
  expect(file("packages/standalone/src/a.ts", "@weft/gateway")).toEqual([]);
  expect(file("subgraphs/audit/src/a.ts", "@weft/engine")).toEqual([]);
  expect(file("gateway/src/a.ts", "@weft/engine")).toEqual(["gateway/src/a.ts:1 gateway must not import engine (it may import shared)"]);
  expect(file("subgraphs/audit/src/a.ts", "@weft/identity")).toHaveLength(1);
  expect(file("packages/shared/src/a.ts", "@weft/engine")).toHaveLength(1);
  expect(file("drizzle/src/a.ts", "type @weft/shared")).toHaveLength(1);
  expect(file("drizzle/src/a.ts", "@weft/nothing")).toEqual([expect.stringContaining("no package of the workspace")]);
  expect(file("packages/shared/src/a.ts", "@weft/shared")).toEqual([expect.stringContaining("its own package")]);
});

test("only tests and benches import the test kit, and nobody imports a test", () => {
  expect(check({ "gateway/src/a.test.ts": ["@weft/testkit/until"], "bench/src/b.ts": ["@weft/testkit"] })).toEqual([]);
  expect(check({ "gateway/src/a.ts": ["@weft/testkit"] })).toEqual([expect.stringContaining("only *.test.ts and bench")]);
  expect(check({ "gateway/src/a.ts": ["./a.test.js"], "gateway/src/a.test.ts": [] })).toEqual([expect.stringContaining("imports a test")]);
});

test("examples import nothing of ours, so that who copies one has all of it", () => {
  const file = (specifier: string): string[] => check({ "examples/clients/apollo/main.ts": [specifier], "packages/shared/src/a.ts": [] });
  expect(file("../shared/session")).toEqual([]);
  expect(file("@weft/shared")).toEqual([expect.stringContaining("examples must not import shared")]);
  expect(file("../../../packages/shared/src/a.ts")).toEqual([expect.stringContaining("another package")]);
});

test("relative imports stay in their package and lead somewhere", () => {
  expect(check({ "gateway/src/a.ts": ["../../packages/shared/src/b.js"], "packages/shared/src/b.ts": [] })).toEqual([
    expect.stringContaining("another package"),
  ]);
  expect(check({ "gateway/src/a.ts": ["./gone.js"] })).toEqual([expect.stringContaining("not there")]);
});

test("the rooms of a feature go down, and a store is its own folder's", () => {
  const store = { "subgraphs/audit/src/log/log.store.ts": [] };
  const from = (path: string, specifier: string): string[] => check({ ...store, [`subgraphs/audit/src/${path}`]: [specifier] });
  expect(from("log/log.service.ts", "./log.store.js")).toEqual([]);
  expect(check({ "subgraphs/audit/src/a/a.store.ts": ["./a.service.js"], "subgraphs/audit/src/a/a.service.ts": [] })).toHaveLength(1);
  expect(from("log/log.type.ts", "./log.store.js")).toEqual([expect.stringContaining("a type must not import a store")]);
  expect(from("log/log.type.ts", "type ./log.store.js")).toEqual([]);
  expect(from("other/other.service.ts", "../log/log.store.js")).toEqual([expect.stringContaining("another feature's store")]);
});

test("the engine's core imports nothing of ours and nothing of Node", () => {
  const core = "packages/engine/src/core/fire.ts";
  const others = { "packages/engine/src/core/snapshot.ts": [], "packages/engine/src/store/a.ts": [] };
  expect(check({ ...others, [core]: ["./snapshot.js", "yaml"] })).toEqual([]);
  expect(check({ ...others, [core]: ["../store/a.js"] })).toHaveLength(1);
  expect(check({ ...others, [core]: ["type @weft/shared"] })).toHaveLength(1);
  expect(check({ ...others, [core]: ["node:crypto"] })).toHaveLength(1);
});

test("files do not import each other in a circle, unless only types are needed or object types name each other", () => {
  const circle = (suffix: string, prefix: string): string[] =>
    check({
      [`gateway/src/a${suffix}.ts`]: [`./b${suffix}.js`],
      [`gateway/src/b${suffix}.ts`]: [`./c${suffix}.js`],
      [`gateway/src/c${suffix}.ts`]: [`${prefix}./a${suffix}.js`],
    });
  expect(circle("", "")).toEqual(["files import each other in a circle: gateway/src/a.ts, gateway/src/b.ts, gateway/src/c.ts"]);
  expect(circle("", "type ")).toEqual([]);
  expect(circle(".type", "")).toEqual([]);
});
