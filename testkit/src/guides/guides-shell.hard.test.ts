import { expect, test } from "vitest";
import { shellBlocks } from "./page-blocks.js";
import { openShell } from "./shell.js";
import { shellSteps } from "./shell-steps.js";

test.each(Object.entries(shellSteps))("the commands of %s do what the page says, in sequence", async (page, steps) => {
  const blocks = shellBlocks(page);
  expect(steps).toHaveLength(blocks.length);
  const shell = await openShell();
  try {
    for (const [index, { text }] of blocks.entries()) await steps[index]?.(text, shell);
  } finally {
    await shell.close();
  }
});
