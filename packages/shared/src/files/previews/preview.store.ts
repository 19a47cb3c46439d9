import { files as tables } from "@weft/drizzle";
import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { amongLocked, named } from "../../db/named.js";
import { writtenRow } from "../../db/rows.js";
import type { FileRow } from "../file.store.js";
import type { StoredPreview } from "./preview-sizes.js";

const { files } = tables;

/** Time after which previews that were begun and not finished are due again: the process that made them was killed. */
const claimTime = "5 minutes";

/** Takes the image that has waited longest for its previews. It is due again after some minutes, unless the caller changes that. */
export function claimDuePreviews(tx: Tx): Promise<FileRow | null> {
  const due = tx
    .select({ id: files.id })
    .from(files)
    .where(sql`${files.previewsDueAt} <= now()`)
    .orderBy(files.previewsDueAt)
    .limit(1)
    .for("update", { skipLocked: true });
  return writtenRow(
    named(
      "claimDuePreviews",
      tx
        .update(files)
        .set({ previewsDueAt: sql`now() + ${claimTime}::interval` })
        .where(amongLocked(files.id, due))
        .returning(),
    ),
  );
}

/** Records the previews that are in the storage. */
export async function completePreviews(tx: Tx, id: string, previews: readonly StoredPreview[]): Promise<void> {
  await named("completePreviews", tx.update(files).set({ previews, previewsDueAt: null }).where(eq(files.id, id)));
}

/** Changes when the previews of an image are due. */
export async function postponePreviews(tx: Tx, id: string, interval: string): Promise<void> {
  await named(
    "postponePreviews",
    tx
      .update(files)
      .set({ previewsDueAt: sql`now() + ${interval}::interval` })
      .where(and(eq(files.id, id), sql`${files.previewsDueAt} is not null`)),
  );
}
