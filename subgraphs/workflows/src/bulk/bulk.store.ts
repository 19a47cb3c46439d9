import { visibleInstances } from "@weft/platform/rights";
import { bulk, workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, eq, gt, isNull, sql, type SQL } from "drizzle-orm";
import type { BulkItemRow, BulkOperationRow } from "./bulk.type.js";

const { bulkItems, bulkOperations } = bulk;
const { instances } = workflows;

/** Operations visible to a viewer: in the scope OWN, those that the viewer started. Row-level security hides all of them from users of vendors. */
export const visibleOperations = (viewer: Viewer, permission: Permission): SQL =>
  visibleInstances(viewer, permission, { ownerId: bulkOperations.createdBy });

/** Running instances that match the condition, that the viewer can reach with the permission and that the viewer can see. */
export const targetsWhere = (viewer: Viewer, permission: Permission, where: SQL | undefined): SQL | undefined =>
  and(
    isNull(instances.finishedAt),
    visibleObjects("instance", viewer, permission),
    visibleObjects("instance", viewer, "workflow.read"),
    where,
  );

export interface Target {
  /** UUID of the instance. */
  readonly id: string;
  readonly version: number;
  /** In operations on runs: UUID of the run of the instance. */
  readonly runId?: string;
}

/** Returns the oldest targets, up to the limit. */
export function selectTargets(tx: Tx, where: SQL | undefined, limit: number): Promise<Target[]> {
  return named(
    "selectTargets",
    tx.select({ id: instances.id, version: instances.version }).from(instances).where(where).orderBy(asc(instances.id)).limit(limit),
  );
}

/** Returns the complete rows of the next targets after an ID. */
export function selectTargetHeads(tx: Tx, where: SQL | undefined, after: string | null, limit: number): Promise<InstanceHead[]> {
  return named(
    "selectTargetHeads",
    tx
      .select()
      .from(instances)
      .where(and(where, after === null ? undefined : gt(instances.id, after)))
      .orderBy(asc(instances.id))
      .limit(limit),
  );
}

export async function countTargets(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countTargets", tx.select({ count: count() }).from(instances).where(where));
  return row?.count ?? 0;
}

/** Returns the number of the tenant's running operations. No other transaction can start one until this transaction ends. */
export async function countRunning(tx: Tx): Promise<number> {
  await tx.execute(named("lockOperations", sql`select pg_advisory_xact_lock(hashtextextended('weft.bulk.' || app.tenant(), 0))`));
  const [row] = await named("countRunning", tx.select({ count: count() }).from(bulkOperations).where(eq(bulkOperations.status, "RUNNING")));
  return row?.count ?? 0;
}

export type NewOperation = Pick<
  BulkOperationRow,
  "tenantId" | "id" | "kind" | "params" | "comment" | "undoesId" | "createdBy" | "sessionId"
>;

/** Inserts the operation with its items in order, using two statements. */
export async function insertOperation(tx: Tx, operation: NewOperation, targets: readonly Target[]): Promise<BulkOperationRow> {
  const now = sql`app.weft_now()`;
  const values = { ...operation, total: targets.length, createdAt: now, updatedAt: now };
  const [row] = await named("insertOperation", tx.insert(bulkOperations).values(values).returning());
  if (!row) throw new Error("the inserted operation was not returned");
  await tx.execute(
    named(
      "insertItems",
      sql`insert into workflows.bulk_items (tenant_id, operation_id, position, instance_id, planned_version, run_id)
      select app.tenant(), ${operation.id}::uuid, t.position, t.id, t.version, t.run_id
        from rows from (jsonb_to_recordset(${JSON.stringify(targets)}::text::jsonb) as (id uuid, version integer, "runId" uuid))
             with ordinality as t (id, version, run_id, position)`,
    ),
  );
  return row;
}

export async function findOperation(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<BulkOperationRow | null> {
  const [row] = await named(
    "findOperation",
    tx
      .select()
      .from(bulkOperations)
      .where(and(eq(bulkOperations.id, id), visibleOperations(viewer, permission))),
  );
  return row ?? null;
}

export function selectOperations(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<BulkOperationRow[]> {
  return named(
    "selectOperations",
    tx
      .select()
      .from(bulkOperations)
      .where(and(among(bulkOperations.id, ids), visibleOperations(viewer, "workflow.read"))),
  );
}

export function selectOperationPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<BulkOperationRow[]> {
  return named(
    "selectOperationPage",
    tx
      .select()
      .from(bulkOperations)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countOperations(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countOperations", tx.select({ count: count() }).from(bulkOperations).where(where));
  return row?.count ?? 0;
}

/** Returns a slice of the items of each operation in the slice's order. One statement, with one index scan per operation. */
export function selectItems(
  tx: Tx,
  operationIds: readonly string[],
  { slice, status }: { readonly slice: KeysetSlice; readonly status: string | null },
): Promise<BulkItemRow[]> {
  const page = tx
    .select()
    .from(bulkItems)
    .where(
      and(sql`${bulkItems.operationId} = ${bulkOperations.id}`, status === null ? undefined : eq(bulkItems.status, status), slice.where),
    )
    .orderBy(...slice.orderBy)
    .limit(slice.limit)
    .as("page");
  const query = tx
    .select({ item: page._.selectedFields })
    .from(bulkOperations)
    .innerJoinLateral(page, sql`true`)
    .where(among(bulkOperations.id, operationIds));
  return named("selectItems", query).then((rows) => rows.map(({ item }) => item));
}

/** Returns how many items of each operation have the status. */
export async function countItems(tx: Tx, operationIds: readonly string[], status: string): Promise<Map<string, number>> {
  const rows = await named(
    "countItems",
    tx
      .select({ id: bulkItems.operationId, count: count() })
      .from(bulkItems)
      .where(and(among(bulkItems.operationId, operationIds), eq(bulkItems.status, status)))
      .groupBy(bulkItems.operationId),
  );
  return new Map(rows.map((row) => [row.id, row.count]));
}

/** Returns what an operation has done, and whether it can still be undone. */
export async function selectDone(
  tx: Tx,
  operationId: string,
  hours: number,
): Promise<{ targets: Target[]; isLate: boolean; isUndone: boolean }> {
  const targets = await named(
    "selectDone",
    tx
      .select({ id: bulkItems.instanceId, version: sql<number>`${bulkItems.resultVersion}` })
      .from(bulkItems)
      .where(and(eq(bulkItems.operationId, operationId), eq(bulkItems.status, "DONE")))
      .orderBy(asc(bulkItems.position)),
  );
  const [row] = await tx.execute<{ late: boolean; undone: boolean }>(
    named(
      "selectUndoable",
      sql`select o.finished_at < app.weft_now() - make_interval(hours => ${hours}::int) as late, exists (
          select from workflows.bulk_operations u where u.tenant_id = o.tenant_id and u.undoes_id = o.id and u.status <> 'CANCELLED') as undone
        from workflows.bulk_operations o where o.tenant_id = app.tenant() and o.id = ${operationId}::uuid for update of o`,
    ),
  );
  return { targets, isLate: row?.late === true, isUndone: row?.undone === true };
}
