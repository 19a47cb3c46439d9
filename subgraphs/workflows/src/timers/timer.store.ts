import { workflows } from "@weft/drizzle";
import type { TimerRow } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, count, eq, getTableColumns, sql, type SQL } from "drizzle-orm";

const { instances, timers } = workflows;

/** Maximum number of timers of an instance or a task that a field returns. */
const MAX_OF_ONE = 100;

/** Users who can reach the instance with the permission can reach its timers. */
export const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("instance", viewer, permission);

const ofInstance = and(eq(instances.tenantId, timers.tenantId), eq(instances.id, timers.instanceId));
const withInstances = (tx: Tx) => tx.select(getTableColumns(timers)).from(timers).innerJoin(instances, ofInstance);

export function selectTimerPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<TimerRow[]> {
  return named(
    "selectTimerPage",
    withInstances(tx)
      .where(and(where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );
}

export async function countTimers(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countTimers", tx.select({ count: count() }).from(timers).innerJoin(instances, ofInstance).where(where));
  return row?.count ?? 0;
}

/** Returns the set timers of many instances, next first, at most a hundred of each. */
export async function selectSetTimers(tx: Tx, viewer: Viewer, instanceIds: readonly string[]): Promise<TimerRow[]> {
  // An instance with many timers must not take the places of the others.
  const first = sql`${timers.id} in (
    select n.id from ${instances} cross join lateral (
      select t.id from workflows.timers t where t.tenant_id = ${instances.tenantId} and t.instance_id = ${instances.id} and t.status = 'ARMED'
       order by t.due_at, t.id limit ${MAX_OF_ONE}::int) n
     where ${instances.tenantId} = app.tenant() and ${among(instances.id, instanceIds)})`;
  return named(
    "selectSetTimers",
    withInstances(tx)
      .where(and(among(timers.instanceId, instanceIds), eq(timers.status, "ARMED"), visible(viewer, "workflow.read"), first))
      .orderBy(timers.dueAt, timers.id),
  );
}

/** A locked timer, with the current version of its instance. */
export type LockedTimer = { readonly timer: TimerRow; readonly instanceVersion: number };

/** Locks a timer whose instance the permission covers. */
export async function lockTimer(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<LockedTimer | null> {
  const [found] = await named("findTimer", withInstances(tx).where(and(eq(timers.id, id), visible(viewer, permission))));
  if (!found) return null;
  // In the order of the engine: the instance first.
  const [instance] = await tx.execute<{ version: number }>(
    named(
      "lockInstanceOfTimer",
      sql`select i.version from workflows.instances i where i.tenant_id = app.tenant() and i.id = ${found.instanceId}::uuid for update`,
    ),
  );
  const [timer] = await named("lockTimer", tx.select().from(timers).where(eq(timers.id, id)).for("update"));
  return timer && instance ? { timer, instanceVersion: instance.version } : null;
}

/** Changes a set timer. */
export async function updateTimer(
  tx: Tx,
  id: string,
  set: Partial<Pick<TimerRow, "status" | "dueAt" | "reason" | "isHeld">> & { readonly isOver: boolean },
): Promise<TimerRow> {
  const { isOver, ...columns } = set;
  const [row] = await named(
    "updateTimer",
    tx
      .update(timers)
      .set({ ...columns, version: sql`${timers.version} + 1`, ...(isOver && { endedAt: sql`app.weft_now()` }) })
      .where(eq(timers.id, id))
      .returning(),
  );
  if (!row) throw new Error(`timer ${id} is locked, but missing`);
  return row;
}
