import { vendorDocuments as tables, vendors as vendorTables } from "@weft/drizzle";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects, visibleObjectsByIndex } from "@weft/platform/access";
import { among, insertedRow, named, nextVersion, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import { and, eq, getTableColumns, isNull, lte, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";

const { documents } = tables;
const { vendors } = vendorTables;

export type DocumentRow = typeof documents.$inferSelect;

/** Columns that can be changed, as values or expressions. */
type DocumentChanges = Partial<Omit<PgUpdateSetSource<typeof documents>, "tenantId" | "id" | "vendorId" | "validUntilOrder" | "version">>;

// The sub-select is evaluated once per statement.
const end = sql`vendors.document_end(${documents.validUntil}, (select app.time_zone()))`;

/** Condition: the last day of a document is over. */
export const isExpired = sql<boolean>`${end} <= app.weft_now()`;

const shown = {
  ...getTableColumns(documents),
  expiresAt: sql<string | null>`case when ${documents.validUntil} is not null then ${end} end`.as("expires_at"),
  isExpired: isExpired.as("is_expired"),
};

/** A document with what depends on the tenant's clock and time zone. */
export type ShownDocument = DocumentRow & { readonly expiresAt: string | null; readonly isExpired: boolean };

const visibleDocuments = (viewer: Viewer, permission: Permission): SQL => visibleObjects("vendorDocument", viewer, permission);

/** Returns the visible documents among the given IDs, in any order. */
export const findDocuments = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ShownDocument[]> =>
  named(
    "findVendorDocuments",
    tx
      .select(shown)
      .from(documents)
      .where(and(among(documents.id, ids), visibleDocuments(viewer, "vendorDocument.read"))),
  );

/** Condition: documents that the viewer can see. */
export const listedDocuments = (viewer: Viewer): SQL | undefined => visibleObjectsByIndex("vendorDocument", viewer, "vendorDocument.read");

/** Returns the documents that match the condition, in the slice's order. */
export const selectDocumentPage = (tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<ShownDocument[]> =>
  named(
    "listAllVendorDocuments",
    tx
      .select(shown)
      .from(documents)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

/** Condition: documents of a vendor that the viewer can see. */
export const ofVendor = (viewer: Viewer, vendorId: string): SQL | undefined =>
  and(eq(documents.vendorId, vendorId), visibleDocuments(viewer, "vendorDocument.read"));

/** Returns at most `slice.limit` visible documents of each vendor, in the slice's order. */
export function listDocuments(tx: Tx, viewer: Viewer, vendorIds: readonly string[], slice: KeysetSlice): Promise<ShownDocument[]> {
  const ranked = tx
    .select({ id: documents.id, rank: rankWithin(documents.vendorId, slice) })
    .from(documents)
    .where(and(among(documents.vendorId, vendorIds), visibleDocuments(viewer, "vendorDocument.read"), slice.where))
    .as("ranked");
  const query = tx
    .select(shown)
    .from(documents)
    .innerJoin(ranked, eq(ranked.id, documents.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return named("listVendorDocuments", query);
}

export const insertDocument = (tx: Tx, values: Omit<typeof documents.$inferInsert, "createdAt" | "updatedAt">): Promise<DocumentRow> => {
  const times = { createdAt: sql`app.weft_now()`, updatedAt: sql`app.weft_now()` };
  return insertedRow(
    named(
      "insertVendorDocument",
      tx
        .insert(documents)
        .values({ ...values, ...times })
        .returning(),
    ),
  );
};

/**
 * Locks the vendor of a document until commit. Call it before a change of what counts among the documents: an assignment locks the vendor while it reads
 * them, and so comes either before the change or after it.
 */
export async function lockVendorOfDocument(tx: Tx, id: string): Promise<void> {
  const owner = tx.select({ id: documents.vendorId }).from(documents).where(eq(documents.id, id));
  await named(
    "lockVendorOfDocument",
    tx
      .select({ id: vendors.id })
      .from(vendors)
      .where(eq(vendors.id, sql`(${owner})`))
      .for("no key update"),
  );
}

/** Locks a document for a change. Null if the permission does not cover it for the viewer. */
export async function lockDocument(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<DocumentRow | null> {
  const where = and(eq(documents.id, id), visibleDocuments(viewer, permission));
  const [row] = await named("lockVendorDocument", tx.select().from(documents).where(where).for("no key update"));
  return row ?? null;
}

/** Writes the changes of a document that the caller has locked, and increments its version. */
export function updateDocumentRow(tx: Tx, id: string, changes: DocumentChanges): Promise<DocumentRow> {
  const query = tx
    .update(documents)
    .set({ ...changes, ...nextVersion(documents) })
    .where(eq(documents.id, id))
    .returning();
  return insertedRow(named("updateVendorDocumentRow", query));
}

/** Makes a worker plan the reminders of all documents that count anew. */
export async function replanDocuments(tx: Tx): Promise<void> {
  const where = and(eq(documents.status, "ACCEPTED"), sql`${documents.validUntil} is not null`, isNull(documents.deletedAt));
  await named(
    "replanVendorDocuments",
    tx
      .update(documents)
      .set({ dueAt: sql`app.weft_now()` })
      .where(where),
  );
}
