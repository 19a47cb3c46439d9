import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

export type MissingDocumentRow = {
  readonly vendorId: string;
  readonly kind: string;
  readonly reason: string;
  readonly documentId: string | null;
  /** When the last accepted one ended. */
  readonly expiredAt: string | null;
};

/** Returns the required documents that the vendors lack, by kind. Assignments are refused for the same: see `vendors.lock_for_work`. */
export async function findMissingDocuments(tx: Tx, vendorIds: readonly string[]): Promise<MissingDocumentRow[]> {
  return [
    ...(await tx.execute<MissingDocumentRow>(
      named(
        "findMissingDocuments",
        sql`select vendor_id as "vendorId", kind, reason, document as "documentId", expired_at as "expiredAt"
              from vendors.missing_documents(${sql.param([...vendorIds])}::uuid[]) order by vendor_id, kind`,
      ),
    )),
  ];
}
