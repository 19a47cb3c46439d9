import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { endOffer, type OfferEnd, type OfferRow } from "./offer.store.js";

const verbs = { OPEN: "create", ACCEPTED: "accept", DECLINED: "decline", EXPIRED: "expire", WITHDRAWN: "withdraw" } as const;
const events = {
  OPEN: "vendorOffer.created",
  ACCEPTED: "vendorOffer.accepted",
  DECLINED: "vendorOffer.declined",
  EXPIRED: "vendorOffer.expired",
  WITHDRAWN: "vendorOffer.withdrawn",
} as const;

/** Ends an open offer that the caller has locked, with an event and an audit entry. */
export async function recordEnd(
  tx: Tx,
  meta: WriteMeta,
  before: OfferRow,
  end: OfferEnd & { readonly status: keyof typeof verbs },
): Promise<OfferRow> {
  const after = await endOffer(tx, before.id, end);
  await recordOffer(tx, meta, { status: end.status, before, after });
  return after;
}

/** Writes the event and the audit entry of a change of an offer. */
export async function recordOffer(
  tx: Tx,
  meta: WriteMeta,
  { status, before, after }: { readonly status: keyof typeof verbs; readonly before: OfferRow | null; readonly after: OfferRow },
): Promise<void> {
  const { id, version, vendorId, requestNumber: number, title, offeredBy } = after;
  await appendEvents(tx, meta, [
    { type: events[status], subjectId: id, subjectVersion: version, related: { vendor: vendorId }, payload: { number, title, offeredBy } },
  ]);
  await writeAudit(tx, meta, [{ action: `vendorOffer.${verbs[status]}`, entityType: "vendorOffer", entityId: id, before, after }]);
}
