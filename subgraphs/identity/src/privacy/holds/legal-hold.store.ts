import { privacy } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { atVersion, insertedRow, mapDatabaseError, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, desc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";

const { legalHolds } = privacy;

export type LegalHoldRow = typeof legalHolds.$inferSelect;

export async function findLegalHold(tx: Tx, id: string): Promise<LegalHoldRow | null> {
  const [row] = await named("findLegalHold", tx.select().from(legalHolds).where(eq(legalHolds.id, id)));
  return row ?? null;
}

/** @throws Conflict if the object has an open hold */
export async function insertLegalHold(tx: Tx, values: typeof legalHolds.$inferInsert): Promise<LegalHoldRow> {
  try {
    return await insertedRow(named("insertLegalHold", tx.insert(legalHolds).values(values).returning()));
  } catch (error) {
    throw mapDatabaseError(error, {
      legal_holds_open_key: () => new Conflict("The object already has a legal hold. Use that one, or end it first."),
    });
  }
}

/** Ends a hold. Null if it has changed since `version`, or has ended. */
export const endLegalHoldRow = (
  tx: Tx,
  { id, version, ...ended }: { readonly id: string; readonly version: number; readonly endedBy: string; readonly endReason: string },
): Promise<LegalHoldRow | null> =>
  writtenRow(
    named(
      "endLegalHold",
      tx
        .update(legalHolds)
        .set({ ...ended, endedAt: sql`now()`, ...nextVersion(legalHolds) })
        .where(and(atVersion(legalHolds, id, version), isNull(legalHolds.endedAt)))
        .returning(),
    ),
  );

/** Holds that cover a person, open or not. The transaction sees deleted requests. */
const covers = (personId: string): SQL => sql`(${legalHolds.objectType} = 'tenant' or ${legalHolds.objectId} = ${personId}::uuid
  or ${legalHolds.objectType} = 'request' and app.has_worked_on(${personId}::uuid, ${legalHolds.objectId}))`;

const endedSince = (days: number): SQL => sql`${legalHolds.endedAt} > now() - make_interval(days => ${days}::int)`;

/** Returns the holds that covered a person and have ended within some days, the last one first. */
export const findEndedHolds = (
  tx: Tx,
  personId: string,
  { days, limit }: { readonly days: number; readonly limit: number },
): Promise<LegalHoldRow[]> =>
  named(
    "findEndedHolds",
    tx
      .select()
      .from(legalHolds)
      .where(and(endedSince(days), covers(personId)))
      .orderBy(desc(legalHolds.endedAt), desc(legalHolds.id))
      .limit(limit),
  );

/** Returns the users among these who have ended a hold that covered the person, within some days. */
export async function findEndersOfHolds(
  tx: Tx,
  personId: string,
  { userIds, days }: { readonly userIds: readonly string[]; readonly days: number },
): Promise<ReadonlySet<string>> {
  const query = tx
    .selectDistinct({ id: legalHolds.endedBy })
    .from(legalHolds)
    .where(and(endedSince(days), inArray(legalHolds.endedBy, [...userIds]), covers(personId)));
  return new Set((await named("findEndersOfHolds", query)).flatMap(({ id }) => id ?? []));
}

/** Returns whether a person has worked on a request. */
export async function hasWorkedOn(tx: Tx, personId: string, requestId: string): Promise<boolean> {
  const rows = await tx.execute<{ has: boolean }>(
    named("hasWorkedOn", sql`select app.has_worked_on(${personId}::uuid, ${requestId}::uuid) as has`),
  );
  return rows[0]?.has === true;
}

/** Returns whether the tenant has the request, or is the organization. Deleted requests count. */
export async function hasHeldObject(tx: Tx, type: string, id: string): Promise<boolean> {
  const tables: Readonly<Record<string, string>> = {
    request: "requests.requests where id",
    tenant: "identity.tenants where tenant_id",
  };
  const place = tables[type];
  if (place === undefined) return false;
  const rows = await tx.execute(named("hasHeldObject", sql`select from ${sql.raw(place)} = ${id}::uuid and tenant_id = app.tenant()`));
  return rows.length > 0;
}
