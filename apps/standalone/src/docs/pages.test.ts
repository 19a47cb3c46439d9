import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedPages, isBuilt } from "./pages.js";

const root = new URL("../../../../", import.meta.url);
const pages = Object.entries(generatedPages());
const committed = pages.filter(([path]) => !isBuilt(path));
const built = pages.filter(([path]) => isBuilt(path));

test.each(committed)("%s, which is committed, matches the code", (path, text) => {
  expect(readFileSync(new URL(path, root), "utf8")).toBe(text);
});

test.each(built)("%s, which is not committed, is listed on the index of its folder", (path) => {
  const [file = ""] = path.split("/").slice(-1);
  expect(readFileSync(new URL("index.md", new URL(path, root)), "utf8")).toContain(`(${file})`);
});

test("the indexes of the reference, and its pages by hand, are committed", () => {
  expect(["docs/reference/schema/index.md", "docs/reference/api.md", "docs/how-to/people.md"].filter(isBuilt)).toEqual([]);
  expect(built.length).toBeGreaterThan(30);
});
