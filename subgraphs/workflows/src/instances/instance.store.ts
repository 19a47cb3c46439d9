import { workflows } from "@weft/drizzle";
import type { InstanceHead } from "@weft/engine";
import { among, named, visibleObjects, type KeysetSlice, type Permission, type Tx, type Viewer } from "@weft/shared";
import { and, count, eq, getTableColumns, gt, sql, type SQL } from "drizzle-orm";
import type { HistoryRow } from "./history-entry.type.js";

const { history, instances } = workflows;

/** Of an instance's history the newest entries are shown; no sane workflow has more. */
export const MAX_HISTORY = 500;

/** Which instances a viewer may see under a permission: the one predicate of this aggregate. */
export function visible(viewer: Viewer, permission: Permission): SQL {
  return visibleObjects("instance", viewer, permission);
}

export function selectInstances(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<InstanceHead[]> {
  return named(
    "selectInstances",
    tx
      .select()
      .from(instances)
      .where(and(among(instances.id, ids), visible(viewer, "workflow.read"))),
  );
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

export function selectInstancePage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<InstanceHead[]> {
  return named(
    "selectInstancePage",
    tx
      .select()
      .from(instances)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countInstances(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countInstances", tx.select({ count: count() }).from(instances).where(where));
  return row?.count ?? 0;
}

/** The history of many instances, oldest first; of each at most the newest `MAX_HISTORY`. The instances themselves are visible already. */
export function selectHistory(tx: Tx, instanceIds: readonly string[]): Promise<HistoryRow[]> {
  // Versions are 1…n without a gap, so the newest entries are a range of the index; a window function would read them all.
  const query = tx
    .select(getTableColumns(history))
    .from(history)
    .innerJoin(instances, and(eq(instances.tenantId, history.tenantId), eq(instances.id, history.instanceId)))
    .where(and(among(history.instanceId, instanceIds), gt(history.version, sql`${instances.version} - ${MAX_HISTORY}::integer`)))
    .orderBy(history.instanceId, history.version);
  return named("selectHistory", query);
}
