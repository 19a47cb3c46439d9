import { vendors as tables } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx } from "@weft/platform/db";
import { and, asc, desc, eq, getTableColumns, sql } from "drizzle-orm";

const { vendorContacts, vendors } = tables;

export type ContactRow = typeof vendorContacts.$inferSelect;
export type NewContact = Pick<ContactRow, "tenantId" | "id" | "vendorId" | "name" | "role" | "email" | "phone" | "isPrimary">;
export type ContactChanges = Partial<Pick<ContactRow, "name" | "role" | "email" | "phone" | "isPrimary">>;

const now = sql`app.weft_now()`;

/** Returns the contacts of vendors that were already checked to be visible: the primary one first, the others by age. */
export const findContactsOf = (tx: Tx, vendorIds: readonly string[]): Promise<ContactRow[]> =>
  named(
    "findContactsOf",
    tx
      .select()
      .from(vendorContacts)
      .where(among(vendorContacts.vendorId, vendorIds))
      .orderBy(desc(vendorContacts.isPrimary), asc(vendorContacts.createdAt), asc(vendorContacts.id)),
  );

/** Returns whether the viewer can change contacts of the vendor. */
export async function isContactOwner(tx: Tx, viewer: Viewer, vendorId: string): Promise<boolean> {
  const query = tx
    .select({ id: vendors.id })
    .from(vendors)
    .where(and(eq(vendors.id, vendorId), visibleObjects("vendor", viewer, "vendorContact.update")));
  return (await named("isContactOwner", query)).length > 0;
}

/**
 * Locks the contacts of a vendor until the end of the transaction, so that concurrent changes neither exceed the limit nor make two contacts primary. Not
 * the vendor's row: its users cannot lock it.
 */
export async function lockContacts(tx: Tx, vendorId: string): Promise<void> {
  await tx.execute(
    named(
      "lockContacts",
      sql`select pg_advisory_xact_lock(hashtextextended('weft.vendor_contacts.' || app.tenant() || ${vendorId}::text, 0))`,
    ),
  );
}

/** Returns null if there is none, or the viewer cannot change contacts of its vendor. */
export async function findContact(tx: Tx, viewer: Viewer, id: string): Promise<ContactRow | null> {
  const query = tx
    .select(getTableColumns(vendorContacts))
    .from(vendorContacts)
    .innerJoin(vendors, and(eq(vendors.tenantId, vendorContacts.tenantId), eq(vendors.id, vendorContacts.vendorId)))
    .where(and(eq(vendorContacts.id, id), visibleObjects("vendor", viewer, "vendorContact.update")));
  const [row] = await named("findContact", query);
  return row ?? null;
}

/** Returns a contact that was written in this transaction, or replayed from an earlier one. Null if it was removed since. */
export async function findWrittenContact(tx: Tx, id: string): Promise<ContactRow | null> {
  const [row] = await named("findWrittenContact", tx.select().from(vendorContacts).where(eq(vendorContacts.id, id)));
  return row ?? null;
}

export const insertContact = (tx: Tx, contact: NewContact): Promise<ContactRow> =>
  insertedRow(
    named(
      "insertContact",
      tx
        .insert(vendorContacts)
        .values({ ...contact, createdAt: now, updatedAt: now })
        .returning(),
    ),
  );

/** Writes the changes of a contact that the caller has locked, and increments its version. */
export const updateContact = (tx: Tx, id: string, changes: ContactChanges): Promise<ContactRow> =>
  insertedRow(
    named(
      "updateContact",
      tx
        .update(vendorContacts)
        .set({ ...changes, ...nextVersion(vendorContacts), updatedAt: now })
        .where(eq(vendorContacts.id, id))
        .returning(),
    ),
  );

export async function deleteContact(tx: Tx, id: string): Promise<void> {
  await tx.execute(named("deleteContact", sql`select vendors.delete_contact(${id}::uuid)`));
}
