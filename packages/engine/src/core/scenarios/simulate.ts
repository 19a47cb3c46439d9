/** Simulates a start and firings one after the other, in memory. Uses the same functions as stored instances; nothing is written. */
import type { Actor } from "../model/actor.js";
import { fire } from "../transition/fire.js";
import type { Machine } from "../model/machine.js";
import type { FireResult, Outcome } from "../model/outcome.js";
import type { Rejection } from "../model/rejection.js";
import type { FireRequest, StartRequest } from "../model/requests.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import type { Snapshot } from "../model/snapshot.js";
import { start } from "../instance/start.js";
import { checkItems, withCheckedItems, type CheckedItems } from "../tasks/checklist.js";

/** A firing without its time: the whole simulation has a single time. `task`: fires as the completion of the first open task of this rule. */
export type SimulationStep = Pick<FireRequest, "transition" | "actor" | "input" | "comment"> & {
  readonly task?: string | null;
  /** Items to check off before, by title: of that task, or of every open one. */
  readonly completedItems?: readonly string[] | undefined;
};

export type SimulatedStep = {
  readonly transition: string;
  readonly before: Snapshot;
  /** Equals `before` if the step was rejected: the next one is tried from there. */
  readonly after: Snapshot;
  readonly result: FireResult;
  /** What followed automatically: automatic transitions, or an incident. */
  readonly automaticTransitions: readonly Outcome[];
};

export type Simulated =
  | { readonly ok: false; readonly rejection: Rejection }
  | {
      readonly ok: true;
      readonly started: Snapshot;
      readonly automaticTransitions: readonly Outcome[];
      readonly steps: Generator<SimulatedStep, void, undefined>;
    };

/**
 * Starts an instance that exists only in memory. The steps run as they are pulled, so the caller decides how many to run. Each step is bounded like a
 * firing.
 */
export function simulate(machine: Machine, request: StartRequest, steps: readonly SimulationStep[]): Simulated {
  const begun = start(machine, request);
  if (!begun.ok) return { ok: false, rejection: begun.rejection };
  const { ownerId, teamId = null, assignee = null, now } = request;
  const blank: Snapshot = { state: machine.initial, status: "RUNNING", data: {}, version: 0, ownerId, teamId, assignee, openTasks: [] };
  const { after: started, automaticTransitions } = wentOn(machine, blank, begun.outcome, request.actor);
  return { ok: true, started, automaticTransitions, steps: walk(machine, started, steps, now) };
}

function* walk(
  machine: Machine,
  started: Snapshot,
  steps: readonly SimulationStep[],
  now: string,
): Generator<SimulatedStep, void, undefined> {
  let rested = started;
  let checkedItems: CheckedItems = new Map();
  for (const { completedItems = [], ...step } of steps) {
    const taskId = step.task ? (rested.openTasks.find(({ rule }) => rule === step.task)?.id ?? step.task) : undefined;
    for (const { id } of rested.openTasks)
      if (taskId === undefined || id === taskId) checkedItems = checkItems(checkedItems, id, completedItems);
    const before = withCheckedItems(machine, rested, checkedItems);
    const result = fire(machine, before, { ...step, taskId, now });
    const { after, automaticTransitions } = result.ok
      ? wentOn(machine, before, result.outcome, step.actor)
      : { after: before, automaticTransitions: [] };
    yield { transition: step.transition, before, after, result, automaticTransitions };
    rested = after;
  }
}

function wentOn(
  machine: Machine,
  before: Snapshot,
  first: Outcome,
  actor: Actor,
): { after: Snapshot; automaticTransitions: readonly Outcome[] } {
  const chain = fireAutomatic(machine, before, first, actor);
  return { after: chain.reduce(snapshotAfter, before), automaticTransitions: chain.slice(1) };
}
