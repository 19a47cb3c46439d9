import { expect, test } from "vitest";
import { until } from "./until.js";

test("gives the first answer that is one", async () => {
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

test("says what it waited for and what the last answer was", async () => {
  await expect(until(() => null, { what: "the moon is full", deadlineMs: 5, everyMs: 1 })).rejects.toThrow(
    /until the moon is full; the last answer was null/,
  );
});
