/**
 * Calls: decides what the result of a call does to its instance.
 * This module never calls anything, and never decides whether a call succeeded.
 */
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { fireTransition } from "../automatic/fire-timer.js";
import type { Actor } from "../model/actor.js";
import type { CallEnd } from "../model/call.js";
import type { NewIncident } from "../model/incident.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import type { CallFollowUp } from "../model/call.js";
import { dataChanges, unchanged, type Outcome } from "../model/outcome.js";
import { problemsText, reasonText } from "../model/rejection.js";
import type { InstanceStatus, Snapshot } from "../model/snapshot.js";
import { checkJson, withValue } from "../model/values.js";
import { validateData } from "../schema/validate.js";

export type EndedCall = {
  /** Key of the integration. */
  readonly integration: string;
  readonly followUp: CallFollowUp;
  readonly ended: CallEnd;
  /** Whether the result is written by the transition that success fires, so that both are one change. */
  readonly isOneChange?: boolean;
};

export type CallCircumstances = {
  readonly status: InstanceStatus | undefined;
  /** Whether the instance has entered a state since it made the call. Counts only if `isOfVisit`. */
  readonly hasLeft: boolean;
  /** Whether a later call of the instance has written, or can still write, its result to the same path. */
  readonly isSuperseded: boolean;
};

/** One step of what a result does, decided with the instance as the step before has left it. */
export type CallStep = (receiving: Receiving) => Received;

/**
 * What the end of a call does to its instance. `waits`: nothing until the instance, which is suspended or has an incident, continues. `stopped`: the
 * instance stops with this incident.
 */
export type CallPlan =
  | { readonly kind: "waits" }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "stopped"; readonly incident: NewIncident; readonly reason: string }
  | { readonly kind: "steps"; readonly steps: readonly CallStep[] };

/** Whether the end of the call fires a transition, so that it acts only on the visit of the state that made the call. */
export const isOfVisit = ({ followUp: { onSuccess, onFailure }, ended }: Pick<EndedCall, "followUp" | "ended">): boolean =>
  onSuccess !== null || (!ended.isDone && onFailure !== null);

/**
 * Decides what the end of a call does. Success writes the result into the data and fires `onSuccess`, failure fires `onFailure`. A failure for which
 * the definition has no transition stops the instance.
 *
 * A result that fires a transition acts only on the visit of the state that made the call. Afterwards it is late, and not even its data is written: it
 * is about something that the instance no longer does. A result without a transition only completes the data, in any state; of several calls with the
 * same path, the last one counts.
 */
export function planResult(call: EndedCall, { status, hasLeft, isSuperseded }: CallCircumstances): CallPlan {
  const { integration, followUp, ended } = call;
  const { into, onSuccess, onFailure } = followUp;
  if (status === "SUSPENDED" || status === "FAILED") return { kind: "waits" };
  if (status !== "RUNNING") return skipped("The instance has ended.");
  const isBound = isOfVisit(call);
  if (isBound && hasLeft) return skipped("The instance has left the state in which it made the call.");
  if (!isBound && isSuperseded) return skipped("A later call writes the same data.");
  if (ended.isDone) {
    const { result } = ended;
    if (call.isOneChange && into !== null && onSuccess !== null)
      return { kind: "steps", steps: [(receiving) => receiveTransition(receiving, onSuccess, { into, result })] };
    return {
      kind: "steps",
      steps: [
        ...(into === null ? [] : [(receiving: Receiving) => receiveData(receiving, into, result)]),
        ...(onSuccess === null ? [] : [(receiving: Receiving) => receiveTransition(receiving, onSuccess)]),
      ],
    };
  }
  if (onFailure !== null) return { kind: "steps", steps: [(receiving) => receiveTransition(receiving, onFailure)] };
  // A call whose result nothing needs does not stop its instance.
  if (into === null && onSuccess === null) return skipped("The definition does not say what a failure does.");
  return {
    kind: "stopped",
    incident: callIncident(integration, `The call of ${integration} failed: ${ended.error}`),
    reason: ended.error,
  };
}

/** Why the next step of a result is not done, although the one before it was. */
export const STOPPED_BETWEEN = "The instance has ended or stopped.";

/** The incident of an instance that cannot use the result of a call. */
export const unusableResult = (integration: string, reason: string): NewIncident =>
  callIncident(integration, `The result of the call of ${integration} cannot be used: ${reason}`);

/** An incident of a call. Its message has a limited length. */
export const callIncident = (integration: string, message: string): NewIncident => ({
  kind: "JOB",
  message: reasonText([message]),
  place: `integrations.${integration}`,
});

const skipped = (reason: string): { readonly kind: "skipped"; readonly reason: string } => ({ kind: "skipped", reason });

/** What a step of a result does. `unfit`: it does not match the data, so the instance cannot use it. `skipped`: nothing, because the instance has continued. */
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
export function receiveData(receiving: Receiving, into: readonly string[], result: Json): Received {
  const { machine, snapshot, actor, now, integration } = receiving;
  const written = dataWith(receiving, { into, result });
  if ("reason" in written) return written;
  const { data } = written;
  const changed: Outcome = {
    ...unchanged(snapshot, "data", { actor, now }),
    dataChanges: dataChanges(snapshot.data, data),
    input: { call: integration },
    isAutomatic: true,
  };
  return { kind: "outcomes", outcomes: fireAutomatic(machine, snapshot, changed, actor) };
}

type ResultToWrite = { readonly into: readonly string[]; readonly result: Json };

function dataWith(
  { machine, snapshot }: Receiving,
  { into, result }: ResultToWrite,
): { readonly data: JsonObject } | { readonly kind: "unfit"; readonly reason: string } {
  const unfit = checkJson(result, "data", ...into);
  const data = unfit.length > 0 ? snapshot.data : withValue(snapshot.data, into, result);
  const problems = [...unfit, ...(unfit.length > 0 ? [] : validateData(machine.data, data))];
  return problems.length > 0 ? { kind: "unfit", reason: problemsText(problems) } : { data };
}

/**
 * Fires the transition of the current state. Its `allow` is about people, so it does not apply; its condition does.
 * @param written a result that the transition writes into the data
 */
export function receiveTransition(receiving: Receiving, name: string, written?: ResultToWrite): Received {
  const { machine, snapshot, actor, now, integration } = receiving;
  const state = machine.states.get(snapshot.state);
  if (!state) return { kind: "skipped", reason: `The definition has no state ${JSON.stringify(snapshot.state)}.` };
  const changed = written ? dataWith(receiving, written) : { data: snapshot.data };
  if ("reason" in changed) return changed;
  const result = fireTransition({ machine, snapshot, state, actor, now }, name, changed.data);
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
