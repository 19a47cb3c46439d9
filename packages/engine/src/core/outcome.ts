/** The two shapes of every answer of the core. */
import { jsonEqual } from "./schema/json.js";
import type { Actor, DataChanges, InputProblem, JsonObject, Outcome, OutcomeKind, Rejection, Snapshot } from "./types.js";

/** An outcome that changes nothing but the version. */
export function still(snapshot: Snapshot, kind: OutcomeKind, { actor, now }: { actor: Actor; now: string }): Outcome {
  return {
    kind,
    from: snapshot.state,
    to: snapshot.state,
    version: { from: snapshot.version, to: snapshot.version + 1 },
    transition: null,
    status: snapshot.status,
    outcome: null,
    dataChanges: { data: snapshot.data, patch: {}, removed: [] },
    closeTasks: [],
    openTasks: [],
    startChildren: [],
    cancelsChildren: false,
    incident: null,
    isAutomatic: false,
    taskId: null,
    events: [],
    timersToSet: [],
    timersToClear: [],
    actorId: actor.id,
    onBehalfOf: actor.onBehalfOf ?? null,
    comment: null,
    input: null,
    at: now,
  };
}

/** What differs between the data before and after, by top-level property. */
export function dataChanges(before: JsonObject, after: JsonObject): DataChanges {
  if (before === after) return { data: after, patch: {}, removed: [] };
  const changed = Object.entries(after).filter(([name, value]) => !Object.hasOwn(before, name) || !jsonEqual(before[name], value));
  return { data: after, patch: Object.fromEntries(changed), removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)) };
}

export function badInput(problems: readonly InputProblem[]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "BAD_USER_INPUT", reasons: [], problems } };
}

export function rejected(reasons: Rejection["reasons"]): { ok: false; rejection: Rejection } {
  return { ok: false, rejection: { code: "TRANSITION_REJECTED", reasons, problems: [] } };
}
