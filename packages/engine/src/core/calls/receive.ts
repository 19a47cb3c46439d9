/**
 * Calls: decides what the result of a call does to its instance.
 * This room never calls anything, and never decides whether a call succeeded.
 */
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { fireTransition } from "../automatic/fire-timer.js";
import type { Actor } from "../model/actor.js";
import type { Json } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { dataChanges, unchanged, type Outcome } from "../model/outcome.js";
import { problemsText } from "../model/rejection.js";
import type { Snapshot } from "../model/snapshot.js";
import { checkJson, withValue } from "../model/values.js";
import { validateData } from "../schema/validate.js";

/** What a result does. `unfit`: it does not match the data, so the instance cannot use it. `skipped`: nothing, because the instance has continued. */
export type Received =
  | { readonly kind: "outcomes"; readonly outcomes: readonly [Outcome, ...Outcome[]] }
  | { readonly kind: "unfit" | "skipped"; readonly reason: string };

export type Receiving = {
  readonly machine: Machine;
  readonly snapshot: Snapshot;
  readonly actor: Actor;
  readonly now: string;
  /** Key of the integration, for the history. */
  readonly integration: string;
};

/** Writes the result into the data. The state stays, unless a transition fires automatically. */
export function receiveData({ machine, snapshot, actor, now, integration }: Receiving, into: readonly string[], result: Json): Received {
  const unfit = checkJson(result, "data", ...into);
  const data = unfit.length > 0 ? snapshot.data : withValue(snapshot.data, into, result);
  const problems = [...unfit, ...(unfit.length > 0 ? [] : validateData(machine.data, data))];
  if (problems.length > 0) return { kind: "unfit", reason: problemsText(problems) };
  const changed: Outcome = {
    ...unchanged(snapshot, "data", { actor, now }),
    dataChanges: dataChanges(snapshot.data, data),
    input: { call: integration },
    isAutomatic: true,
  };
  return { kind: "outcomes", outcomes: fireAutomatic(machine, snapshot, changed, actor) };
}

/** Fires the transition of the current state. Its `allow` is about people, so it does not apply; its condition does. */
export function receiveTransition({ machine, snapshot, actor, now, integration }: Receiving, name: string): Received {
  const state = machine.states.get(snapshot.state);
  if (!state) return { kind: "skipped", reason: `The definition has no state ${JSON.stringify(snapshot.state)}.` };
  const result = fireTransition({ machine, snapshot, state, actor, now }, name);
  if ("reason" in result) return { kind: "skipped", reason: result.reason };
  if (!result.ok) return { kind: "unfit", reason: problemsText(result.rejection.problems) };
  const { outcome } = result;
  const fired: Outcome = {
    ...outcome,
    // Tasks that it ends were completed by nobody.
    closeTasks: outcome.closeTasks.map(({ id }) => ({ id, reason: "superseded" })),
    input: { call: integration },
    isAutomatic: true,
  };
  return { kind: "outcomes", outcomes: fireAutomatic(machine, snapshot, fired, actor) };
}
