import { expect, test } from "vitest";
import { compare, shrunk } from "./baseline.ts";

const there = (...paths: string[]) => ({ exists: (path: string): boolean => paths.includes(path) });

test("a file may have as many violations as the baseline says, and none when it is not on it", () => {
  const baseline = { "a.md": 2, "b.md": 2 };
  const files = there("a.md", "b.md", "c.md");
  expect(
    compare(
      baseline,
      new Map([
        ["a.md", 2],
        ["b.md", 1],
      ]),
      files,
    ),
  ).toEqual({ worse: [], stale: [] });
  expect(
    compare(
      baseline,
      new Map([
        ["a.md", 3],
        ["b.md", 1],
        ["c.md", 1],
      ]),
      files,
    ).worse,
  ).toEqual([
    { path: "a.md", found: 3, allowed: 2 },
    { path: "c.md", found: 1, allowed: 0 },
  ]);
});

test("a file that is clean or gone must leave the baseline", () => {
  expect(compare({ "a.md": 2, "b.md": 2 }, new Map(), there("a.md")).stale).toEqual(["a.md", "b.md"]);
  const some = { ...there("a.md", "b.md"), isChecked: (path: string) => path === "a.md" };
  expect(compare({ "a.md": 2, "b.md": 2 }, new Map(), some).stale).toEqual(["a.md"]);
});

test("a file that was moved keeps its number, and gets no second one", () => {
  const files = there("new/a.md");
  expect(compare({ "old/a.md": 2 }, new Map([["new/a.md", 2]]), files)).toEqual({ worse: [], stale: [] });
  expect(compare({ "old/a.md": 2 }, new Map([["new/a.md", 3]]), files).worse).toHaveLength(1);
  const two = there("new/a.md", "other/a.md");
  expect(
    compare(
      { "old/a.md": 2 },
      new Map([
        ["new/a.md", 1],
        ["other/a.md", 1],
      ]),
      two,
    ).worse,
  ).toHaveLength(2);
});

test("an update lowers numbers, drops clean files, follows moved ones, and never raises anything", () => {
  const baseline = { "a.md": 2, "b.md": 2, "c.md": 2, "old/d.md": 2 };
  const found = new Map([
    ["a.md", 1],
    ["b.md", 5],
    ["new/d.md", 2],
    ["e.md", 1],
  ]);
  const files = there("a.md", "b.md", "c.md", "new/d.md", "e.md");
  expect(shrunk(baseline, found, files)).toEqual({ "a.md": 1, "b.md": 2, "new/d.md": 2 });
  expect(shrunk(baseline, found, { ...files, isChecked: (path) => path === "a.md" })).toEqual({
    ...baseline,
    "a.md": 1,
    "old/d.md": undefined,
    "new/d.md": 2,
  });
});
