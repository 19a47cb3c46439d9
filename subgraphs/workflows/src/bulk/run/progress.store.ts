/** What the worker writes about an operation in progress. */
import { bulk } from "@weft/drizzle";
import { type Executes, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, sql } from "drizzle-orm";
import type { BulkItemRow, BulkOperationRow } from "../bulk.type.js";

const { bulkItems, bulkOperations } = bulk;

/** Codes of failures that are not rejections by a rule. */
const faults = ["INTERNAL", "SERVICE_UNAVAILABLE"];

/** Returns tenants with running operations, longest waiting first. Suspended tenants are skipped. Runs as weft_worker, across all tenants. */
export async function findTenantsWithOperations(tx: Executes): Promise<string[]> {
  const rows = await tx.execute<{ tenant_id: string }>(
    named(
      "findTenantsWithOperations",
      sql`select o.tenant_id from workflows.bulk_operations o join identity.tenants t on t.tenant_id = o.tenant_id
      where o.status = 'RUNNING' and t.status = 'ACTIVE' group by o.tenant_id order by min(o.updated_at) limit 1000`,
    ),
  );
  return rows.map((row) => row.tenant_id);
}

/** Returns the tenant's running operation whose last progress is the oldest. */
export async function findNextOperation(tx: Tx): Promise<BulkOperationRow | null> {
  const [row] = await named(
    "findNextOperation",
    tx
      .select()
      .from(bulkOperations)
      .where(eq(bulkOperations.status, "RUNNING"))
      .orderBy(asc(bulkOperations.updatedAt), asc(bulkOperations.id))
      .limit(1),
  );
  return row ?? null;
}

/**
 * Locks the next item until commit. Returns null if there is none, or if the operation is no longer running.
 * @param position only this item
 */
export async function lockNextItem(tx: Tx, operationId: string, position: number | null = null): Promise<BulkItemRow | null> {
  const query = tx
    .select()
    .from(bulkItems)
    .where(
      and(
        eq(bulkItems.operationId, operationId),
        eq(bulkItems.status, "PENDING"),
        position === null ? undefined : eq(bulkItems.position, position),
        sql`exists (select from workflows.bulk_operations o where o.tenant_id = app.tenant() and o.id = ${operationId}::uuid and o.status = 'RUNNING')`,
      ),
    )
    .orderBy(asc(bulkItems.position))
    .limit(1)
    .for("update", { skipLocked: true });
  const [row] = await named("lockNextItem", query);
  return row ?? null;
}

export async function findItem(tx: Tx, operationId: string, instanceId: string): Promise<BulkItemRow | null> {
  const [row] = await named(
    "findItem",
    tx
      .select()
      .from(bulkItems)
      .where(and(eq(bulkItems.operationId, operationId), eq(bulkItems.instanceId, instanceId))),
  );
  return row ?? null;
}

export type ItemResult = Pick<BulkItemRow, "status" | "code" | "message" | "resultVersion" | "kept">;

/** Records the result of an item. An existing result is kept. */
export async function finishItem(tx: Tx, { operationId, position }: BulkItemRow, result: ItemResult): Promise<void> {
  await named(
    "finishItem",
    tx
      .update(bulkItems)
      .set({ ...result, finishedAt: sql`app.weft_now()` })
      .where(and(eq(bulkItems.operationId, operationId), eq(bulkItems.position, position), eq(bulkItems.status, "PENDING"))),
  );
}

/** Returns the current row, locked until commit. */
export async function lockOperation(tx: Tx, id: string): Promise<BulkOperationRow | null> {
  const [row] = await named("lockOperation", tx.select().from(bulkOperations).where(eq(bulkOperations.id, id)).for("update"));
  return row ?? null;
}

/** Updates the counts, and completes an operation without pending items. The caller holds a lock on its row. */
export async function recordProgress(tx: Tx, id: string): Promise<BulkOperationRow> {
  await tx.execute(
    named(
      "recordProgress",
      sql`update workflows.bulk_operations o set done = c.done, failed = c.failed, version = o.version + 1, updated_at = app.weft_now(),
          status = case when o.status = 'RUNNING' and c.pending = 0 then 'COMPLETED' else o.status end,
          finished_at = case when o.status = 'RUNNING' and c.pending = 0 then app.weft_now() else o.finished_at end
        from (select count(*) filter (where status = 'DONE') as done, count(*) filter (where status = 'FAILED') as failed,
                     count(*) filter (where status = 'PENDING') as pending
                from workflows.bulk_items where tenant_id = app.tenant() and operation_id = ${id}::uuid) c
       where o.tenant_id = app.tenant() and o.id = ${id}::uuid`,
    ),
  );
  return readOperation(tx, id);
}

/** Counts the final results of an operation's instances. Rejections by rules count as refused, internal errors as failed. */
export async function countResults(tx: Tx, operationId: string): Promise<{ done: number; refused: number; failed: number; left: number }> {
  const rows = await tx.execute<{ done: number; refused: number; failed: number; left: number }>(
    named(
      "countResults",
      sql`select count(*) filter (where status = 'DONE')::int as done,
          count(*) filter (where status = 'FAILED' and code <> all(${sql.param(faults)}::text[]))::int as refused,
          count(*) filter (where status = 'FAILED' and code = any(${sql.param(faults)}::text[]))::int as failed,
          count(*) filter (where status in ('PENDING', 'CANCELLED'))::int as left
        from workflows.bulk_items where tenant_id = app.tenant() and operation_id = ${operationId}::uuid`,
    ),
  );
  return rows[0] ?? { done: 0, refused: 0, failed: 0, left: 0 };
}

/** Ends an operation regardless of its pending items, after waiting for items in progress. The caller holds a lock on its row. */
export async function endOperation(
  tx: Tx,
  id: string,
  { status, message }: { readonly status: "CANCELLED" | "FAILED"; readonly message: string | null },
): Promise<BulkOperationRow> {
  await named(
    "cancelItems",
    tx
      .update(bulkItems)
      .set({ status: "CANCELLED", finishedAt: sql`app.weft_now()` })
      .where(and(eq(bulkItems.operationId, id), eq(bulkItems.status, "PENDING"))),
  );
  const now = sql`app.weft_now()`;
  await named(
    "endOperation",
    tx.update(bulkOperations).set({ status, message, updatedAt: now, finishedAt: now }).where(eq(bulkOperations.id, id)),
  );
  return recordProgress(tx, id);
}

async function readOperation(tx: Tx, id: string): Promise<BulkOperationRow> {
  const [row] = await named("readOperation", tx.select().from(bulkOperations).where(eq(bulkOperations.id, id)));
  if (!row) throw new Error(`operation ${id} no longer exists`);
  return row;
}
