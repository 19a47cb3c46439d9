import { totpCode } from "@weft/testkit";
import { expect, test } from "vitest";
import { stepOf } from "./totp.js";

const stepMs = 30_000;
const seed = "A".repeat(32);

test("a code is accepted in its own step, the one before and the one after, and in no other", () => {
  // The last moment of a step.
  const now = 60_000_000 * stepMs - 1;
  const at = (steps: number) => stepOf(seed, totpCode(seed, now + steps * stepMs), now);
  const own = Math.floor(now / stepMs);
  expect([-2, -1, 0, 1, 2].map(at)).toEqual([null, own - 1, own, own + 1, null]);
});

test("the code of another seed is not accepted", () => {
  const now = 60_000_000 * stepMs;
  expect(stepOf(seed, totpCode("B".repeat(32), now), now)).toBeNull();
  expect(stepOf(seed, totpCode(seed, now), now)).toBe(60_000_000);
});
