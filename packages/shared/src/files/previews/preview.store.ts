import { files as tables } from "@weft/drizzle";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { named } from "../../db/named.js";
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
        .where(inArray(files.id, due))
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

/** Tenants with images to process, longest waiting first, and when the next image of any tenant is due. Reads across tenants, as the worker. */
export async function findTenantsWithDuePreviews(tx: Tx, limit: number): Promise<{ tenants: string[]; next: string | null }> {
  const [row] = await tx.execute<{ tenants: string[]; next: string | null }>(
    named(
      "findTenantsWithDuePreviews",
      sql`select
            array(select f.tenant_id::text from app.files f where f.previews_due_at <= now()
              group by f.tenant_id order by min(f.previews_due_at) limit ${limit}::int) as tenants,
            (select min(f.previews_due_at) from app.files f where f.previews_due_at > now()) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}

/** When the tenant's next image is due. */
export async function findNextDuePreviews(tx: Tx): Promise<string | null> {
  const [row] = await tx.execute<{ next: string | null }>(
    named(
      "findNextDuePreviews",
      sql`select min(previews_due_at) as next from app.files where tenant_id = app.tenant() and previews_due_at is not null`,
    ),
  );
  return row?.next ?? null;
}
