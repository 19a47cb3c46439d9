import { expect, test } from "vitest";
import { compiledRandom, playFrom, playRun } from "../fixtures/random-automation.js";
import { seeded } from "../fixtures/seeded.js";
import type { StepGraph } from "../model/automation.js";
import type { RunSnapshot } from "../model/run.js";
import { newRun } from "./new-run.js";
import { hasEnded, isEnded } from "./run-draft.js";
import { takeOver } from "./take-over.js";

const RUNS = 1500;

type Continued = {
  readonly graph: StepGraph;
  readonly earlier: RunSnapshot;
  readonly from: string | null;
  readonly hasSameInputs: boolean;
  readonly kept: ReturnType<typeof takeOver>;
  readonly played: ReturnType<typeof playFrom>;
  readonly end: RunSnapshot;
};

const runs = Array.from({ length: RUNS }, (_, seed): Continued => {
  const random = seeded(seed);
  const graph = compiledRandom(random);
  const earlier = playRun(graph, random).at(-1)?.after;
  if (!earlier) throw new Error(`Nothing happened with the seed ${seed}.`);
  const from = random.below(3) === 0 ? null : random.pick([...graph.steps.keys()]);
  const hasSameInputs = random.below(2) === 0;
  const kept = takeOver(graph, earlier, { from, hasSameInputs });
  const fresh = newRun(graph, earlier.inputs, {});
  const played = playFrom(graph, { ...fresh, steps: new Map([...fresh.steps, ...kept]) }, random);
  return { graph, earlier, from, hasSameInputs, kept, played, end: played.at(-1)?.after ?? fresh };
});

const inEach = (check: (continued: Continued) => void): void => {
  for (const [seed, continued] of runs.entries()) {
    try {
      check(continued);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
};

const dependsOn = (graph: StepGraph, id: string, on: string): boolean =>
  (graph.steps.get(id)?.dependsOn ?? []).some((needed) => needed === on || dependsOn(graph, needed, on));

test("a run that continues another one ends, and all ends occur", () => {
  const ends = new Set<string>();
  inEach(({ end }) => {
    expect(isEnded(end.status)).toBe(true);
    ends.add(end.status);
  });
  expect([...ends].sort()).toEqual(["CANCELLED", "FAILED", "SUCCEEDED"]);
});

test("the step to begin with, and all that depend on it, are done again", () => {
  let again = 0;
  inEach(({ graph, from, kept }) => {
    if (from === null) return;
    for (const id of kept.keys()) {
      const step = kept.get(id)?.item?.of ?? id;
      expect(step === from || dependsOn(graph, step, from)).toBe(false);
    }
    again++;
  });
  expect(again).toBeGreaterThan(500);
});

test("a step is done again only for a reason: it has no usable result, or depends on one that is done again", () => {
  let count = 0;
  inEach(({ graph, earlier, from, kept }) => {
    for (const [id, step] of graph.steps) {
      const before = earlier.steps.get(id);
      const items = [...earlier.steps.values()].filter(({ item }) => item?.of === id);
      const isUsable =
        before?.status === "SUCCEEDED" ||
        before?.status === "SKIPPED" ||
        (before?.status === "FAILED" && step.onFailure.reaction === "continue");
      const isUndone = [before, ...items].some((one) => (one?.compensation ?? null) !== null);
      const needsOther = step.dependsOn.some((needed) => !kept.has(needed));
      expect(kept.has(id)).toBe(isUsable && !isUndone && !needsOther && id !== from);
      if (kept.has(id)) count++;
    }
  });
  expect(count).toBeGreaterThan(1000);
});

test("what was undone is done again", () => {
  let undone = 0;
  inEach(({ earlier, kept }) => {
    for (const { id, compensation } of earlier.steps.values())
      if (compensation !== null) {
        undone++;
        expect(kept.has(id)).toBe(false);
      }
  });
  expect(undone).toBeGreaterThan(100);
});

test("the results that are taken over never change, and nothing of them is done again, except being undone", () => {
  inEach(({ kept, played, end }) => {
    for (const { event } of played) if (event.kind === "begun") expect(kept.has(event.step)).toBe(false);
    for (const [id, { outputs, status, attempt, ended }] of kept)
      expect(end.steps.get(id)).toMatchObject({ outputs, status, attempt, ended });
  });
});

test("of a list that is done again because items of it failed, those that succeeded are kept, and only with the same inputs", () => {
  let items = 0;
  inEach(({ graph, from, hasSameInputs, kept }) => {
    for (const { id, item, status } of kept.values()) {
      if (!item || kept.has(item.of)) continue;
      items++;
      expect([hasSameInputs, status, item.of === from]).toEqual([true, "SUCCEEDED", false]);
      for (const needed of graph.steps.get(item.of)?.dependsOn ?? []) expect(kept.has(needed)).toBe(true);
      expect(id).toBe(`${item.of}[${item.index}]`);
    }
  });
  expect(items).toBeGreaterThan(20);
});

test("a list that is continued has one result for each item, in their order", () => {
  let lists = 0;
  inEach(({ graph, end }) => {
    for (const [id, step] of graph.steps) {
      const list = end.steps.get(id);
      if (!step.each || list?.status !== "SUCCEEDED" || list.isFallback) continue;
      const items = [...end.steps.values()]
        .filter(({ item }) => item?.of === id)
        .sort((a, b) => (a.item?.index ?? 0) - (b.item?.index ?? 0));
      expect(items.every(({ status }) => hasEnded(status))).toBe(true);
      expect(list.outputs).toMatchObject({ items: items.map(({ outputs }) => outputs), count: items.length });
      lists++;
    }
  });
  expect(lists).toBeGreaterThan(100);
});
