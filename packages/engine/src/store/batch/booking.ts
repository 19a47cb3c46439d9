import type { KeyedCall, WriteMeta } from "@weft/shared";
import type { ViewerActor } from "../actor.js";
import type { Firing } from "../fire.js";
import type { InstanceHead, InstanceRead } from "../snapshot.js";
import type { Starting } from "../start.js";

/** What is to be done: a transition, or a start. */
export type Work =
  | { readonly firing: Omit<Firing, "lockRead"> }
  | { readonly starting: Starting & { readonly id: string; readonly actor: ViewerActor } };

/** A move that may share a transaction with others of its tenant. Not for people of a vendor: row-level security knows one of them at a time. */
export type Booking = Work & {
  readonly meta: WriteMeta;
  /** The idempotency key, when the client has given one; its result is the instance's id, as `{ id }`. */
  readonly key: KeyedCall | null;
};

/** What a move was decided upon that goes the ordinary way nevertheless: it need not be read again. */
export type Begun = { readonly read?: InstanceRead | undefined; readonly definition?: Startable | undefined };

/** A published definition, without its text: who has not compiled it yet starts the ordinary way. */
export type Startable = { readonly id: string; readonly key: string; readonly now: string };

/** What became of a move. `alone`: nothing; it is to go the ordinary way, which waits, replays, or knows what to say. */
export type Verdict =
  | { readonly kind: "moved"; readonly head: InstanceHead }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "alone"; readonly begun?: Begun };

export const alone: Verdict = { kind: "alone" };

export const refused = (error: Error): Verdict => ({ kind: "refused", error });

export const instanceOf = (booking: Booking): string => ("firing" in booking ? booking.firing.id : booking.starting.id);

export const viewerOf = (booking: Booking) => ("firing" in booking ? booking.firing.actor.viewer : booking.starting.actor.viewer);

/** Whether a start names what has to be looked up beside its definition. */
export const namesMore = ({ definitionId, teamId, subject }: Starting): boolean =>
  definitionId !== undefined || Boolean(teamId) || subject !== undefined;

/** What the client has sent with it, of any size. */
export const givenWith = (booking: Booking): readonly unknown[] =>
  "firing" in booking ? [booking.firing.input, booking.firing.comment] : [booking.starting.data];
