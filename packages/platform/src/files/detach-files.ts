import { writeAudit } from "../audit/write.js";
import type { Tx } from "../db/database.js";
import type { WriteMeta } from "../events/write-meta.js";
import { tellOfAttachments } from "./attach-files.js";
import { deleteAttachmentsOf } from "./attachment.store.js";

/** Detaches locked files from all objects. Leaves the audit entries and events that users leave who detach them one by one. */
export async function detachFiles(tx: Tx, meta: WriteMeta, ids: readonly string[]): Promise<void> {
  const rows = await deleteAttachmentsOf(tx, ids);
  if (rows.length === 0) return;
  await writeAudit(
    tx,
    meta,
    rows.map((row) => ({ action: "attachment.delete", entityType: "attachment" as const, entityId: row.id, before: row, after: null })),
  );
  await tellOfAttachments(tx, { meta }, "attachment.deleted", rows);
}
