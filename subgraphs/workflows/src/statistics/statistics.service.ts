import { readNow } from "@weft/engine";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { type Period, periodBefore, periodOf, selectIntervals, timeOf, timeZoneOf } from "@weft/api/periods";
import { countClocks } from "../sla/report/sla-report.service.js";
import { SlaReportGrouping, SlaReportInterval } from "../sla/report/sla-report.type.js";
import { loadState } from "../definitions/state.loader.js";
import { wantedAssignee } from "../principals/assignee-filter.js";
import { Team, User, Vendor } from "../principals/principal.type.js";
import { countDays, countPeriod, type Counted, type GroupedPart, type Question } from "./counting.js";
import type { WorkflowStatisticsFilter } from "./statistics.input.js";
import { selectOpenWork, selectVersions, type Wanted } from "./statistics.store.js";
import {
  StatisticsGrouping,
  type UserWorkload,
  type WorkflowBottleneck,
  WorkflowStatistics,
  WorkflowStatisticsGroup,
  type WorkflowThroughput,
  type WorkflowTotals,
} from "./statistics.type.js";
import {
  bottleneckOf,
  compare,
  completedTasksIn,
  type StateSums,
  statesOf,
  sumStates,
  totalsOf,
  transitionsOf,
  unfinishedIn,
} from "./totals.js";

/** Maximum number of groups and of users with work. */
const MAX_SHOWN = 500;

type SlaSums = Awaited<ReturnType<typeof countClocks>>;

/** Statistics, with what their further fields are read from. */
export class CountedStatistics extends WorkflowStatistics {
  question!: Question;
  period!: Period;
  counted!: Counted;
  sums!: readonly StateSums[];
  filter!: WorkflowStatisticsFilter;
  /** Sums of SLA clocks by group, once a field of them is selected. */
  slaSums?: Promise<SlaSums>;
}

/** A group, with what its SLA clocks are read from. */
export class CountedGroup extends WorkflowStatisticsGroup {
  statistics!: CountedStatistics;
  /** Group of the clocks: key of the definition, or UUID. */
  group!: string;
}

/** @throws Forbidden for users of a vendor */
export function assertSeesStatistics({ vendorId }: Viewer): void {
  if (vendorId !== null) throw new Forbidden("Users of a vendor cannot see statistics.");
}

/**
 * Counts instances. Viewers with `workflow.read` in scope TENANT see all instances; others see statistics of the instances that they can see. Errors:
 * BAD_USER_INPUT (period, time zone, IDs), FORBIDDEN (users of vendors), QUERY_LIMIT_EXCEEDED.
 */
export async function readStatistics(
  ctx: Context,
  filter: WorkflowStatisticsFilter,
  groupBy: StatisticsGrouping | null,
): Promise<CountedStatistics> {
  const { viewer } = ctx;
  assertSeesStatistics(viewer);
  const timeZone = await timeZoneOf(ctx, filter);
  const { definitionKey = null, definitionVersion = null } = filter;
  if (definitionVersion !== null && definitionKey === null)
    throw new BadUserInput([{ path: "filter.definitionVersion", message: "A version number requires `definitionKey`." }]);
  const teamId = filter.teamId ? decodeId("team", filter.teamId, "filter.teamId") : null;
  const assignee = filter.assigneeId ? wantedAssignee(filter.assigneeId) : null;
  return ctx.read(async (tx) => {
    const versions = await selectVersions(tx, definitionKey, definitionVersion);
    const wanted: Wanted = {
      definitionIds: versions.map(({ id }) => id),
      environment: filter.environment ?? "PROD",
      teamId,
      assignee,
    };
    const period = periodOf(filter, await readNow(tx));
    const question: Question = {
      viewer,
      wanted,
      versions: new Map(versions.map((version) => [version.id, version])),
      groupBy,
      states: "all",
      seesAll: reachesAll(viewer, "workflow.read"),
    };
    const counted = await countPeriod(tx, question, period);
    const { parts, pendingEvents } = counted;
    const states = sumStates(parts);
    const statistics = new CountedStatistics();
    return Object.assign(statistics, {
      filter,
      question,
      period,
      counted,
      sums: states,
      from: timeOf(period.from),
      to: timeOf(period.to),
      timeZone,
      pendingEvents,
      totals: totalsOf(parts),
      unfinished: unfinishedIn(parts),
      groups: groupsOf(statistics, question, counted.grouped),
      states: statesOf(states),
      transitions: transitionsOf(states),
    });
  });
}

