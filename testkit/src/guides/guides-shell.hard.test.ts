import { expect, test } from "vitest";
import { drawn } from "../sizes.js";
import { shellBlocks } from "./page-blocks.js";
import { openShell } from "./shell.js";
import { shellSteps } from "./shell-steps.js";

const { "README.md": readme, ...guides } = shellSteps;

test.each([["README.md", readme ?? []] as const, ...drawn(Object.entries(guides), { of: 8 })])(
  "the commands of %s do what the page says, in sequence",
  async (page, steps) => {
    const blocks = shellBlocks(page);
    expect(steps).toHaveLength(blocks.length);
    const shell = await openShell();
    try {
      for (const [index, { text }] of blocks.entries()) await steps[index]?.(text, shell);
    } finally {
      await shell.close();
    }
  },
);
