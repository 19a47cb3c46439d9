import { expect, test } from "vitest";
import type { RunEvent, RunSnapshot, StepSnapshot } from "../../core/model/run.js";
import { Figures, type AttemptFigures, type UsedByStep } from "./attempts.js";

const NOW = "2026-03-01T09:00:00.000Z";
const EARLIER = "2026-03-01T08:00:00.000Z";

const runOf = (step: Partial<StepSnapshot>): RunSnapshot =>
  ({ steps: new Map([["a", { id: "a", attempt: 1, compensationAttempt: 0, ended: null, compensation: null, ...step }]]) }) as never;
const figuresOf = (row: AttemptFigures, used: UsedByStep | null = null): Figures =>
  new Figures({ rows: new Map([["a", row]]), now: NOW }, used);
const failed = (attempt: number): RunEvent => ({ kind: "failed", step: "a", attempt, error: { code: "E", message: "", isFinal: false } });
const usedBy = (attempt: number, calls: number): UsedByStep => ({ step: "a", attempt, isCompensation: false, usage: { calls } });

test("an attempt that follows another one has used nothing yet, and begins now", () => {
  const figures = figuresOf({ usage: null, attemptStartedAt: EARLIER }, usedBy(1, 3));
  const past = figures.take(failed(1), runOf({ status: "RUNNING" }), runOf({ status: "READY" }), ["a"]);
  expect(past).toMatchObject({ attempt: 1, usage: { calls: 3 }, startedAt: EARLIER });
  figures.take({ kind: "begun", step: "a" }, runOf({ status: "READY" }), runOf({ status: "RUNNING", attempt: 2 }), ["a"]);
  expect(figures.of("a")).toEqual({ usage: null, attemptStartedAt: NOW });
});

test("an attempt that begins and fails at once has its own time and usage, not those of the one before it", () => {
  const figures = figuresOf({ usage: { calls: 3 }, attemptStartedAt: EARLIER }, usedBy(2, 1));
  figures.take({ kind: "begun", step: "a" }, runOf({ status: "READY" }), runOf({ status: "RUNNING", attempt: 2 }), ["a"]);
  const past = figures.take(failed(2), runOf({ attempt: 2 }), runOf({ status: "READY", attempt: 2 }), ["a"]);
  expect(past).toMatchObject({ attempt: 2, usage: { calls: 1 }, startedAt: NOW });
});

test("what an attempt has used before and after a wait is added up, and counted once", () => {
  const figures = figuresOf({ usage: { calls: 3 }, attemptStartedAt: EARLIER }, usedBy(1, 1));
  const after = runOf({ status: "SUCCEEDED", ended: 1 });
  figures.take({ kind: "succeeded", step: "a", attempt: 1, outputs: {} }, runOf({ status: "WAITING" }), after, ["a"]);
  figures.close(after);
  expect(figures.of("a")).toEqual({ usage: { calls: 4 }, attemptStartedAt: EARLIER });
});

test("what undoing a step uses is not that of the step", () => {
  const figures = figuresOf({ usage: { calls: 3 }, attemptStartedAt: EARLIER }, { ...usedBy(1, 1), isCompensation: true });
  const undone = runOf({ ended: 1, compensation: "SUCCEEDED", compensationAttempt: 1 });
  figures.take({ kind: "compensated", step: "a", attempt: 1 }, undone, undone, ["a"]);
  figures.close(undone);
  expect(figures.of("a")).toEqual({ usage: { calls: 3 }, attemptStartedAt: EARLIER });
});
