import type { StepGraph } from "../model/automation.js";
import type { RunSnapshot, StepSnapshot } from "../model/run.js";

/** Returns a run of which nothing has begun. */
export function newRun(graph: StepGraph, inputs: RunSnapshot["inputs"], facts: RunSnapshot["facts"]): RunSnapshot {
  const steps = new Map([...graph.steps.keys()].map((id) => [id, newStep(id)]));
  return { status: "RUNNING", ending: null, inputs, facts, steps, outputs: null };
}

/** Returns a step, or an item of a list, of which nothing has begun. */
export const newStep = (id: string, item: StepSnapshot["item"] = null): StepSnapshot => ({
  id,
  status: "PENDING",
  attempt: 0,
  failures: 0,
  lost: 0,
  outputs: null,
  error: null,
  notBefore: null,
  isFallback: false,
  isParked: false,
  ended: null,
  item,
  compensation: null,
  compensationAttempt: 0,
});
