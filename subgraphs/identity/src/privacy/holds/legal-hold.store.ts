import { privacy } from "@weft/drizzle";
import { Conflict } from "@weft/shared/errors";
import { atVersion, insertedRow, mapDatabaseError, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, eq, isNull, sql } from "drizzle-orm";

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

/** Returns whether the tenant has an object of one of the types that holds can cover. Deleted requests count. */
export async function hasHeldObject(tx: Tx, type: string, id: string): Promise<boolean> {
  const tables: Readonly<Record<string, string>> = {
    user: "identity.users where id",
    vendorContact: "vendors.vendor_contacts where id",
    request: "requests.requests where id",
    tenant: "identity.tenants where tenant_id",
  };
  const place = tables[type];
  if (place === undefined) return false;
  const rows = await tx.execute(named("hasHeldObject", sql`select from ${sql.raw(place)} = ${id}::uuid and tenant_id = app.tenant()`));
  return rows.length > 0;
}
