import { requests as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { isOfVendor, objectAccessRules } from "@weft/platform/access";
import { insertedRow, named, type Tx } from "@weft/platform/db";
import { and, eq, lte, type SQL, sql } from "drizzle-orm";

const { buildings, requestTypes, vendorOffers } = tables;

export type OfferRow = typeof vendorOffers.$inferSelect;
export type NewOffer = Omit<typeof vendorOffers.$inferInsert, "offeredAt" | "expiresAt">;
export type OfferEnd = Pick<OfferRow, "status"> & Partial<Pick<OfferRow, "reason" | "answeredBy">>;

/** Offers of requests that the viewer can see. Users of a vendor see the offers to their own vendor. */
export function visibleOffers(viewer: Viewer): SQL {
  if (isOfVendor(viewer)) return sql`${vendorOffers.vendorId} = ${viewer.vendorId}`;
  const { from, id, inScope } = objectAccessRules.request;
  return sql`exists (select from ${from} where ${id} = ${vendorOffers.requestId} and ${inScope(viewer, "request.read")})`;
}

/** Returns what an offer copies of its request. */
export async function findOffered(
  tx: Tx,
  { typeId, buildingId }: { readonly typeId: string; readonly buildingId: string | null },
): Promise<{ typeName: string; buildingName: string | null }> {
  const query = tx
    .select({ typeName: requestTypes.name, buildingName: buildings.name })
    .from(requestTypes)
    .leftJoin(buildings, and(eq(buildings.tenantId, requestTypes.tenantId), eq(buildings.id, sql`${buildingId}::uuid`)))
    .where(eq(requestTypes.id, typeId));
  const [row] = await named("findOffered", query);
  if (!row) throw new Error("A request has no type.");
  return row;
}

/** Inserts an offer that expires in the given minutes. Null if the same request is on offer to the same vendor already. */
export async function insertOffer(tx: Tx, values: NewOffer, minutes: number): Promise<OfferRow | null> {
  const times = { offeredAt: sql`app.weft_now()`, expiresAt: sql`app.weft_now() + make_interval(mins => ${minutes}::integer)` };
  const query = tx
    .insert(vendorOffers)
    .values({ ...values, ...times })
    .onConflictDoNothing({
      target: [vendorOffers.tenantId, vendorOffers.requestId, vendorOffers.vendorId],
      where: sql`${vendorOffers.status} = 'OPEN'`,
    })
    .returning();
  const [row] = await named("insertOffer", query);
  return row ?? null;
}

/** Returns the offer. Users of a vendor find only offers to it, by the table's policy. */
export async function selectOffer(tx: Tx, id: string): Promise<OfferRow | null> {
  const [row] = await named("selectOffer", tx.select().from(vendorOffers).where(eq(vendorOffers.id, id)));
  return row ?? null;
}

/** Locks the open offers of a request, in a fixed order, so that one acceptance or assignment waits for the other. `isDue`: the time is over. */
export function lockOpenOffers(tx: Tx, requestId: string): Promise<OfferRow[]> {
  const query = tx
    .select()
    .from(vendorOffers)
    .where(and(eq(vendorOffers.requestId, requestId), sql`${vendorOffers.status} = 'OPEN'`))
    .orderBy(vendorOffers.id)
    .for("update");
  return named("lockOpenOffers", query);
}

/** Returns whether the time of an offer is over, by the clock of the tenant. */
export async function isOfferDue(tx: Tx, id: string): Promise<boolean> {
  const isDue = and(eq(vendorOffers.id, id), lte(vendorOffers.expiresAt, sql`app.weft_now()`));
  return (await named("isOfferDue", tx.select({ id: vendorOffers.id }).from(vendorOffers).where(isDue))).length > 0;
}

/** Ends an open offer that the caller has locked. */
export const endOffer = (tx: Tx, id: string, end: OfferEnd): Promise<OfferRow> =>
  insertedRow(
    named(
      "endOffer",
      tx
        .update(vendorOffers)
        .set({ ...end, endedAt: sql`app.weft_now()`, version: sql`${vendorOffers.version} + 1` })
        .where(eq(vendorOffers.id, id))
        .returning(),
    ),
  );
