import { expect, test } from "vitest";
import { compiledRandom, LIST, playRun, type Played } from "../../fixtures/random-automation.js";
import { seeded } from "../../fixtures/seeded.js";
import type { StepGraph } from "../../model/automation.js";
import type { RunEvent, RunSnapshot, StepSnapshot } from "../../model/run.js";
import { isEnded } from "../run-draft.js";
import { STEP_TYPES } from "../types/step-types.js";
import { simulateRun, type EndedSimulation } from "./simulate-run.js";
import type { StepStub } from "../../model/step-stub.js";

const RUNS = 1500;
const NOW = "2026-03-01T09:00:00.000Z";

function simulated(graph: StepGraph, inputs: RunSnapshot["inputs"], stubs: readonly StepStub[]): EndedSimulation {
  const walk = simulateRun(graph, { inputs, facts: {}, now: NOW, stubs, types: STEP_TYPES });
  for (;;) {
    const next = walk.next();
    if (next.done === true) return next.value;
  }
}

/** What the workers of a run have reported, as stubs. */
function stubsFrom(played: readonly Played[]): StepStub[] {
  const stubOf = (event: RunEvent): Pick<StepStub, "end" | "isCompensation"> | null => {
    if (event.kind === "succeeded") return { isCompensation: false, end: { kind: "succeeded", outputs: event.outputs } };
    if (event.kind === "failed") return { isCompensation: false, end: { kind: "failed", error: event.error } };
    if (event.kind === "lost") return { isCompensation: false, end: { kind: "lost" } };
    if (event.kind === "compensated") return { isCompensation: true, end: { kind: "succeeded", outputs: {} } };
    if (event.kind === "compensationLost") return { isCompensation: true, end: { kind: "lost" } };
    if (event.kind === "compensationFailed") return { isCompensation: true, end: { kind: "failed", error: event.error } };
    if (event.kind !== "resolved" || event.isRetried) return null;
    return { isCompensation: false, end: { kind: "failed", error: { code: "X", message: "", isFinal: true } } };
  };
  return played.flatMap(({ event, before }): StepStub[] => {
    // A decision about what could not be undone has no result of its own.
    const stub = event.kind === "resolved" && before.status === "COMPENSATING" ? null : stubOf(event);
    if (!stub || !("step" in event) || !("attempt" in event)) return [];
    const { item } = before.steps.get(event.step) ?? { item: null };
    return [{ ...stub, step: item?.of ?? event.step, index: item?.index ?? null, attempt: event.attempt }];
  });
}

const shown = ({ status, attempt, compensation, compensationAttempt }: StepSnapshot): object => ({
  status,
  attempt,
  compensation,
  compensationAttempt,
});

test("with the results of a random run as stubs, a simulation ends with the statuses of that run", { tags: "slow" }, () => {
  const compared = { SUCCEEDED: 0, FAILED: 0 };
  for (let seed = 0; seed < RUNS; seed++) {
    const random = seeded(seed);
    const graph = compiledRandom(random);
    const played = playRun(graph, random);
    const end = played.at(-1)?.after;
    if (!end) throw new Error(`Nothing happened with the seed ${seed}.`);
    // What a stop does to the steps at work, and which it cancels, depends on how fast each of them is.
    if (end.status === "CANCELLED" || played.some(({ before }) => before.status === "STOPPING")) continue;
    if ([...end.steps.values()].some(({ status }) => status === "CANCELLED")) continue;
    const { report, run } = simulated(graph, end.inputs, stubsFrom(played));
    expect(report.unfinished, `seed ${seed}`).toBeNull();
    expect(run.status, `seed ${seed}`).toBe(end.status);
    expect(run.outputs).toEqual(end.outputs);
    for (const [id, step] of run.steps) {
      const other = end.steps.get(id);
      if (run.status === "SUCCEEDED" || step.status !== "CANCELLED")
        expect(other && shown(step), `seed ${seed}, ${id}`).toEqual(other && shown(other));
    }
    if (end.status === "SUCCEEDED" || end.status === "FAILED") compared[end.status]++;
  }
  expect(compared.SUCCEEDED).toBeGreaterThan(100);
  expect(compared.FAILED).toBeGreaterThan(50);
});

test(
  "without stubs, every random automation succeeds or fails by its own conditions, in bounded time, and always in the same way",
  { tags: "slow" },
  () => {
    for (let seed = 0; seed < 300; seed++) {
      const graph = compiledRandom(seeded(seed));
      const inputs = { n: 1, list: LIST };
      const first = simulated(graph, inputs, []);
      expect(isEnded(first.run.status), `seed ${seed}`).toBe(true);
      expect(first.report).toEqual(simulated(graph, inputs, []).report);
      const [failed = null] = [...first.run.steps.values()].filter(({ status }) => status === "FAILED");
      if (first.run.status === "FAILED") expect(failed?.error?.code).toMatch(/^(ASSERTION_FAILED|INPUT_INVALID)$/);
      const begun = first.report.steps.flatMap(({ attempts }) => attempts);
      for (const { origin, type } of begun) expect(origin).toBe(type === "set" || type === "assert" ? "COMPUTED" : "PLACEHOLDER");
    }
  },
);
