import { privacy } from "@weft/drizzle";
import { and, eq } from "drizzle-orm";
import { writeAudit } from "../audit/write.js";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { WriteMeta } from "../events/write-meta.js";
import type { FileRow } from "../files/file.store.js";

const { privacyRequests } = privacy;

/** Returns the ID of the privacy request whose export a file is. Null for other files. */
export async function findPersonExport(tx: Tx, { id, declaredType }: Pick<FileRow, "id" | "declaredType">): Promise<string | null> {
  // What exports of people are stored as. Other downloads run no statement.
  if (declaredType !== "application/zip") return null;
  const query = tx
    .select({ id: privacyRequests.id })
    .from(privacyRequests)
    .where(and(eq(privacyRequests.fileId, id), eq(privacyRequests.kind, "EXPORT")));
  return (await named("findPersonExport", query))[0]?.id ?? null;
}

/** Records that an export of a person's data is downloaded. It contains more about the person than any other page shows. */
export const recordPersonDownload = (tx: Tx, meta: WriteMeta, requestId: string): Promise<void> =>
  writeAudit(tx, meta, [
    { action: "privacyRequest.download", entityType: "privacyRequest", entityId: requestId, before: null, after: null },
  ]);
