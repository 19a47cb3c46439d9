import { afterAll, beforeAll, expect, test } from "vitest";
import { drawn } from "../sizes.js";
import { startTestWeft, type TestWeft } from "../test-weft.js";
import { apiSteps } from "./api-steps.js";
import { apiBlocks } from "./page-blocks.js";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It uses the platform." })));
afterAll(() => weft.stop());

test.each(drawn(Object.keys(apiSteps), { of: 1 }))("the operations of %s do what the page says, in sequence", async (page) => {
  const tenant = await weft.tenant();
  for (const [index, { text, line }] of apiBlocks(page).entries()) {
    const step = apiSteps[page]?.[index];
    if (step === undefined) throw new Error(`${page}:${line} has no step. Add one to apiSteps.`);
    await step(text, { weft, tenant });
  }
  expect(apiSteps[page]).toHaveLength(apiBlocks(page).length);
});
