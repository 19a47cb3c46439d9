import { afterAll, beforeAll, expect, test } from "vitest";
import { type AsOfKit, readAgain, startAsOfKit, stopAsOfKit, tellStory } from "@weft/testkit/as-of/as-of-story";

let kit: AsOfKit;

beforeAll(async () => {
  kit = await startAsOfKit();
});

afterAll(() => stopAsOfKit(kit));

test.each([1, 2])(
  "requests and assets as of 500 times are what was read then (seed %i)",
  async (seed) => {
    const { past, known } = await readAgain(kit, await tellStory(kit, seed), { times: 500, seed });
    expect(past).toEqual(known);
  },
  120_000,
);
