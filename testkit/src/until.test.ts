import { expect, test } from "vitest";
import { until } from "./until.js";

test("returns the first result that is not false, null, or undefined", async () => {
  let asked = 0;
  const answer = await until(
    () => {
      if (++asked === 1) throw new Error("not yet");
      return asked > 2 && { asked };
    },
    { what: "the third question is asked", everyMs: 1 },
  );
  expect(answer).toEqual({ asked: 3 });
});

test("reports what it waited for and the last result", async () => {
  await expect(until(() => null, { what: "the moon is full", deadlineMs: 5, everyMs: 1 })).rejects.toThrow(
    /until the moon is full; the last answer was null/,
  );
});
