import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { lockOpenOffers } from "./offer.store.js";
import { recordEnd } from "./record-offer.js";

/**
 * Runs an assignment of a request, and withdraws its open offers. They are locked before the request, as an acceptance locks them: otherwise, the two could
 * wait for each other.
 */
export async function withdrawingOffers<T>(tx: Tx, meta: WriteMeta, requestId: string, assign: () => Promise<T>): Promise<T> {
  await lockOpenOffers(tx, requestId);
  const assigned = await assign();
  // Again, while the request is locked: an offer could have been made in between.
  for (const offer of await lockOpenOffers(tx, requestId)) await recordEnd(tx, meta, offer, { status: "WITHDRAWN" });
  return assigned;
}
