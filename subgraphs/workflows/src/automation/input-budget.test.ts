import { Computing } from "@weft/platform/computing";
import { expect, test } from "vitest";
import { boundedInput } from "./input-budget.js";

const call = (maxMs: number) => ({ computing: new Computing({ viewer: null }, maxMs) });

test("the inputs of a response share a number of characters", async () => {
  const ctx = call(Infinity);
  const rooms: number[] = [];
  const make = (maxChars: number): string => {
    rooms.push(maxChars);
    return "x".repeat(Math.max(0, maxChars - 2));
  };
  await Promise.all(Array.from({ length: 26 }, () => boundedInput(ctx, make)));
  expect(rooms).toEqual([...Array.from({ length: 25 }, () => 20_000), 0]);
  expect(await boundedInput(call(Infinity), make)).toHaveLength(19_998);
});

test("inputs share the computing time of the operation", async () => {
  const ctx = call(1);
  const slow = (): null => {
    for (const until = performance.now() + 20; performance.now() < until;);
    return null;
  };
  const made = await Promise.allSettled([boundedInput(ctx, slow), boundedInput(ctx, slow)]);
  expect(made).toMatchObject([
    { status: "fulfilled", value: null },
    { status: "rejected", reason: { code: "QUERY_LIMIT_EXCEEDED" } },
  ]);
});
