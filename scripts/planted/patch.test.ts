import { describe, expect, test } from "vitest";
import { readPatch, suiteOf } from "./patch.ts";

const diff = `diff --git a/packages/shared/src/pages/cursor.ts b/packages/shared/src/pages/cursor.ts
--- a/packages/shared/src/pages/cursor.ts
+++ b/packages/shared/src/pages/cursor.ts
@@ -1 +1 @@
-const isOpen = true;
+const isOpen = false;
`;
const header = "Defect: A list shows nothing.\nFound by: packages/shared/src/pages/cursor.test.ts\n";

describe("a patch", () => {
  test("has a defect, and the test files that find it", () => {
    const text = `${header}Found by: gateway/src/live/live.test.ts\n\n${diff}`;
    expect(readPatch("01-empty-list", text)).toEqual({
      patch: {
        name: "01-empty-list",
        defect: "A list shows nothing.",
        foundBy: ["packages/shared/src/pages/cursor.test.ts", "gateway/src/live/live.test.ts"],
      },
      problems: [],
    });
  });

  test.each([
    ["no number", "empty-list", header + diff, /two digits/],
    ["no defect", "01-a", `Found by: a.test.ts\n${diff}`, /one line that begins with "Defect: "/],
    ["two defects", "01-a", `Defect: A.\n${header}${diff}`, /one line that begins with "Defect: "/],
    ["no test file", "01-a", `Defect: A.\n${diff}`, /a line that begins with "Found by: "/],
    ["another file in place of a test", "01-a", `Defect: A.\nFound by: packages/a.ts\n${diff}`, /packages\/a\.ts is not a test file/],
    ["an unknown line", "01-a", `${header}Author: Ada\n${diff}`, /The header contains "Author: Ada"/],
    ["no diff", "01-a", header, /There is no diff/],
    [
      "a change of a test",
      "01-a",
      header + diff.replaceAll("cursor.ts", "cursor.test.ts"),
      /cursor\.test\.ts is not a file of the product/,
    ],
    [
      "a change of the test kit",
      "01-a",
      header + diff.replaceAll("packages/shared", "testkit"),
      /testkit\/\S+ is not a file of the product/,
    ],
  ])("with %s is refused", (_what, name, text, problem) => {
    const { problems } = readPatch(name, text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

test.each([
  ["a.test.ts", "test"],
  ["a.walk.test.ts", "walks"],
  ["a.distributed.test.ts", "distributed"],
  ["hard/a.hard.test.ts", "hard"],
  ["hard/a.test.ts", "test"],
])("%s runs in the suite %s", (file, suite) => {
  expect(suiteOf(file)).toBe(suite);
});
