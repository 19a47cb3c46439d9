/**
 * What the core answers: plain JSON data, which the store writes. The core makes no ids, reads no clock and never changes its arguments.
 */
import type { Actor, Principal } from "./actor.js";
import type { AnswerReference } from "./forms/references.js";
import type { IncidentAction, NewIncident } from "./incident.js";
import type { JsonObject } from "./json.js";
import type { TaskPriority } from "./machine.js";
import type { Rejection } from "./rejection.js";
import { jsonEqual } from "./schema/json.js";
import type { DoneBy, FinalKind, InstanceStatus, Snapshot, SnapshotVote } from "./snapshot.js";

export type TaskToOpen = {
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  readonly copy: number;
  /** As `TaskRule.vote`. */
  readonly vote: "ONCE" | "REPEAT" | null;
  readonly dueAt: string | null;
  readonly priority: TaskPriority;
  readonly checklist: readonly string[];
  /** Name of the routing rules that choose who gets it. */
  readonly route: string | null;
  /** Ids among the candidates come from the data: there may be nobody with such an id. */
  readonly isFromData: boolean;
  /** UUID of whom it is given to at once, when routing has chosen one. */
  readonly assigneeId?: string | null;
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly vendors: readonly string[];
  };
};

/** `completed`: the task named by the firing, or the one that the actor had claimed. `superseded`: the others that the firing ends. */
export type TaskToClose = { readonly id: string; readonly reason: "completed" | "superseded" };

/** An instance to start under this one. `index` counts the items of its rule from 0. */
export type ChildToStart = { readonly rule: string; readonly index: number; readonly definition: string; readonly data: JsonObject };

/** What the definition's `emit` actions ask for. The store adds the events that every move has (started, transitioned, task opened …). */
export type EventToEmit = { readonly type: string; readonly payload: JsonObject };

/** Reserved for clocks (SLA, escalation); always empty today. */
export type TimerToSet = { readonly rule: string; readonly dueAt: string };

export type DataChanges = {
  /** The complete data after the move. */
  readonly data: JsonObject;
  /** Top-level properties that changed, with their new values. */
  readonly patch: JsonObject;
  /** Top-level properties that are gone. */
  readonly removed: readonly string[];
};

export type OutcomeKind =
  | "start"
  | "transition"
  | "cancel"
  | "data"
  | "assign"
  | "comment"
  | "suspend"
  | "resume"
  | "rollback"
  /** A task was completed, and the state waits for others. */
  | "vote"
  /** A child has ended, and the state waits for others. */
  | "child"
  | "incident"
  /** An incident was resolved without a transition. */
  | "resolution"
  | "migration";

/** What has to be written for one move. Nothing in it depends on anything but the arguments of the call. */
export type Outcome = {
  readonly kind: OutcomeKind;
  /** null for a start. */
  readonly from: string | null;
  readonly to: string;
  readonly version: { readonly from: number; readonly to: number };
  /** The fired transition, or the one that was voted for; null for every other kind. */
  readonly transition: string | null;
  readonly status: InstanceStatus;
  /** The final kind when the move ended the instance. */
  readonly outcome: FinalKind | null;
  readonly dataChanges: DataChanges;
  readonly closeTasks: readonly TaskToClose[];
  readonly openTasks: readonly TaskToOpen[];
  readonly startChildren: readonly ChildToStart[];
  /** Running children of the state that was left end with this. */
  readonly cancelsChildren: boolean;
  readonly incident: NewIncident | null;
  /** Present only where it resolves the instance's incident. */
  readonly resolution?: { readonly action: IncidentAction; readonly comment: string | null };
  /** Present only when it changes. */
  readonly doneBy?: DoneBy;
  /** Present only when it changes: the version of the definition by which it goes on. */
  readonly definitionId?: string;
  /** Ids that the answers to a form name: whoever writes the outcome has looked whether there are such users and assets. */
  readonly references?: readonly AnswerReference[];
  /** No person chose it: `auto`, a decision by votes, a join. `actorId` is whose move led to it. */
  readonly isAutomatic: boolean;
  /** The task whose completion it is. */
  readonly taskId: string | null;
  /** Only of a vote: how it counts. */
  readonly vote?: SnapshotVote;
  /** Present only when the assignment changes; `null` takes it away. */
  readonly assignee?: Principal | null;
  readonly events: readonly EventToEmit[];
  readonly timersToSet: readonly TimerToSet[];
  readonly timersToClear: readonly string[];
  readonly actorId: string;
  readonly onBehalfOf: string | null;
  readonly comment: string | null;
  readonly input: JsonObject | null;
  /** `now` of the request. */
  readonly at: string;
};

export type FireResult = { readonly ok: true; readonly outcome: Outcome } | { readonly ok: false; readonly rejection: Rejection };

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
