import { files as tables } from "@weft/drizzle";
import { eq } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { named } from "../../db/named.js";
import { DueQueue } from "../../queues/due-queue.js";
import type { StoredPreview } from "./preview-sizes.js";

const { files } = tables;

/** Images whose previews are to be made. */
export const previewQueue = new DueQueue({ name: "Preview", table: files, dueAt: "previewsDueAt", claimTime: "5 minutes" });

/** Records the previews that are in the storage. */
export async function completePreviews(tx: Tx, id: string, previews: readonly StoredPreview[]): Promise<void> {
  await named("completePreviews", tx.update(files).set({ previews, previewsDueAt: null }).where(eq(files.id, id)));
}
