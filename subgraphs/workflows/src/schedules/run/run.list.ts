import { schedules as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, keysetPage, type KeysetSlice, nestedRows, type Page, rankWithin } from "@weft/api/pages";
import { and, count, eq, getTableColumns, inArray, lte, sql, type SQL } from "drizzle-orm";
import { toScheduleRun, type RunOutcome, type ScheduleRun, type ScheduleRunStatus } from "./run.type.js";

const { scheduleRuns } = tables;
const { instances } = workflows;

/** Status of the instance, once the run has started. An instance that is suspended or has an incident has not ended. */
const outcome = sql<string>`case when ${scheduleRuns.status} <> 'STARTED' then ${scheduleRuns.status}
  when ${instances.finishedAt} is null then 'RUNNING' else ${instances.status} end`;

const withInstance = and(eq(instances.tenantId, scheduleRuns.tenantId), eq(instances.id, scheduleRuns.instanceId));

/** Returns the run at a planned time. */
export async function findRunOutcome(tx: Tx, id: string): Promise<RunOutcome | null> {
  const query = tx
    .select({ ...getTableColumns(scheduleRuns), outcome, finishedAt: instances.finishedAt })
    .from(scheduleRuns)
    .leftJoin(instances, withInstance)
    .where(eq(scheduleRuns.id, id));
  const [row] = await named("findScheduleRun", query);
  return row ?? null;
}

/** Returns a page of a schedule's runs, latest planned time first. */
export function listRuns(
  ctx: Context,
  scheduleId: string,
  status: ScheduleRunStatus | null,
  args: ConnectionArgs,
): Promise<Page<ScheduleRun>> {
  const where = status === null ? undefined : sql`${outcome} = ${status}`;
  return keysetPage<RunOutcome, ScheduleRun>(ctx, {
    args,
    list: `schedule.runs ${scheduleId} ${status ?? ""}`,
    orderBy: { name: "PLANNED_AT", column: scheduleRuns.plannedAt, valueOf: (row) => row.plannedAt, direction: "DESC" },
    id: { column: scheduleRuns.id, valueOf: (row) => row.id },
    fetch: (slice) =>
      nestedRows(ctx, {
        name: `scheduleRuns:${status ?? ""}`,
        args,
        parentId: scheduleId,
        slice,
        select: (tx, ids, one) => selectRuns(tx, ids, where, one),
        parentOf: (row) => row.scheduleId,
      }),
    count: () => ctx.read((tx) => countRuns(tx, scheduleId, where)),
    toNode: toScheduleRun,
  });
}

async function selectRuns(tx: Tx, ids: readonly string[], where: SQL | undefined, slice: KeysetSlice): Promise<RunOutcome[]> {
  const ranked = tx
    .select({
      ...getTableColumns(scheduleRuns),
      outcome: outcome.as("outcome"),
      finishedAt: instances.finishedAt,
      rank: rankWithin(scheduleRuns.scheduleId, slice),
    })
    .from(scheduleRuns)
    .leftJoin(instances, withInstance)
    .where(and(inArray(scheduleRuns.scheduleId, [...ids]), where, slice.where))
    .as("ranked");
  return named("listScheduleRuns", tx.select().from(ranked).where(lte(ranked.rank, slice.limit)).orderBy(ranked.rank));
}

async function countRuns(tx: Tx, scheduleId: string, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(scheduleRuns)
    .leftJoin(instances, withInstance)
    .where(and(eq(scheduleRuns.scheduleId, scheduleId), where));
  const [row] = await named("countScheduleRuns", query);
  return row?.count ?? 0;
}
