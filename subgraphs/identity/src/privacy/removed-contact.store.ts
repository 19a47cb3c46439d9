import { audit } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, desc, eq } from "drizzle-orm";

const { auditEntries } = audit;

const isRemoval = eq(auditEntries.action, "vendorContact.delete");

/** Returns the entry of the audit trail about the removal of a contact of a vendor: its last values. Null if it was not removed. */
export async function findRemovedContact(tx: Tx, id: string) {
  const query = tx
    .select({ image: auditEntries.before })
    .from(auditEntries)
    .where(and(eq(auditEntries.entityId, id), eq(auditEntries.entityType, "vendorContact"), isRemoval))
    .orderBy(desc(auditEntries.id))
    .limit(1);
  const [row] = await named("findRemovedContact", query);
  return row ?? null;
}

/** Returns the IDs of all contacts of vendors that were removed. */
export async function findRemovedContacts(tx: Tx): Promise<string[]> {
  const query = tx.selectDistinct({ id: auditEntries.entityId }).from(auditEntries).where(isRemoval);
  return (await named("findRemovedContacts", query)).map(({ id }) => id);
}
