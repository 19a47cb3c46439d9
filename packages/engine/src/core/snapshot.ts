import type { Principal } from "./actor.js";
import type { JsonObject } from "./json.js";

/** SUSPENDED: somebody holds it. FAILED: an incident stops it. Nothing is open then. */
export type InstanceStatus = "RUNNING" | "SUSPENDED" | "COMPLETED" | "CANCELLED" | "FAILED";

/** How a final state ends: `completed` and `rejected` give the status COMPLETED, `cancelled` gives CANCELLED. */
export type FinalKind = "completed" | "rejected" | "cancelled";

/** An open task of the instance, as stored. `rule` is the name of the task rule in the definition that opened it. */
export type SnapshotTask = {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  /** The user who claimed it; null while it waits in the queue. */
  readonly assigneeId: string | null;
  readonly candidateRoles?: readonly string[];
  readonly candidateUserIds?: readonly string[];
  readonly candidateTeamIds?: readonly string[];
  readonly candidateVendorIds?: readonly string[];
  /** Which of several of its rule, from 1. */
  readonly copy?: number;
  /** Those who have given the task on, the first of them first. */
  readonly delegatedFrom?: readonly string[];
  /** How many items of its checklist are open. */
  readonly unticked?: number;
  /** A question about it waits for an answer. */
  readonly isQuestioned?: boolean;
};

/** A task of the present state that was completed without moving the instance: a vote. `by`: who voted, and everybody in whose place. */
export type SnapshotVote = { readonly rule: string; readonly transition: string; readonly by: readonly string[] };

/** An instance that the present state has started. `ending` is null while it runs; `data` is read for those whose results are kept. */
export type SnapshotChild = {
  readonly rule: string;
  readonly index: number;
  readonly ending: FinalKind | null;
  readonly data?: JsonObject | undefined;
};

/**
 * Who has done a step that some `notSameAs` names: `state.transition` → ids of users, in the order in which they did it. Under `assignee` the ids of the
 * users, teams and vendors to whom the instance was assigned since its state was entered, and is not any more.
 */
export type DoneBy = { readonly [step: string]: readonly string[] };

/** The instance as it was read, before the firing. */
export type Snapshot = {
  readonly state: string;
  readonly status: InstanceStatus;
  readonly data: JsonObject;
  readonly version: number;
  readonly ownerId: string | null;
  readonly teamId: string | null;
  readonly assignee: Principal | null;
  readonly openTasks: readonly SnapshotTask[];
  /** Completed tasks since the state was entered; only where the state decides by votes. */
  readonly votes?: readonly SnapshotVote[] | undefined;
  /** What the present state has started; only where its join is looked at. */
  readonly children?: readonly SnapshotChild[] | undefined;
  /** Who did the steps that `notSameAs` names: step (`state.transition`) → ids. */
  readonly doneBy?: DoneBy | undefined;
  /** Why it is held, in the words of who holds it; only for what is SUSPENDED. */
  readonly suspension?: string | null | undefined;
};
