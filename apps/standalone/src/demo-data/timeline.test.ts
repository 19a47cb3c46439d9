import { expect, test } from "vitest";
import { playStories, type Story } from "./timeline.js";

test("stories run in one shared past: the clock never goes back, and the failure of a story ends only that story", async () => {
  const seen: string[] = [];
  const failures: unknown[] = [];
  async function* story(name: string, moments: readonly number[]): Story {
    for (const moment of moments) {
      yield moment;
      seen.push(`${name} ${moment}`);
      if (name === "broken") throw new Error("broken");
    }
  }
  const clock: number[] = [];
  await playStories([story("a", [9, 5, 1]), story("b", [7, 6]), story("broken", [8, 2])], {
    moveTo: async (daysAgo) => void clock.push(daysAgo),
    onFailure: (error) => failures.push(error),
  });
  expect(seen).toEqual(["a 9", "broken 8", "b 7", "b 6", "a 5", "a 1"]);
  expect(clock).toEqual([9, 8, 7, 6, 5, 1]);
  expect(failures).toEqual([new Error("broken")]);
});

test("rejects a story that goes back in time", async () => {
  const failures: unknown[] = [];
  async function* backwards(): Story {
    yield 3;
    yield 4;
  }
  await playStories([backwards()], { moveTo: async () => undefined, onFailure: (error) => failures.push(error) });
  expect(failures).toEqual([new RangeError("A demo story goes back in time, from 3 to 4 days ago.")]);
});

test("stops between two steps on request", async () => {
  const stop = new AbortController();
  async function* endless(): Story {
    for (let day = 90; ; day -= 1) {
      yield day;
      if (day === 88) stop.abort();
    }
  }
  const clock: number[] = [];
  await playStories([endless()], {
    moveTo: async (daysAgo) => void clock.push(daysAgo),
    onFailure: () => expect.fail(),
    signal: stop.signal,
  });
  expect(clock).toEqual([90, 89, 88]);
});
