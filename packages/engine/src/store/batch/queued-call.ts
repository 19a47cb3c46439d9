import type { WriteMeta } from "@weft/platform/events";
import type { KeyedCall } from "@weft/platform/idempotency";
import type { ViewerActor } from "../model/actor.js";
import type { Firing } from "../transition/fire.js";
import type { AlreadyRead } from "../model/already-read.js";
import type { InstanceHead } from "../model/instance-head.js";
import type { Starting } from "../instance/start.js";
import type { UnbatchedReason } from "./call-counts.js";

/** The work to do: a transition, or a start. */
export type Work =
  | { readonly firing: Omit<Firing, "lockRead"> }
  | { readonly starting: Starting & { readonly id: string; readonly actor: ViewerActor } };

/**
 * A call that can share a transaction with other calls of its tenant. Not for vendor users: row-level security supports only one of them per
 * transaction.
 */
export type QueuedCall = Work & {
  readonly meta: WriteMeta;
  /** The idempotency key, if the client sent one. Its result is the instance's ID, as `{ id }`. */
  readonly key: KeyedCall | null;
};

/** The result of a call. `unbatched`: nothing was written; the call must run unbatched, where it waits, replays a result, or gets its error. */
export type CallAnswer =
  | { readonly kind: "written"; readonly head: InstanceHead }
  | { readonly kind: "refused"; readonly error: Error }
  | Unbatched;

export type Unbatched = { readonly kind: "unbatched"; readonly reason: UnbatchedReason; readonly alreadyRead?: AlreadyRead | undefined };

export const unbatched = (reason: UnbatchedReason, alreadyRead?: AlreadyRead): Unbatched => ({ kind: "unbatched", reason, alreadyRead });

export const refused = (error: Error): CallAnswer => ({ kind: "refused", error });

export const instanceOf = (call: QueuedCall): string => ("firing" in call ? call.firing.id : call.starting.id);

export const viewerOf = (call: QueuedCall) => ("firing" in call ? call.firing.actor.viewer : call.starting.actor.viewer);

/** Whether a start references anything that must be looked up in addition to its definition. */
export const namesMore = ({ definitionId, teamId, subject }: Starting): boolean =>
  definitionId !== undefined || Boolean(teamId) || subject !== undefined;

/** What the client sent with it; can have any size. */
export const givenWith = (call: QueuedCall): readonly unknown[] =>
  "firing" in call ? [call.firing.input, call.firing.comment] : [call.starting.data];
