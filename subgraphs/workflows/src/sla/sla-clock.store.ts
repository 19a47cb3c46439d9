import { sla, workflows } from "@weft/drizzle";
import { standings, type ClockRow, type StandingClock } from "@weft/engine";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { and, asc, count, eq, getTableColumns, sql, type SQL } from "drizzle-orm";

const { slaClocks } = sla;
const { instances } = workflows;

/** Users who can reach the instance with the permission can reach its clocks. */
export const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("instance", viewer, permission);

/** Name of the SLA, as clients know it. */
export const nameOf = sql<string>`regexp_replace(${slaClocks.rule}, '^task:', '')`;

/** When the target was reached, also if it has not been announced yet. */
export const breachedAt = sql<string>`coalesce(${slaClocks.breachedAt}, case when ${slaClocks.phase} = 'RUN' and ${slaClocks.dueAt} <= app.weft_now() then ${slaClocks.dueAt} end)`;

const ofInstance = and(eq(instances.tenantId, slaClocks.tenantId), eq(instances.id, slaClocks.instanceId));
const withInstances = (tx: Tx) => tx.select(getTableColumns(slaClocks)).from(slaClocks).innerJoin(instances, ofInstance);

export async function findSlaClock(
  tx: Tx,
  viewer: Viewer,
  { id, permission }: { id: string; permission: Permission },
): Promise<ClockRow | null> {
  const [row] = await named("findVisibleSlaClock", withInstances(tx).where(and(eq(slaClocks.id, id), visible(viewer, permission))));
  return row ?? null;
}

/** Returns the clocks of instances that the viewer has been found to see, oldest first. */
export async function selectClocksOf(tx: Tx, instanceIds: readonly string[]): Promise<StandingClock[]> {
  const query = tx.select().from(slaClocks).where(among(slaClocks.instanceId, instanceIds));
  return standings(tx, await named("selectSlaClocksOf", query.orderBy(asc(slaClocks.startedAt), asc(slaClocks.id))));
}

export type ClockOfRequest = StandingClock & { readonly requestId: string };

/** Returns the clocks of the requests' instances that the viewer can see, oldest first. One statement finds the instances and their clocks. */
export async function selectClocksOfRequests(tx: Tx, viewer: Viewer, requestIds: readonly string[]): Promise<ClockOfRequest[]> {
  const isTheirs = and(eq(instances.subjectType, "request"), among(instances.subjectId, requestIds));
  const rows = await named(
    "selectSlaClocksOfRequests",
    tx
      .select({ clock: getTableColumns(slaClocks), requestId: instances.subjectId })
      .from(slaClocks)
      .innerJoin(instances, ofInstance)
      .where(and(isTheirs, visible(viewer, "workflow.read")))
      .orderBy(asc(slaClocks.startedAt), asc(slaClocks.id)),
  );
  const clocks = await standings(
    tx,
    rows.map(({ clock }) => clock),
  );
  return clocks.map((clock, index) => ({ ...clock, requestId: rows[index]?.requestId ?? "" }));
}

/** Returns the clocks of tasks that the viewer has been found to see. */
export async function selectClocksOfTasks(tx: Tx, taskIds: readonly string[]): Promise<StandingClock[]> {
  const query = tx.select().from(slaClocks).where(among(slaClocks.taskId, taskIds));
  return standings(tx, await named("selectSlaClocksOfTasks", query));
}

export async function selectSlaClockPage(tx: Tx, where: SQL | undefined, slice: KeysetSlice): Promise<StandingClock[]> {
  const query = withInstances(tx)
    .where(and(where, slice.where))
    .orderBy(...slice.orderBy)
    .limit(slice.limit);
  return standings(tx, await named("selectSlaClockPage", query));
}

export async function countSlaClocks(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named("countSlaClocks", tx.select({ count: count() }).from(slaClocks).innerJoin(instances, ofInstance).where(where));
  return row?.count ?? 0;
}
