import { readNow } from "@weft/engine";
import { Forbidden, QueryLimitExceeded } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { type Period, periodBefore, periodOf, selectIntervals, timeOf, timeZoneOf } from "@weft/api/periods";
import type { WorkflowStatus } from "@weft/api/workflow-status";
import { Team } from "../references.js";
import type { RequestStatisticsFilter } from "./request-statistics.input.js";
import { countRequestsByDay, sumRequests, type RequestSums, type WantedRequests } from "./request-statistics.store.js";
import {
  RequestStatistics,
  RequestStatisticsGroup,
  RequestStatisticsGrouping,
  type RequestThroughput,
  type RequestTotals,
} from "./request-statistics.type.js";

/** Maximum number of requests that a query counts. */
const MAX_COUNTED = 100_000;
/** Maximum number of groups. */
const MAX_GROUPS = 500;

/** Statistics, with what their further fields are read from. */
export class CountedRequests extends RequestStatistics {
  wanted!: WantedRequests;
  period!: Period;
}

/** A group, with the UUID of its type or building. */
export class CountedGroup extends RequestStatisticsGroup {
  typeId!: string | null;
  buildingId!: string | null;
}

/**
 * Counts the requests that the viewer can see. Errors: BAD_USER_INPUT (period, time zone, IDs), FORBIDDEN (users of vendors; types or buildings
 * without the permission to read them), QUERY_LIMIT_EXCEEDED.
 */
export async function readRequestStatistics(
  ctx: Context,
  filter: RequestStatisticsFilter,
  groupBy: RequestStatisticsGrouping | null,
): Promise<CountedRequests> {
  const { viewer } = ctx;
  if (viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot see statistics.");
  const { typeId, buildingId, teamId, priority = null, status = null } = filter;
  if (typeId) assertCan(viewer, "requestType.read", "filter.typeId");
  if (buildingId) assertCan(viewer, "building.read", "filter.buildingId");
  if (groupBy === RequestStatisticsGrouping.TYPE) assertCan(viewer, "requestType.read", "groupBy: TYPE");
  if (groupBy === RequestStatisticsGrouping.BUILDING) assertCan(viewer, "building.read", "groupBy: BUILDING");
  const timeZone = await timeZoneOf(ctx, filter);
  const wanted: WantedRequests = {
    typeId: typeId ? decodeId("requestType", typeId, "filter.typeId") : null,
    buildingId: buildingId ? decodeId("building", buildingId, "filter.buildingId") : null,
    teamId: teamId ? decodeId("team", teamId, "filter.teamId") : null,
    priority,
    status,
  };
  return ctx.read(async (tx) => {
    const period = periodOf(filter, await readNow(tx));
    const sums = await sum(tx, viewer, wanted, { period, groupBy });
    const total = totalIn(sums);
    return Object.assign(new CountedRequests(), {
      wanted,
      period,
      from: timeOf(period.from),
      to: timeOf(period.to),
      timeZone,
      totals: totalsOf(total),
      open: total?.open ?? 0,
      groups: groupsOf(sums, groupBy),
    });
  });
}

/** Counts the period before. */
export const readPreviousRequests = (ctx: Context, { wanted, period }: CountedRequests): Promise<RequestTotals> =>
  ctx.read(async (tx) => totalsOf(totalIn(await sum(tx, ctx.viewer, wanted, { period: periodBefore(period), groupBy: null }))));

/** Counts the days of the period. */
export function readRequestThroughput(ctx: Context, { wanted, period, timeZone }: CountedRequests): Promise<RequestThroughput[]> {
  return ctx.read(async (tx) => {
    const days = await selectIntervals(tx, period, { timeZone, unit: "day" });
    const starts = days.map(({ start }) => start);
    const counts = await countRequestsByDay(tx, ctx.viewer, wanted, { period, starts, limit: MAX_COUNTED });
    const byDay = new Map(counts.map(({ day, ...numbers }) => [day, numbers]));
    return days.map(({ date }, day) => ({ date, ...(byDay.get(day) ?? { created: 0, closed: 0, cancelled: 0 }) }));
  });
}

/** @throws QueryLimitExceeded if more requests count than a query can read */
async function sum(
  tx: Tx,
  viewer: Viewer,
  wanted: WantedRequests,
  { period, groupBy }: { readonly period: Period; readonly groupBy: RequestStatisticsGrouping | null },
): Promise<RequestSums[]> {
  const sums = await sumRequests(tx, viewer, wanted, { period, groupBy, limit: MAX_COUNTED + 1 });
  const actual = totalIn(sums)?.read ?? 0;
  if (actual > MAX_COUNTED) throw new QueryLimitExceeded({ limit: "countedRequests", actual, max: MAX_COUNTED });
  return sums;
}

const totalIn = (sums: readonly RequestSums[]): RequestSums | undefined => sums.find(({ isTotal }) => isTotal);

function totalsOf(sums: Partial<RequestSums> = {}): RequestTotals {
  const { created = 0, closed = 0, cancelled = 0, averageSeconds = null, medianSeconds = null, p90Seconds = null } = sums;
  return { created, closed, cancelled, cycleTime: { count: closed + cancelled, averageSeconds, medianSeconds, p90Seconds } };
}

const groupsOf = (sums: readonly RequestSums[], groupBy: RequestStatisticsGrouping | null): CountedGroup[] =>
  sums
    .flatMap((one) => (one.isTotal || one.key === null ? [] : [{ ...one, key: one.key }]))
    .toSorted((a, b) => b.created - a.created || b.open - a.open || (a.key < b.key ? -1 : 1))
    .slice(0, MAX_GROUPS)
    .map(({ key, ...one }) =>
      Object.assign(new CountedGroup(), {
        typeId: groupBy === RequestStatisticsGrouping.TYPE ? key : null,
        buildingId: groupBy === RequestStatisticsGrouping.BUILDING ? key : null,
        priority: groupBy === RequestStatisticsGrouping.PRIORITY ? key : null,
        status: groupBy === RequestStatisticsGrouping.STATUS ? (key as WorkflowStatus) : null,
        team: groupBy === RequestStatisticsGrouping.TEAM ? Team.of(key) : null,
        totals: totalsOf(one),
        open: one.open,
      }),
    );

function assertCan(viewer: Viewer, permission: Permission, path: string): void {
  if (!hasPermission(viewer, permission)) throw new Forbidden(`${path} requires the permission ${permission}.`);
}
