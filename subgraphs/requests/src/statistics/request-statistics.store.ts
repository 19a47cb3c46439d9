import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { type Period, timeOf } from "@weft/api/periods";
import { and, eq, gte, isNull, lt, or, sql, type SQL } from "drizzle-orm";

const { requests } = tables;
const { instanceHeads } = workflows;

/** Requests to count. IDs are UUIDs. */
export interface WantedRequests {
  readonly typeId: string | null;
  readonly buildingId: string | null;
  readonly priority: string | null;
  readonly status: string | null;
  readonly teamId: string | null;
}

const priority = sql`(${instanceHeads.data}->>'priority')`;

/** What requests can be grouped by. */
const keys = {
  TYPE: sql`${requests.typeId}`,
  BUILDING: sql`${requests.buildingId}`,
  PRIORITY: priority,
  STATUS: sql`${instanceHeads.status}`,
  TEAM: sql`${instanceHeads.teamId}`,
} satisfies Record<string, SQL>;

export type RequestKey = keyof typeof keys;

/** Selects the requests that the viewer can see and that count in a period: those that are open now, or were not finished before it. */
function countedRequests(viewer: Viewer, wanted: WantedRequests, { from, to }: Period, { key, limit }: { key: SQL; limit: number }): SQL {
  const where = and(
    visibleObjects("request", viewer, "request.read"),
    or(isNull(instanceHeads.closedAt), and(gte(instanceHeads.closedAt, timeOf(from)), lt(requests.createdAt, timeOf(to)))),
    wanted.typeId === null ? undefined : eq(requests.typeId, wanted.typeId),
    wanted.buildingId === null ? undefined : eq(requests.buildingId, wanted.buildingId),
    wanted.priority === null ? undefined : sql`${priority} = ${wanted.priority}`,
    wanted.status === null ? undefined : eq(instanceHeads.status, wanted.status),
    wanted.teamId === null ? undefined : eq(instanceHeads.teamId, wanted.teamId),
  );
  return sql`select ${key}::text as key, ${requests.createdAt} as created_at, ${instanceHeads.closedAt} as finished_at,
          ${instanceHeads.status} = 'CANCELLED' as is_cancelled,
          ${requests.createdAt} >= ${timeOf(from)}::timestamptz and ${requests.createdAt} < ${timeOf(to)}::timestamptz as is_created,
          ${instanceHeads.closedAt} >= ${timeOf(from)}::timestamptz and ${instanceHeads.closedAt} < ${timeOf(to)}::timestamptz as is_ended
     from ${requests} join ${instanceHeads} on ${eq(instanceHeads.tenantId, requests.tenantId)} and ${eq(instanceHeads.id, requests.instanceId)}
    where ${requests.tenantId} = app.tenant() and ${where} limit ${limit}::integer`;
}

export interface RequestSums {
  /** Null: all requests together, or those without a value. */
  readonly key: string | null;
  readonly isTotal: boolean;
  /** Number of requests that were read. */
  readonly read: number;
  readonly created: number;
  readonly closed: number;
  readonly cancelled: number;
  readonly open: number;
  readonly averageSeconds: number | null;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
}

/** Returns the sums of all requests, and of each group. Reads at most `limit` requests. */
export async function sumRequests(
  tx: Tx,
  viewer: Viewer,
  wanted: WantedRequests,
  { period, groupBy, limit }: { readonly period: Period; readonly groupBy: RequestKey | null; readonly limit: number },
): Promise<RequestSums[]> {
  const counted = countedRequests(viewer, wanted, period, { key: groupBy === null ? sql`null` : keys[groupBy], limit });
  const seconds = sql.raw("extract(epoch from finished_at - created_at)::float8");
  const rows = await tx.execute<RequestSums & Record<string, unknown>>(
    named(
      "sumRequests",
      sql`with counted as materialized (${counted})
        select key, grouping(key) = 1 as "isTotal", count(*)::integer as read,
               (count(*) filter (where is_created))::integer as created,
               (count(*) filter (where is_ended and not is_cancelled))::integer as closed,
               (count(*) filter (where is_ended and is_cancelled))::integer as cancelled,
               (count(*) filter (where finished_at is null))::integer as open,
               avg(${seconds}) filter (where is_ended) as "averageSeconds",
               percentile_disc(0.5) within group (order by ${seconds}) filter (where is_ended) as "medianSeconds",
               percentile_disc(0.9) within group (order by ${seconds}) filter (where is_ended) as "p90Seconds"
          from counted group by grouping sets ((), (key))`,
    ),
  );
  return [...rows];
}

export interface RequestsOfDay {
  /** Position of the day, starting at 0. */
  readonly day: number;
  readonly created: number;
  readonly closed: number;
  readonly cancelled: number;
}

/** Returns the numbers of created and ended requests by day. `starts` are the first moments of all days in seconds since 1970. */
export async function countRequestsByDay(
  tx: Tx,
  viewer: Viewer,
  wanted: WantedRequests,
  { period, starts, limit }: { readonly period: Period; readonly starts: readonly number[]; readonly limit: number },
): Promise<RequestsOfDay[]> {
  const counted = countedRequests(viewer, wanted, period, { key: sql`null`, limit });
  const dayOf = (column: "created_at" | "finished_at"): SQL =>
    sql`width_bucket(extract(epoch from ${sql.raw(column)})::float8, ${sql.param(starts.slice(1))}::float8[])`;
  const rows = await tx.execute<RequestsOfDay & Record<string, unknown>>(
    named(
      "countRequestsByDay",
      sql`with counted as materialized (${counted})
        select day, sum(created)::integer as created, sum(closed)::integer as closed, sum(cancelled)::integer as cancelled from (
          select ${dayOf("created_at")} as day, 1 as created, 0 as closed, 0 as cancelled from counted where is_created
          union all select ${dayOf("finished_at")}, 0, (not is_cancelled)::integer, is_cancelled::integer from counted where is_ended) moments
         group by day`,
    ),
  );
  return [...rows];
}
