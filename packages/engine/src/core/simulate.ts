/** What would happen: a start and firings one after the other, in memory. The same functions as for real; nothing is written anywhere. */
import type { Actor } from "./actor.js";
import { fire } from "./fire.js";
import type { Machine } from "./machine.js";
import type { FireResult, Outcome } from "./outcome.js";
import type { Rejection } from "./rejection.js";
import type { FireRequest, StartRequest } from "./requests.js";
import { settle } from "./settle.js";
import { snapshotAfter } from "./snapshot-after.js";
import type { Snapshot } from "./snapshot.js";
import { start } from "./start.js";
import { tick, withTicks, type Ticks } from "./ticks.js";

/** A firing without its moment: the whole simulation is of one. `task`: as the completion of the first open task of this rule. */
export type SimulationStep = Pick<FireRequest, "transition" | "actor" | "input" | "comment"> & {
  readonly task?: string | null;
  /** Items that are ticked off before, by their titles: of that task, or of every open one. */
  readonly ticked?: readonly string[] | undefined;
};

export type SimulatedStep = {
  readonly transition: string;
  readonly before: Snapshot;
  /** Equals `before` when the step was refused: the next one is tried from there. */
  readonly after: Snapshot;
  readonly result: FireResult;
  /** What followed from it by itself: automatic transitions, or an incident. */
  readonly followed: readonly Outcome[];
};

export type Simulated =
  | { readonly ok: false; readonly rejection: Rejection }
  | {
      readonly ok: true;
      readonly started: Snapshot;
      readonly followed: readonly Outcome[];
      readonly steps: Generator<SimulatedStep, void, undefined>;
    };

/**
 * Starts an instance that exists only here. The steps are run as they are pulled, so that the caller decides how far to go: each is bounded
 * as a firing is, their number is the caller's.
 */
export function simulate(machine: Machine, request: StartRequest, steps: readonly SimulationStep[]): Simulated {
  const begun = start(machine, request);
  if (!begun.ok) return { ok: false, rejection: begun.rejection };
  const { ownerId, teamId = null, assignee = null, now } = request;
  const blank: Snapshot = { state: machine.initial, status: "RUNNING", data: {}, version: 0, ownerId, teamId, assignee, openTasks: [] };
  const { after: started, followed } = wentOn(machine, blank, begun.outcome, request.actor);
  return { ok: true, started, followed, steps: walk(machine, started, steps, now) };
}

function* walk(
  machine: Machine,
  started: Snapshot,
  steps: readonly SimulationStep[],
  now: string,
): Generator<SimulatedStep, void, undefined> {
  let rested = started;
  let ticks: Ticks = new Map();
  for (const { ticked = [], ...step } of steps) {
    const taskId = step.task ? (rested.openTasks.find(({ rule }) => rule === step.task)?.id ?? step.task) : undefined;
    for (const { id } of rested.openTasks) if (taskId === undefined || id === taskId) ticks = tick(ticks, id, ticked);
    const before = withTicks(machine, rested, ticks);
    const result = fire(machine, before, { ...step, taskId, now });
    const { after, followed } = result.ok ? wentOn(machine, before, result.outcome, step.actor) : { after: before, followed: [] };
    yield { transition: step.transition, before, after, result, followed };
    rested = after;
  }
}

function wentOn(machine: Machine, before: Snapshot, first: Outcome, actor: Actor): { after: Snapshot; followed: readonly Outcome[] } {
  const chain = settle(machine, before, first, actor);
  return { after: chain.reduce(snapshotAfter, before), followed: chain.slice(1) };
}
