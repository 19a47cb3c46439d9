/** What the core returns: plain JSON data for the store to write. The core creates no IDs, reads no clock and never changes its arguments. */
import type { Actor, Principal } from "./actor.js";
import type { CandidateChange } from "./candidate-change.js";
import type { AnswerReference } from "./form.js";
import type { IncidentAction, NewIncident } from "./incident.js";
import type { JsonObject } from "./json.js";
import type { CallFollowUp } from "./call.js";
import type { TaskPriority } from "./priority.js";
import type { Rejection } from "./rejection.js";
import { jsonEqual } from "./values.js";
import type { NoticeRecipients, TimerToClear, TimerToSet } from "./timer.js";
import type { DoneBy, FinalKind, InstanceStatus, Snapshot, SnapshotVote } from "./snapshot.js";

export type TaskToOpen = {
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  readonly copy: number;
  /** As in `TaskRule.vote`. */
  readonly vote: "ONCE" | "REPEAT" | null;
  readonly dueAt: string | null;
  readonly priority: TaskPriority;
  readonly checklist: readonly string[];
  /** Name of the routing rules that choose who gets it. */
  readonly route: string | null;
  /** Whether candidate IDs come from the data, so that there might be no such user or team. */
  readonly isFromData: boolean;
  /** Present only if its rule has timers. */
  readonly timers?: readonly TimerToSet[];
  /** UUID of the user who gets it immediately, if routing has chosen one. */
  readonly assigneeId?: string | null;
  readonly candidates: {
    readonly roles: readonly string[];
    readonly users: readonly string[];
    readonly teams: readonly string[];
    readonly vendors: readonly string[];
  };
};

/** `completed`: the task that the firing names, or the one that the actor had claimed. `superseded`: the other tasks that the firing closes. */
export type TaskToClose = { readonly id: string; readonly reason: "completed" | "superseded" };

/** An instance to start under this one. `index` counts the items of its rule from 0. */
export type ChildToStart = {
  readonly rule: string;
  readonly index: number;
  readonly definition: string;
  readonly data: JsonObject;
  /** Names of the data that must be secret inputs of the child, because their values are secret. Absent: none. */
  readonly secretMembers?: readonly string[];
};

/** Events of the definition's `emit` actions. The store adds the standard events (started, transitioned, task opened …). */
export type EventToEmit = { readonly type: string; readonly payload: JsonObject };

/** Calls of the definition's `call` actions. They are sent after the outcome is committed. */
export type CallToMake = {
  readonly integration: string;
  readonly action: string;
  readonly input: JsonObject;
  readonly followUp: CallFollowUp;
};
/** Instances that the definition's `start` actions start. They start after the outcome is committed. */
export type StartToRequest = { readonly definition: string; readonly data: JsonObject };

/** A notification of the definition's `notify` actions. */
export type NoticeToSend = { readonly to: NoticeRecipients; readonly title: string };

export type DataChanges = {
  /** The complete data afterwards. */
  readonly data: JsonObject;
  /** Top-level properties that changed, with their new values. */
  readonly patch: JsonObject;
  /** Top-level properties that were removed. */
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
  | "migration"
  /** The actions of a timer were run. */
  | "timer";

/** What must be written for one change. It depends only on the arguments of the call. */
export type Outcome = {
  readonly kind: OutcomeKind;
  /** null for a start. */
  readonly from: string | null;
  readonly to: string;
  readonly version: { readonly from: number; readonly to: number };
  /** The fired transition, or the one that was voted for; null for every other kind. */
  readonly transition: string | null;
  readonly status: InstanceStatus;
  /** The kind of final state, if the instance ended. */
  readonly outcome: FinalKind | null;
  /** Present only if the instance enters a closed state (true), or leaves one for a state that is neither closed nor final (false). */
  readonly isClosed?: boolean;
  readonly dataChanges: DataChanges;
  readonly closeTasks: readonly TaskToClose[];
  readonly openTasks: readonly TaskToOpen[];
  readonly startChildren: readonly ChildToStart[];
  /** Whether running children of the state that was left are canceled. */
  readonly cancelsChildren: boolean;
  /** Present only if entering the state starts a run of its steps. */
  readonly startsRun?: true;
  /** Present only if the state that was left has steps, whose run is told to stop. */
  readonly stopsRun?: true;
  readonly incident: NewIncident | null;
  /** Present only if it resolves the instance's incident. */
  readonly resolution?: { readonly action: IncidentAction; readonly comment: string | null };
  /** Present only if it changes. */
  readonly doneBy?: DoneBy;
  /** Present only if it changes: the version of the definition that the instance now runs on. */
  readonly definitionId?: string;
  /** IDs that the answers to a form reference. Whoever writes the outcome must check that these users, assets and files exist, and attach the files. */
  readonly references?: readonly AnswerReference[];
  /** Not chosen by a user: `auto`, a decision by votes, a join. `actorId` is the author of the change that led to it. */
  readonly isAutomatic: boolean;
  /** The timer that caused it. `depth`: how many timers before it were due as soon as another one had set them. */
  readonly timer?: { readonly name: string; readonly depth: number };
  /** The task that it completes. */
  readonly taskId: string | null;
  /** Only for a vote: how it counts. */
  readonly vote?: SnapshotVote;
  /** Present only if the assignment changes; `null` removes it. */
  readonly assignee?: Principal | null;
  readonly events: readonly EventToEmit[];
  /** Present only if there are some. */
  readonly calls?: readonly CallToMake[];
  /** Present only if there are any. */
  readonly notices?: readonly NoticeToSend[];
  /** Present only if there are any. */
  readonly starts?: readonly StartToRequest[];
  /** Present only if its actions assign the instance: `fireAutomatic` lets the assignment follow. */
  readonly assigns?: { readonly to: Principal | null };
  /** Present only if a new assignee changes whose open tasks are. */
  readonly offers?: readonly CandidateChange[];
  readonly timersToSet: readonly TimerToSet[];
  readonly timersToClear: readonly TimerToClear[];
  readonly actorId: string;
  readonly onBehalfOf: string | null;
  readonly comment: string | null;
  readonly input: JsonObject | null;
  /** `now` of the request. */
  readonly at: string;
};

export type FireResult = { readonly ok: true; readonly outcome: Outcome } | { readonly ok: false; readonly rejection: Rejection };

/** Returns an outcome that changes only the version. */
export function unchanged(snapshot: Snapshot, kind: OutcomeKind, { actor, now }: { actor: Actor; now: string }): Outcome {
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

/** Returns the differences between the data before and after, by top-level property. */
export function dataChanges(before: JsonObject, after: JsonObject): DataChanges {
  if (before === after) return { data: after, patch: {}, removed: [] };
  const changed = Object.entries(after).filter(([name, value]) => !Object.hasOwn(before, name) || !jsonEqual(before[name], value));
  return { data: after, patch: Object.fromEntries(changed), removed: Object.keys(before).filter((name) => !Object.hasOwn(after, name)) };
}
