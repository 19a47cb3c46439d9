import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedPages } from "./pages.js";

test.each(Object.entries(generatedPages))("%s is what the code says", (path, generate) => {
  expect(readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8")).toBe(generate());
});
