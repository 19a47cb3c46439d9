import type { KeyedCall, WriteMeta } from "@weft/shared";
import type { Firing } from "../fire.js";
import type { InstanceHead } from "../snapshot.js";

/** A firing that may share a transaction with others of its tenant. Not for people of a vendor: row-level security knows one of them at a time. */
export type BatchFiring = {
  readonly meta: WriteMeta;
  /** The idempotency key, when the client has given one; its result is the instance's id, as `{ id }`. */
  readonly key: KeyedCall | null;
  readonly firing: Omit<Firing, "lockRead">;
};

/** What became of a firing. `alone`: nothing; it is to go the ordinary way, which waits, replays, or knows what to say. */
export type Verdict =
  | { readonly kind: "fired"; readonly head: InstanceHead }
  | { readonly kind: "refused"; readonly error: Error }
  | { readonly kind: "alone" };

export const alone: Verdict = { kind: "alone" };

export const refused = (error: Error): Verdict => ({ kind: "refused", error });
