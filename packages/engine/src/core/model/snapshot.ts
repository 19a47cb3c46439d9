import type { Principal } from "./actor.js";
import type { JsonObject } from "./json.js";

/** SUSPENDED: a user has suspended it. FAILED: an incident has stopped it. No transition is available then. */
export type InstanceStatus = "RUNNING" | "SUSPENDED" | "COMPLETED" | "CANCELLED" | "FAILED";

/** How a final state ends: `completed` and `rejected` give the status COMPLETED, `cancelled` gives CANCELLED. */
export type FinalKind = "completed" | "rejected" | "cancelled";

/** An open task of the instance, as stored. `rule` is the name of the task rule in the definition that opened it. */
export type SnapshotTask = {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly title: string;
  /** The user who claimed it; null while it is in the queue. */
  readonly assigneeId: string | null;
  readonly candidateRoles?: readonly string[];
  readonly candidateUserIds?: readonly string[];
  readonly candidateTeamIds?: readonly string[];
  readonly candidateVendorIds?: readonly string[];
  /** Its number among several of its rule, from 1. */
  readonly copy?: number;
  /** The users who have delegated the task, in order. */
  readonly delegatedFrom?: readonly string[];
  /** Number of open items in its checklist. */
  readonly unticked?: number;
  /** Whether a question about it is waiting for an answer. */
  readonly isQuestioned?: boolean;
  /** Present if a step of a run has opened it. */
  readonly step?: StepTask | null;
};

/** The attempt of a step that has opened a task, and the ways in which the task can be completed. */
export type StepTask = {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly isCompensation: boolean;
  readonly outcomes: readonly string[];
  /** Outcomes that need a comment. */
  readonly commentFor: readonly string[];
  /** Outcomes with which the step fails. */
  readonly failOn: readonly string[];
  /** Whether the owner of the instance cannot complete it. */
  readonly notOwner: boolean;
  /** JSON Schema of the values that completing it asks for. */
  readonly input: { readonly [name: string]: unknown } | null;
};

/** A task of the current state that was completed without a transition: a vote. `by`: the user who voted, and everybody the user acted for. */
export type SnapshotVote = { readonly rule: string; readonly transition: string; readonly by: readonly string[] };

/** An instance that the current state has started. `ending` is null while it runs; `data` is read if its results are kept. */
export type SnapshotChild = {
  readonly rule: string;
  readonly index: number;
  readonly ending: FinalKind | null;
  readonly data?: JsonObject | undefined;
};

/**
 * Who has done a step that some `notSameAs` references: `state.transition` → IDs of users, in order. Under `assignee`: the IDs of the users, teams
 * and vendors to whom the instance was assigned since its state was entered, and no longer is.
 */
export type DoneBy = { readonly [step: string]: readonly string[] };

/** The instance as it was read before the request. */
export type Snapshot = {
  readonly state: string;
  readonly status: InstanceStatus;
  readonly data: JsonObject;
  readonly version: number;
  readonly ownerId: string | null;
  readonly teamId: string | null;
  readonly assignee: Principal | null;
  /** Key of the type of the request that the instance belongs to. */
  readonly requestType?: string | null | undefined;
  /** Kind of the business object that the instance is about. Decides which of its data users of a vendor do not see. */
  readonly subjectType?: string | null | undefined;
  readonly openTasks: readonly SnapshotTask[];
  /** Completed tasks since the state was entered; only if the state decides by votes. */
  readonly votes?: readonly SnapshotVote[] | undefined;
  /** The children that the current state has started; only if its join is evaluated. */
  readonly children?: readonly SnapshotChild[] | undefined;
  /**
   * How many open requests the instance's request waits for before it can end. Read where transitions are offered and explained; for writes, the
   * database counts again.
   */
  readonly blockers?: number | undefined;
  /** Who did the steps that `notSameAs` references: step (`state.transition`) → IDs. */
  readonly doneBy?: DoneBy | undefined;
  /** The reason that was given for the suspension; only if it is SUSPENDED. */
  readonly suspension?: string | null | undefined;
  /** Whether it is SUSPENDED only because the instance whose step waits for it is. Read where that matters. */
  readonly isSuspendedWithParent?: boolean | undefined;
};