/** Returns the state with the most time in which the work has not ended. */
export async function readBottleneck(ctx: Context, { sums, counted }: CountedStatistics): Promise<WorkflowBottleneck | null> {
  const left = sums.filter(({ stays }) => stays.ms > 0);
  const facts = await Promise.all(left.map((place) => loadState(ctx, place)));
  return bottleneckOf(
    left.filter((_, index) => facts[index]?.isEnded !== true),
    counted.parts,
  );
}

/** Counts the period before. */
export function readPrevious(ctx: Context, { question, period }: CountedStatistics): Promise<WorkflowTotals> {
  return ctx.read(async (tx) =>
    totalsOf((await countPeriod(tx, { ...question, groupBy: null, states: "whole" }, periodBefore(period))).parts),
  );
}

/** Counts the days of the period. */
export function readThroughput(ctx: Context, { question, period, timeZone }: CountedStatistics): Promise<WorkflowThroughput[]> {
  return ctx.read(async (tx) => {
    const days = await selectIntervals(tx, period, { timeZone, unit: "day" });
    const counts = await countDays(tx, question, period, days);
    return days.flatMap(({ date }, day) => (counts[day] ? [{ date, ...counts[day] }] : []));
  });
}

/** Returns the work of users: what they have claimed now, and what they completed in the period. */
export function readWorkload(ctx: Context, { question, counted }: CountedStatistics): Promise<UserWorkload[]> {
  return ctx.read(async (tx) => {
    const completed = completedTasksIn(counted.parts);
    const work = new Map((await selectOpenWork(tx, question.wanted, MAX_SHOWN)).map((one) => [one.userId, one]));
    const userIds = [...new Set([...work.keys(), ...completed.keys()])];
    return userIds
      .map((userId) => ({
        userId,
        claimed: work.get(userId)?.claimed ?? 0,
        overdue: work.get(userId)?.overdue ?? 0,
        completed: completed.get(userId) ?? 0,
      }))
      .toSorted((a, b) => b.claimed - a.claimed || b.completed - a.completed || compare(a.userId, b.userId))
      .slice(0, MAX_SHOWN)
      .map(({ userId, ...numbers }) => ({ user: User.of(userId), ...numbers }));
  });
}

/** Sums the SLA clocks of the period, by the groups of the statistics. Read once, however many fields are selected. */
export const readSla = (ctx: Context, statistics: CountedStatistics): Promise<SlaSums> =>
  (statistics.slaSums ??= readSlaOf(ctx, statistics, statistics.period));

/** Sums the SLA clocks of the period before. */
export const readPreviousSla = (ctx: Context, statistics: CountedStatistics): Promise<SlaSums> =>
  readSlaOf(ctx, statistics, periodBefore(statistics.period));

function readSlaOf(ctx: Context, { filter, question, timeZone }: CountedStatistics, period: Period): Promise<SlaSums> {
  const { viewer, wanted, groupBy } = question;
  const { definitionKey = null, definitionVersion = null } = filter;
  return ctx.read((tx) =>
    countClocks(tx, {
      viewer,
      wanted: {
        definitionKey,
        definitionVersion,
        environment: wanted.environment,
        teamId: wanted.teamId,
        assignee: wanted.assignee,
        name: null,
        requestTypeId: null,
        priority: null,
      },
      period,
      timeZone,
      groupBy: groupBy === null ? null : SlaReportGrouping[groupBy],
      interval: SlaReportInterval.DAY,
    }),
  );
}

function groupsOf(
  statistics: CountedStatistics,
  { groupBy, versions }: Question,
  parts: readonly GroupedPart[],
): WorkflowStatisticsGroup[] {
  if (groupBy === null) return [];
  const groups = Map.groupBy(parts, ({ group }) => group);
  return [...groups]
    .flatMap(([group, members]) => (group === null ? [] : [{ group, totals: totalsOf(members), unfinished: unfinishedIn(members) }]))
    .toSorted((a, b) => b.totals.started - a.totals.started || b.unfinished - a.unfinished || compare(a.group, b.group))
    .slice(0, MAX_SHOWN)
    .map(({ group, ...sums }) => {
      const version = groupBy === StatisticsGrouping.VERSION ? versions.get(group) : undefined;
      return Object.assign(new CountedGroup(), {
        statistics,
        group,
        definitionKey: groupBy === StatisticsGrouping.DEFINITION ? group : (version?.key ?? null),
        definitionVersion: version?.number ?? null,
        team: groupBy === StatisticsGrouping.TEAM ? Team.of(group) : null,
        user: groupBy === StatisticsGrouping.USER ? User.of(group) : null,
        vendor: groupBy === StatisticsGrouping.VENDOR ? Vendor.of(group) : null,
        ...sums,
      });
    });
}
