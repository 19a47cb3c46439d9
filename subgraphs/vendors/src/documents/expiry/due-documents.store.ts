/** What a worker reads of documents that are due, and changes. */
import { vendorDocuments as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import { beginningOf, isDue, today } from "../../due-days/due-table.js";
import type { DocumentRow } from "../document.store.js";

const { documents } = tables;

export type DueDocument = DocumentRow & {
  readonly vendorName: string;
  readonly isReplaced: boolean;
  /** Null if the kind is not required. */
  readonly requiredDays: readonly number[] | null;
  readonly today: string;
};

/** Locks the tenant's documents that are due until commit, longest waiting first, except those that another transaction has locked. */
export function lockDueDocuments(
  tx: Tx,
  { limit, timeZone }: { readonly limit: number; readonly timeZone: string },
): Promise<DueDocument[]> {
  // Columns by name: drizzle would write them without their table, and they would mean those of the sub-selects.
  const vendor = sql`from vendors.vendors v where v.tenant_id = documents.tenant_id and v.id = documents.vendor_id`;
  const query = tx
    .select({
      ...getTableColumns(documents),
      vendorName: sql<string>`(select v.name ${vendor})`,
      isReplaced: sql<boolean>`(exists (select ${vendor} and v.status in ('INACTIVE', 'REJECTED')) or exists (
        select from vendors.documents o
         where o.tenant_id = documents.tenant_id and o.vendor_id = documents.vendor_id and o.kind = documents.kind and o.id <> documents.id
           and o.status = 'ACCEPTED' and o.deleted_at is null and (o.valid_until is null or o.valid_until > documents.valid_until)))`,
      requiredDays: sql<
        readonly number[] | null
      >`(select r->'reminderDays' from vendors.document_requirements q, jsonb_array_elements(q.requirements) r
        where q.tenant_id = documents.tenant_id and r->>'kind' = documents.kind limit 1)`,
      today: today(timeZone),
    })
    .from(documents)
    .where(isDue(documents))
    .orderBy(asc(documents.dueAt), asc(documents.id))
    .limit(limit)
    .for("no key update", { skipLocked: true });
  return named("lockDueVendorDocuments", query);
}

/** Records the last step of a document, and sets when a worker looks at it again: at the beginning of a day in the time zone. Null: never. */
export async function planDocument(
  tx: Tx,
  { id, remindedFor, remindedDays, expiredFor }: DueDocument,
  { day, timeZone }: { readonly day: string | null; readonly timeZone: string },
): Promise<void> {
  await named(
    "planVendorDocument",
    tx
      .update(documents)
      .set({ remindedFor, remindedDays, expiredFor, dueAt: beginningOf(day, timeZone) })
      .where(eq(documents.id, id)),
  );
}
