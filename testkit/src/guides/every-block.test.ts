import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { apiSteps } from "./api-steps.js";
import { apiBlocks, type Block, blocksOf, guidePages, shellBlocks } from "./page-blocks.js";
import { guides } from "./run-guide.js";
import { shellSteps } from "./shell-steps.js";

const root = new URL("../../../", import.meta.url);

/** Blocks in all languages or, if a pattern is given, in those languages are run or compared by another test, without a table. */
const otherTests: Readonly<Record<string, { readonly test: string; readonly languages: RegExp }>> = {
  "docs/tutorials/approval-process.md": { test: "testkit/src/guides/guide.test.ts", languages: /^(graphql|json|yaml)$/ },
  "docs/tutorials/automations-of-the-demo.md": {
    test: "apps/standalone/src/demo-data/history.walk.test.ts",
    languages: /^(graphql|json)$/,
  },
  "docs/tutorials/single-page-application.md": { test: "testkit/src/clients/clients-page.test.ts", languages: /^(json|tsx?)$/ },
};

const isRunElsewhere = (path: string, { language }: Block): boolean => otherTests[path]?.languages.test(language) ?? false;
const lines = (path: string, blocks: readonly Block[]): number[] =>
  blocks.filter((block) => !isRunElsewhere(path, block)).map(({ line }) => line);

// If this fails, add a step to the table, or a comment above the block: `<!-- not run: REASON -->` or `<!-- run by: TEST FILE -->`.
test.each(guidePages)("every code block of %s is run by a test, or a comment above it says why not", (path) => {
  const unrun = [
    ...lines(path, apiBlocks(path)).slice(apiSteps[path]?.length ?? 0),
    ...lines(path, shellBlocks(path)).slice(shellSteps[path]?.length ?? 0),
  ];
  expect(unrun).toEqual([]);
});

test("the tests that run blocks without a table exist", () => {
  const named = guidePages.flatMap((path) => blocksOf(path)).flatMap(({ mark }) => (mark?.kind === "run by" ? [mark.text] : []));
  const files = [...named, ...Object.values(otherTests).map((other) => other.test)];
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  expect([...guides.keys()].toSorted()).toEqual(["approval-process.md", "automations-of-the-demo.md"]);
});

test("the tables have steps only for guides", () => {
  expect([...Object.keys(apiSteps), ...Object.keys(shellSteps)].filter((path) => !guidePages.includes(path))).toEqual([]);
});
