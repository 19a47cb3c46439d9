import { expect, test } from "vitest";
import { describeImports } from "./report.ts";

/** Returns the report for files by path, each with the specifiers that it imports. */
function report(files: Record<string, string[]>): string {
  const text = (specifier: string): string => `import { x } from "${specifier}";`;
  return describeImports(new Map(Object.entries(files).map(([path, specifiers]) => [path, specifiers.map(text).join("\n")])));
}

/** Returns the cells of the row that begins with `name`. */
const row = (text: string, name: string): string[] =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${name} `))
    ?.split(/ {2,}/) ?? [];

const house = {
  "drizzle/src/index.ts": [],
  "packages/shared/src/index.ts": ["./ids/id.js", "./ids/prefix.js"],
  "packages/shared/src/ids/id.ts": ["./prefix.js", "@weft/drizzle"],
  "packages/shared/src/ids/prefix.ts": [],
  "packages/shared/src/ids/id.test.ts": ["./id.js", "@weft/testkit"],
  "gateway/src/index.ts": ["@weft/shared"],
  "apps/standalone/src/index.ts": ["@weft/gateway", "@weft/shared/ids/id"],
  "testkit/src/index.ts": ["@weft/standalone"],
  "scripts/check.ts": [],
};

test("each package has a level above those it imports, and its tests do not raise it", () => {
  const text = report(house);
  const levels = ["drizzle", "packages/shared", "gateway", "apps/standalone", "testkit"].map((name) => row(text, name)[1]);
  expect(levels).toEqual(["1", "2", "3", "4", "5"]);
});

test("a package's row contains its files, its tests, the levels of its files, and its imports", () => {
  expect(row(report(house), "packages/shared")).toEqual(["packages/shared", "2", "3", "1", "3", "drizzle"]);
  expect(row(report(house), "apps/standalone").at(-1)).toBe("gateway, packages/shared");
});

test("the largest folder comes first, by number of files without tests", () => {
  const folders = report(house).split("Largest folders")[1]?.split("\n").slice(3);
  expect(folders?.[0]?.split(/ +/)).toEqual(["packages/shared/src/ids", "2", "1"]);
});

test("the report says that there are no cycles and no upward imports", () => {
  expect(report(house)).toContain("Import cycles between files: none");
  expect(report(house)).toContain("Imports that point up: none");
});

test("cycles are listed with their files, and a level is still computed", () => {
  const text = report({ "gateway/src/a.ts": ["./b.js"], "gateway/src/b.ts": ["./a.js"] });
  expect(text).toContain("Import cycles between files: 1\n  gateway/src/a.ts, gateway/src/b.ts");
  expect(row(text, "gateway")[4]).toBe("2");
});

test("upward imports are listed with their location, by name or by path", () => {
  const text = report({
    ...house,
    "packages/shared/src/up.ts": ["./ids/id.js", "@weft/gateway"],
    "drizzle/src/up.ts": ["../../packages/shared/src/index.js"],
  });
  expect(text.split("Imports that point up: ")[1]).toBe(
    "2\n  packages/shared/src/up.ts:2 → gateway\n  drizzle/src/up.ts:1 → packages/shared",
  );
});
