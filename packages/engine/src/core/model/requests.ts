/**
 * Requests to the core. `now` is ISO 8601 with zone, from the database (`weft_now()`), because the core reads no clock. Members of type `unknown`
 * come from users and are validated before they are used.
 */
import type { Actor, Principal } from "./actor.js";
import type { JsonObject } from "./json.js";

export type StartRequest = {
  readonly data: unknown;
  /**
   * Reject properties that the form with these names does not request (none: any property is requested). Absent: accept everything that the schema
   * accepts.
   */
  readonly chosen?: readonly string[] | undefined;
  readonly ownerId: string | null;
  readonly teamId?: string | null;
  readonly assignee?: Principal | null;
  readonly requestType?: string | null | undefined;
  readonly actor: Actor;
  readonly now: string;
};

export type FireRequest = {
  readonly transition: string;
  readonly actor: Actor;
  readonly input?: unknown;
  readonly comment?: string | null | undefined;
  /** The task that this firing completes (`completeTask`). It must be open and not claimed by another user. */
  readonly taskId?: string | undefined;
  readonly now: string;
};

export type CancelRequest = { readonly actor: Actor; readonly comment?: string | null; readonly now: string };

/** A comment that is the action itself, or the reason for one. */
export type CommentRequest = { readonly actor: Actor; readonly comment: unknown; readonly now: string };

/** The transition and the state that it was fired from; both null for the start. */
export type Arrival = { readonly from: string | null; readonly transition: string | null };

export type RollbackRequest = {
  readonly to: {
    /** The state to return to. */
    readonly state: string;
    /** How the instance entered it at that time: state and transition, both null for the start; absent if unknown. */
    readonly arrival?: Arrival | undefined;
    /** Every transition on its path to that state: a user whom one of them excludes cannot take the whole path at once. */
    readonly way?: readonly Arrival[] | undefined;
    /** Everybody to whom it was assigned since it entered that state. */
    readonly assignees?: readonly Principal[] | undefined;
    /** The data to restore; null: the data stays. */
    readonly data: JsonObject | null;
  };
  readonly actor: Actor;
  /** The reason; never empty. */
  readonly reason: unknown;
  /** The request as the history keeps it. */
  readonly input: JsonObject;
  readonly now: string;
};

export type ChangeDataRequest = {
  /** Properties to set, by their top-level name. `null` removes a property whose schema does not accept null. */
  readonly patch: unknown;
  /** Reject once the initial state was left: for users who must not change what others decide on. */
  readonly onlyInInitialState?: boolean | undefined;
  /** As at the start. */
  readonly chosen?: readonly string[] | undefined;
  readonly actor: Actor;
  readonly now: string;
};

export type AssignRequest = { readonly to: Principal | null; readonly actor: Actor; readonly now: string };
