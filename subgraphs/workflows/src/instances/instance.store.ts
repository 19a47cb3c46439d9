import { workflows } from "@weft/drizzle";
import type { InstanceHead, InternalCommentRow } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects, worksOn } from "@weft/platform/access";
import { among, amongAny, named, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rowsOfEach } from "@weft/api/pages";
import type { Reading } from "@weft/api/row-nodes";
import { and, count, eq, getTableColumns, gt, lte, sql, type SQL } from "drizzle-orm";
import type { HistoryRow } from "./history-entry.type.js";

const { history, instances, internalComments } = workflows;

/** Maximum number of history entries returned, newest first chosen. Typical workflows have fewer. */
export const MAX_HISTORY = 500;

/** Condition for instances that a viewer can reach with a permission. Used by all queries of this aggregate. */
export function visible(viewer: Viewer, permission: Permission): SQL {
  return visibleObjects("instance", viewer, permission);
}

/** Which instances are read, and what of them. */
interface InstancesToRead {
  readonly ids: readonly string[];
  readonly reading: Reading<InstanceHead>;
}

export async function selectInstances(tx: Tx, viewer: Viewer, { ids, reading }: InstancesToRead): Promise<InstanceHead[]> {
  const query = tx
    .select(reading.columns)
    .from(instances)
    .where(and(among(instances.id, ids), visible(viewer, "workflow.read")));
  return reading.rows(await named("selectInstances", query));
}

export async function findInstance(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<InstanceHead | null> {
  const [row] = await named(
    "findInstance",
    tx
      .select()
      .from(instances)
      .where(and(eq(instances.id, id), visible(viewer, permission))),
  );
  return row ?? null;
}

/** A page of those instances, and what is read of them. */
interface InstancePage {
  readonly where: SQL | undefined;
  readonly slice: KeysetSlice;
  readonly reading: Reading<InstanceHead>;
}

export async function selectInstancePage(tx: Tx, { where, slice, reading }: InstancePage): Promise<InstanceHead[]> {
  const query = tx
    .select(reading.columns)
    .from(instances)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return reading.rows(await named("selectInstancePage", query));
}

export async function countInstances(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countInstances", tx.select({ count: count() }).from(instances).where(where));
  return row?.count ?? 0;
}

/** Returns the instances about many business objects, up to the slice's limit per object, in the slice's order. */
export async function selectInstancesOfSubjects(
  tx: Tx,
  subjectIds: readonly string[],
  { where, slice, reading }: InstancePage,
): Promise<InstanceHead[]> {
  const { columns } = reading;
  const wanted = { parent: instances.subjectId, parentIds: subjectIds, where, columns, slice };
  return reading.rows(await rowsOfEach(tx, "selectInstancesOfSubjects", instances, wanted));
}

/** Returns the number of instances about each business object, without those that have none. */
export async function countInstancesOfSubjects(
  tx: Tx,
  subjectIds: readonly string[],
  where: SQL | undefined,
): Promise<Map<string, number>> {
  const query = tx
    .select({ subjectId: instances.subjectId, count: count() })
    .from(instances)
    .where(and(among(instances.subjectId, subjectIds), where))
    .groupBy(instances.subjectId);
  const rows = await named("countInstancesOfSubjects", query);
  return new Map(rows.map((row) => [row.subjectId ?? "", row.count]));
}

/** Returns the history of many visible instances, oldest first, at most the newest `MAX_HISTORY` entries of each. */
export function selectHistory(tx: Tx, instanceIds: readonly string[]): Promise<HistoryRow[]> {
  // Versions are 1…n without gaps, so the newest entries are an index range. A window function would read all entries.
  const query = tx
    .select(getTableColumns(history))
    .from(history)
    .innerJoin(instances, and(eq(instances.tenantId, history.tenantId), eq(instances.id, history.instanceId)))
    .where(and(amongAny(history.instanceId, instanceIds), gt(history.version, sql`${instances.version} - ${sql.raw(String(MAX_HISTORY))}`)))
    .orderBy(history.instanceId, history.version);
  return named("selectHistory", query);
}

/** Returns the internal comments on many visible instances that the viewer can read, oldest first, at most the newest `MAX_HISTORY` of each. */
export function selectInternalComments(tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<InternalCommentRow[]> {
  const ranked = tx
    .select({
      ...getTableColumns(internalComments),
      rank: sql<number>`row_number() over (partition by ${internalComments.instanceId} order by ${internalComments.id} desc)`.as("rank"),
    })
    .from(internalComments)
    .innerJoin(instances, and(eq(instances.tenantId, internalComments.tenantId), eq(instances.id, internalComments.instanceId)))
    .where(and(amongAny(internalComments.instanceId, instanceIds), worksOn(viewer, "workflow.read", instances)))
    .as("ranked");
  return named("selectInternalComments", tx.select().from(ranked).where(lte(ranked.rank, MAX_HISTORY)).orderBy(ranked.id));
}
