import { readNow } from "@weft/engine";
import { BadUserInput, Forbidden, QueryLimitExceeded } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { periodOf, selectIntervals, timeOf, timeZoneOf } from "@weft/api/periods";
import { wantedAssignee } from "../../principals/assignee-filter.js";
import { Team, User, Vendor } from "../../principals/principal.type.js";
import { compare } from "../../statistics/totals.js";
import { requestTypeStub } from "../../subjects/subject.type.js";
import type { SlaReportFilter } from "./sla-report.input.js";
import { selectClockSums, selectVersions, unitOf, type ClockQuestion, type ClockSum, type WantedClocks } from "./sla-report.store.js";
import { SlaReportGrouping, type SlaReportInterval, type SlaReport, type SlaReportGroup, type SlaTotals } from "./sla-report.type.js";

/** Maximum number of clocks that a report counts. */
const MAX_CLOCKS = 500_000;
const MAX_GROUPS = 500;

export type ReportOptions = {
  readonly filter: SlaReportFilter;
  readonly groupBy: SlaReportGrouping | null;
  readonly interval: SlaReportInterval;
};

/**
 * Counts the clocks of the instances that `sla.read` reaches. Errors: BAD_USER_INPUT (period, time zone, IDs), FORBIDDEN (users of vendors),
 * QUERY_LIMIT_EXCEEDED (too many clocks).
 */
export async function readSlaReport(ctx: Context, { filter, groupBy, interval }: ReportOptions): Promise<SlaReport> {
  const { viewer } = ctx;
  if (viewer.vendorId !== null) throw new Forbidden("Users of a vendor cannot see SLA reports.");
  const timeZone = await timeZoneOf(ctx, filter);
  const wanted = wantedBy(filter);
  return ctx.read(async (tx) => {
    const period = periodOf(filter, await readNow(tx));
    const question: ClockQuestion = { viewer, wanted, period, timeZone, groupBy, interval };
    const sums = await countClocks(tx, question);
    const byDate = new Map(sums.flatMap((sum) => (sum.kind === "interval" && sum.date !== null ? [[sum.date, sum]] : [])));
    return {
      from: timeOf(period.from),
      to: timeOf(period.to),
      timeZone,
      totals: totalsOf(sums.find(({ kind }) => kind === "total")),
      groups: await groupsOf(tx, question, sums),
      trend: (await selectIntervals(tx, period, { timeZone, unit: unitOf(interval) })).map(({ date }) => ({
        date,
        totals: totalsOf(byDate.get(date)),
      })),
      breachTimes: breachTimesOf(sums),
    };
  });
}

/** Sums clocks, for reports and for statistics. @throws QueryLimitExceeded */
export async function countClocks(tx: Tx, question: ClockQuestion): Promise<ClockSum[]> {
  const sums = await selectClockSums(tx, question, MAX_CLOCKS);
  if (!sums) throw new QueryLimitExceeded({ limit: "SLA clocks", actual: MAX_CLOCKS + 1, max: MAX_CLOCKS });
  return sums;
}

/** Returns the totals of a sum; without one, zeros. */
export function totalsOf(sum: ClockSum | undefined): SlaTotals {
  const { met = 0, missed = 0, breachedOpen = 0, cancelled = 0, median = null, p90 = null } = sum ?? {};
  const due = met + missed + breachedOpen;
  const complianceRate = due === 0 ? null : met / due;
  return { met, missed, breachedOpen, cancelled, complianceRate, medianConsumedSeconds: median, p90ConsumedSeconds: p90 };
}

const clocksOf = ({ met, missed, breachedOpen, cancelled }: ClockSum): number => met + missed + breachedOpen + cancelled;

async function groupsOf(tx: Tx, { groupBy }: ClockQuestion, sums: readonly ClockSum[]): Promise<SlaReportGroup[]> {
  if (groupBy === null) return [];
  const isVersion = groupBy === SlaReportGrouping.VERSION;
  const versions = isVersion
    ? await selectVersions(
        tx,
        sums.flatMap(({ group }) => group ?? []),
      )
    : [];
  const byId = new Map(versions.map((version) => [version.id, version]));
  return sums
    .flatMap((sum) => (sum.kind === "group" && sum.group !== null ? [{ group: sum.group, sum }] : []))
    .toSorted((a, b) => clocksOf(b.sum) - clocksOf(a.sum) || compare(a.group, b.group))
    .slice(0, MAX_GROUPS)
    .map(({ group, sum }) => {
      const version = isVersion ? byId.get(group) : undefined;
      const [key = group, rule = null] = groupBy === SlaReportGrouping.SLA ? group.split(" ") : [];
      return {
        definitionKey: rule !== null || groupBy === SlaReportGrouping.DEFINITION ? key : (version?.key ?? null),
        definitionVersion: version?.number ?? null,
        name: rule?.replace(/^task:/, "") ?? null,
        requestType: groupBy === SlaReportGrouping.REQUEST_TYPE ? requestTypeStub(group) : null,
        team: groupBy === SlaReportGrouping.TEAM ? Team.of(group) : null,
        user: groupBy === SlaReportGrouping.USER ? User.of(group) : null,
        vendor: groupBy === SlaReportGrouping.VENDOR ? Vendor.of(group) : null,
        priority: groupBy === SlaReportGrouping.PRIORITY ? group : null,
        totals: totalsOf(sum),
      };
    });
}

const breachTimesOf = (sums: readonly ClockSum[]): SlaReport["breachTimes"] =>
  sums
    .flatMap(({ kind, weekday, hour, missed, breachedOpen }) =>
      kind === "hour" && weekday !== null && hour !== null ? [{ weekday, hour, count: missed + breachedOpen }] : [],
    )
    .toSorted((a, b) => a.weekday - b.weekday || a.hour - b.hour);

function wantedBy(filter: SlaReportFilter): WantedClocks {
  const { definitionKey = null, definitionVersion = null, name = null, priority = null } = filter;
  if (definitionVersion !== null && definitionKey === null)
    throw new BadUserInput([{ path: "filter.definitionVersion", message: "A version number requires `definitionKey`." }]);
  return {
    definitionKey,
    definitionVersion,
    name,
    priority,
    requestTypeId: filter.requestTypeId ? decodeId("requestType", filter.requestTypeId, "filter.requestTypeId") : null,
    teamId: filter.teamId ? decodeId("team", filter.teamId, "filter.teamId") : null,
    assignee: filter.assigneeId ? wantedAssignee(filter.assigneeId) : null,
    environment: filter.environment ?? "PROD",
  };
}
