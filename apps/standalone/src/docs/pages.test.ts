import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedPages } from "./pages.js";

test.each(Object.entries(generatedPages))("%s matches the code", (path, generate) => {
  expect(readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8")).toBe(generate());
});
