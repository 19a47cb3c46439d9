import { type DocumentRequirementContent, vendorDocuments as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const { documentRequirements } = tables;

export type RequirementsRow = typeof documentRequirements.$inferSelect;

/** Returns the tenant's requirements. Null if they were never set. */
export async function findRequirements(tx: Tx): Promise<RequirementsRow | null> {
  const [row] = await named("findVendorDocumentRequirements", tx.select().from(documentRequirements));
  return row ?? null;
}

/** Locks the tenant's requirements until commit. The first change inserts them, with version 0, so that concurrent first changes wait for one another. */
export async function lockRequirements(tx: Tx, tenantId: string, userId: string): Promise<RequirementsRow> {
  const values = { tenantId, version: 0, requirements: [], updatedBy: userId, updatedAt: sql`app.weft_now()` };
  await named("insertVendorDocumentRequirements", tx.insert(documentRequirements).values(values).onConflictDoNothing());
  const [row] = await named("lockVendorDocumentRequirements", tx.select().from(documentRequirements).for("no key update"));
  if (!row) throw new Error("The requirements were inserted, but cannot be read.");
  return row;
}

/** Replaces the requirements, which the caller has locked, and increments their version. */
export const updateRequirements = (tx: Tx, requirements: readonly DocumentRequirementContent[], userId: string): Promise<RequirementsRow> =>
  insertedRow(
    named(
      "updateVendorDocumentRequirements",
      tx
        .update(documentRequirements)
        .set({ requirements, version: sql`${documentRequirements.version} + 1`, updatedBy: userId, updatedAt: sql`app.weft_now()` })
        .where(sql`${documentRequirements.tenantId} = app.tenant()`)
        .returning(),
    ),
  );
