/**
 * What the core is asked to do. `now` is ISO 8601 with zone, from the database (`weft_now()`): the core reads no clock. What is `unknown` comes
 * from a person, and is looked at before it is used.
 */
import type { Actor, Principal } from "./actor.js";
import type { JsonObject } from "./json.js";

export type StartRequest = {
  readonly data: unknown;
  /** Refuse properties that a form of these does not ask for (none: of all). Absent: whatever the schema takes. */
  readonly chosen?: readonly string[] | undefined;
  readonly ownerId: string | null;
  readonly teamId?: string | null;
  readonly assignee?: Principal | null;
  readonly actor: Actor;
  readonly now: string;
};

export type FireRequest = {
  readonly transition: string;
  readonly actor: Actor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** The task that this firing completes (`completeTask`); it must be open and not claimed by another. */
  readonly taskId?: string | undefined;
  readonly now: string;
};

export type CancelRequest = { readonly actor: Actor; readonly comment?: string | null; readonly now: string };

/** A comment that is the act itself, or the reason for one. */
export type RemarkRequest = { readonly actor: Actor; readonly comment: unknown; readonly now: string };

/** By which transition of which state; both null for the start. */
export type Arrival = { readonly from: string | null; readonly transition: string | null };

export type RollbackRequest = {
  readonly to: {
    /** The state that it stands in again. */
    readonly state: string;
    /** How it came there then: the state and transition, both null for the start; absent when nothing is known of it. */
    readonly arrival?: Arrival | undefined;
    /** Every transition that had brought it on its way there: whom one of them excludes does not take the whole way at once. */
    readonly way?: readonly Arrival[] | undefined;
    /** Everybody to whom it was assigned since it came there. */
    readonly assignees?: readonly Principal[] | undefined;
    /** The data that it has again; null: the data stays. */
    readonly data: JsonObject | null;
  };
  readonly actor: Actor;
  /** Why; never empty. */
  readonly reason: unknown;
  /** What was asked for, as history keeps it. */
  readonly input: JsonObject;
  readonly now: string;
};

export type ChangeDataRequest = {
  /** Properties to set, by their top-level name. `null` removes a property whose schema does not accept null. */
  readonly patch: unknown;
  /** Refuse once the initial state was left: for who must not alter what others decide upon. */
  readonly onlyInInitialState?: boolean | undefined;
  /** As at the start. */
  readonly chosen?: readonly string[] | undefined;
  readonly actor: Actor;
  readonly now: string;
};

export type AssignRequest = { readonly to: Principal | null; readonly actor: Actor; readonly now: string };
