import { expect, test } from "vitest";
import { compiledRandom, playRun, type Played } from "../fixtures/random-automation.js";
import { seeded } from "../fixtures/seeded.js";
import type { StepGraph } from "../model/automation.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";
import { advance } from "./advance.js";
import { isUndecided } from "./compensations.js";
import { hasEnded, isEnded } from "./run-draft.js";

const RUNS = 1500;
const runs = Array.from({ length: RUNS }, (_, seed) => {
  const random = seeded(seed);
  const automation = compiledRandom(random);
  return { seed, automation, played: playRun(automation, random) };
});

const inEach = (
  check: (run: { readonly automation: StepGraph; readonly played: readonly Played[]; readonly end: RunSnapshot }) => void,
): void => {
  for (const { seed, automation, played } of runs) {
    const end = played.at(-1)?.after;
    if (!end) throw new Error(`Nothing happened with the seed ${seed}.`);
    try {
      check({ automation, played, end });
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
};

test("every run ends, and all ends occur", () => {
  const ends = new Set<string>();
  inEach(({ end }) => {
    expect(isEnded(end.status)).toBe(true);
    ends.add(end.status);
  });
  expect([...ends].sort()).toEqual(["CANCELLED", "FAILED", "SUCCEEDED"]);
});

test("a step begins only after all that it depends on has ended", () => {
  inEach(({ automation, played }) => {
    for (const { event, before } of played) {
      if (event.kind !== "begun") continue;
      const step = automation.steps.get(before.steps.get(event.step)?.item?.of ?? event.step);
      for (const needed of step?.dependsOn ?? []) expect(hasEnded(before.steps.get(needed)?.status ?? "PENDING")).toBe(true);
    }
  });
});

const withoutUndoing = ({ id, status, attempt, outputs, error, isFallback, ended, item }: StepSnapshot): object => ({
  id,
  status,
  attempt,
  outputs,
  error,
  isFallback,
  ended,
  item,
});

test("what has ended never changes, except by being undone", { tags: "slow" }, () => {
  let ended = 0;
  inEach(({ played, end }) => {
    for (const { after } of played)
      for (const step of after.steps.values())
        if (hasEnded(step.status)) {
          ended++;
          expect(withoutUndoing(end.steps.get(step.id) ?? step)).toEqual(withoutUndoing(step));
        }
  });
  expect(ended).toBeGreaterThan(1000);
});

test("a run that has succeeded has no open step, and failures only where they do not matter", () => {
  inEach(({ automation, end }) => {
    for (const step of end.steps.values()) {
      expect(hasEnded(step.status)).toBe(true);
      if (end.status === "SUCCEEDED" && step.status === "FAILED")
        // A list whose item has failed can have been done by the automation that it falls back to.
        expect(step.item ? ["continue", "workflow"] : ["continue"]).toContain(
          automation.steps.get(step.item?.of ?? step.id)?.onFailure.reaction,
        );
    }
  });
});

test("a run that stops waits for nothing that was not told to stop", () => {
  let waits = 0;
  inEach(({ played }) => {
    for (const { event, before, after, effects } of played) {
      if (event.kind !== "waits" || before.status !== "STOPPING") continue;
      waits++;
      expect(after.steps.get(event.step)?.status).toBe("CANCELLED");
      expect(effects).toContainEqual({ kind: "stop", steps: [event.step] });
    }
  });
  expect(waits).toBeGreaterThan(20);
});

test("a run ends only when nothing waits for somebody's decision", () => {
  let parked = 0;
  inEach(({ played, end }) => {
    for (const { event, before } of played) if (event.kind === "resolved" && before.status === "COMPENSATING") parked++;
    expect([...end.steps.values()].filter(isUndecided)).toEqual([]);
  });
  expect(parked).toBeGreaterThan(10);
});

test("no event changes a run that has ended", () => {
  inEach(({ automation, played, end }) => {
    for (const { event } of played) expect(advance(automation, end, event, "2026-03-01T09:00:00.000Z").isStale).toBe(true);
  });
});

test("the report of an earlier attempt changes nothing", () => {
  inEach(({ automation, played }) => {
    for (const { event, after } of played) {
      if (event.kind !== "succeeded" && event.kind !== "failed" && event.kind !== "lost") continue;
      expect(advance(automation, after, event, "2026-03-01T09:00:00.000Z").isStale).toBe(true);
    }
  });
});

test("the same events give the same run again", () => {
  inEach(({ automation, played }) => {
    for (const { before, event, after } of played) {
      const again = advance(automation, before, event, "2026-03-01T09:00:00.000Z");
      expect(again.isStale ? null : again.run).toEqual(after);
    }
  });
});

test("steps are undone from the last one to the first, one at a time, and only those that succeeded", () => {
  let undone = 0;
  inEach(({ played }) => {
    let last = Infinity;
    for (const { event, before } of played) {
      if (event.kind !== "compensationBegun") continue;
      const step = before.steps.get(event.step);
      expect(step?.status).toBe("SUCCEEDED");
      expect([...before.steps.values()].filter(({ compensation }) => compensation === "RUNNING")).toEqual([]);
      if (step?.compensationAttempt === 0) {
        expect(step.ended).toBeLessThan(last);
        last = step.ended ?? 0;
        undone++;
      }
    }
  });
  expect(undone).toBeGreaterThan(100);
});

test("never more items of a list are at work than it allows", () => {
  let lists = 0;
  inEach(({ automation, played }) => {
    for (const { after } of played) {
      const busy = new Map<string, number>();
      for (const { item, status } of after.steps.values())
        if (item && status !== "PENDING" && !hasEnded(status)) busy.set(item.of, (busy.get(item.of) ?? 0) + 1);
      for (const [id, count] of busy) {
        lists++;
        expect(count).toBeLessThanOrEqual(automation.steps.get(id)?.each?.concurrency ?? 0);
      }
    }
  });
  expect(lists).toBeGreaterThan(100);
});
