import type { MissingDocument } from "@weft/engine";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

export type MissingDocumentRow = MissingDocument & {
  readonly vendorId: string;
  readonly documentId: string | null;
};

/** Returns the required documents that the vendors lack, by kind. Assignments are refused for the same: see `vendors.lock_for_work`. */
export async function findMissingDocuments(tx: Tx, vendorIds: readonly string[]): Promise<MissingDocumentRow[]> {
  return [
    ...(await tx.execute<MissingDocumentRow>(
      named(
        "findMissingDocuments",
        sql`select vendor_id as "vendorId", kind, reason, title, document as "documentId",
                   to_char(expired_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "expiredAt"
              from vendors.missing_documents(${sql.param([...vendorIds])}::uuid[]) order by vendor_id, kind`,
      ),
    )),
  ];
}
