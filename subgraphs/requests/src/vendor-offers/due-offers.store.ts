/** What a worker reads of offers whose time is over. */
import { requests as tables } from "@weft/drizzle";
import { dueRows, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { OfferRow } from "./offer.store.js";

const { vendorOffers } = tables;

/** Open offers, by when their time is over. */
export const openOffers = dueRows({
  name: "DueOffers",
  dueAt: vendorOffers.expiresAt,
  pending: sql`${vendorOffers.status} = 'OPEN'`,
});

/** Locks the tenant's due offers until commit, longest waiting first, except those that another transaction has locked. */
export function lockDueOffers(tx: Tx, limit: number): Promise<OfferRow[]> {
  const { tenantId, status, expiresAt, id } = vendorOffers;
  const query = tx
    .select()
    .from(vendorOffers)
    .where(and(eq(tenantId, sql`app.tenant()`), sql`${status} = 'OPEN'`, lte(expiresAt, sql`app.weft_now()`)))
    .orderBy(asc(expiresAt), asc(id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueOffers", query);
}
