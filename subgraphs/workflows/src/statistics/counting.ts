/** Reads the sums of a period: from the roll-up for users who can see all instances, otherwise from the instances that they can see. */
import { QueryLimitExceeded } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { showDeleted, type Tx } from "@weft/platform/db";
import type { Period } from "@weft/api/periods";
import { allTeams, forEachMoment, kindsOfMoments, present, spans, wholeInstance, type Cells } from "./roll-up/cells.js";
import { cellsOf, changesOf } from "./roll-up/roll-up.js";
import { selectInstancesToCount, type CellRow } from "./roll-up/roll-up.store.js";
import {
  countedIn,
  isOfTeams,
  selectCells,
  selectDayCounts,
  selectPresent,
  selectMoments,
  selectUncounted,
  type States,
  teamsOf,
  type DefinitionVersion,
  type Teams,
  type Wanted,
} from "./statistics.store.js";
import { StatisticsGrouping } from "./statistics.type.js";
import type { Part } from "./totals.js";

/** Maximum number of events that a query counts by itself because the roll-up has not processed them. */
const MAX_UNCOUNTED = 2_000;
/** Maximum number of instances that are counted without the roll-up. */
const MAX_COUNTED = 20_000;
const BATCH = 2_000;
const DAY = spans[2];

export interface Question {
  readonly viewer: Viewer;
  readonly wanted: Wanted;
  readonly versions: ReadonlyMap<string, DefinitionVersion>;
  readonly groupBy: StatisticsGrouping | null;
  readonly states: States;
  /** Whether the viewer can see all instances. */
  readonly seesAll: boolean;
}

/** A part of the sums, and the group that it belongs to. Null: it belongs to no group. */
export interface GroupedPart extends Part {
  readonly group: string | null;
}

export interface Counted {
  readonly parts: readonly GroupedPart[];
  /** Parts of the groups, if the groups are not groups of `parts`. */
  readonly grouped: readonly GroupedPart[];
  readonly pendingEvents: number;
}

/** Whether the roll-up has what is asked for. It has no users and vendors to whom instances are assigned. */
export const isRolledUp = ({ seesAll, wanted, groupBy }: Question): boolean =>
  seesAll && wanted.assignee === null && groupBy !== StatisticsGrouping.USER && groupBy !== StatisticsGrouping.VENDOR;

/** Reads all sums of a period. */
export function countPeriod(tx: Tx, question: Question, period: Period): Promise<Counted> {
  return isRolledUp(question) ? readRollUp(tx, question, period) : countInstances(tx, question, period);
}

async function readRollUp(tx: Tx, question: Question, period: Period): Promise<Counted> {
  const { wanted, groupBy, states } = question;
  const { cells, pendingEvents } = await readChanges(tx);
  const read = async (teams: Teams): Promise<GroupedPart[]> => [
    ...(await selectCells(tx, wanted, period, { teams, states })).map((row) => partOfRow(question, row, false)),
    ...(states === "whole" ? [] : await selectPresent(tx, wanted, teams)).map((row) => partOfRow(question, row, true)),
    ...partsOf(question, cells, period, teams),
  ];
  const parts = await read(teamsOf(wanted));
  if (groupBy !== StatisticsGrouping.TEAM) return { parts, grouped: parts, pendingEvents };
  return { parts, grouped: wanted.teamId === null ? await read("each") : parts, pendingEvents };
}

/** Returns what happened since the roll-up was last updated. */
async function readChanges(tx: Tx): Promise<{ readonly cells: Cells; readonly pendingEvents: number }> {
  const { ids, events } = await selectUncounted(tx, MAX_UNCOUNTED);
  if (ids === null) return { cells: new Map(), pendingEvents: events };
  return { cells: ids.length === 0 ? new Map() : (await changesOf(tx, ids)).cells, pendingEvents: 0 };
}

const partOfRow = (question: Question, { counts, durations, ms, ...row }: CellRow, isPresent: boolean): GroupedPart => ({
  ...placeOf(question, row),
  isPresent,
  counts: new Map(Object.entries(counts)),
  durations,
  ms,
});

function placeOf(
  { versions, groupBy }: Question,
  { definitionId, teamId, state }: { readonly definitionId: string; readonly teamId: string; readonly state: string },
): Pick<GroupedPart, "definitionKey" | "state" | "group"> {
  const definitionKey = versions.get(definitionId)?.key ?? "";
  const team = teamId === allTeams ? null : teamId;
  const group =
    groupBy === StatisticsGrouping.DEFINITION
      ? definitionKey
      : groupBy === StatisticsGrouping.VERSION
        ? definitionId
        : groupBy === StatisticsGrouping.TEAM
          ? team
          : null;
  return { definitionKey, state, group };
}

/** Selects the cells of the period and of the present, of the shortest length. */
function* selected(cells: Cells, { versions, wanted }: Question, { from, to }: Period, teams: Teams) {
  for (const { key, ...sum } of cells.values()) {
    if (!versions.has(key.definitionId) || key.environment !== wanted.environment) continue;
    if (!isOfTeams(teams, key.teamId)) continue;
    if (key.span === present || (key.span === spans[0] && key.start >= from && key.start < to)) yield { key, ...sum };
  }
}

const partsOf = (question: Question, cells: Cells, period: Period, teams: Teams, group?: string | null): GroupedPart[] =>
  [...selected(cells, question, period, teams)].map(({ key, ...sum }) => {
    const place = placeOf(question, key);
    return { ...place, ...sum, isPresent: key.span === present, group: group === undefined ? place.group : group };
  });

/** Counts the instances that the viewer can see, in batches. @throws QueryLimitExceeded */
async function countInstances(tx: Tx, question: Question, period: Period): Promise<Counted> {
  const { groupBy } = question;
  const parts: GroupedPart[] = [];
  await forEachBatch(tx, question, period, async (batch) => {
    // Instances of different groups are counted separately, because cells do not contain the assignee.
    const groups = Map.groupBy(batch, ({ teamId, assigneeUserId, assigneeVendorId }) =>
      groupBy === StatisticsGrouping.USER
        ? assigneeUserId
        : groupBy === StatisticsGrouping.VENDOR
          ? assigneeVendorId
          : groupBy === StatisticsGrouping.TEAM
            ? teamId
            : undefined,
    );
    for (const [group, instances] of groups) parts.push(...partsOf(question, await cellsOf(tx, instances), period, "together", group));
  });
  return { parts, grouped: parts, pendingEvents: 0 };
}

async function forEachBatch(
  tx: Tx,
  { viewer, wanted }: Question,
  period: Period,
  handle: (batch: Awaited<ReturnType<typeof selectInstancesToCount>>) => Promise<void>,
): Promise<void> {
  // As in the roll-up, which still has the workflows of requests that were deleted later.
  await showDeleted(tx);
  const where = countedIn(viewer, wanted, period);
  let afterId: string | null = null;
  for (let count = 0; ;) {
    const batch: Awaited<ReturnType<typeof selectInstancesToCount>> = await selectInstancesToCount(tx, { where, afterId, limit: BATCH });
    count += batch.length;
    if (count > MAX_COUNTED) throw new QueryLimitExceeded({ limit: "countedInstances", actual: count, max: MAX_COUNTED });
    await handle(batch);
    afterId = batch.at(-1)?.id ?? null;
    if (batch.length < BATCH) return;
  }
}

/** Numbers of instances that started and ended on a day. */
export interface DayCounts {
  readonly started: number;
  readonly completed: number;
  readonly rejected: number;
  readonly cancelled: number;
}

/** Returns the numbers of started and ended instances of each day. */
export async function countDays(
  tx: Tx,
  question: Question,
  period: Period,
  days: readonly { readonly start: number }[],
): Promise<DayCounts[]> {
  const starts = Float64Array.from(days, ({ start }) => start);
  const kinds = kindsOfMoments.length;
  // A number for each kind of each day.
  const sums = new Float64Array(days.length * kinds);
  const addAt = (day: number, kind: number, count: number): void => {
    const place = day * kinds + kind;
    sums[place] = (sums[place] ?? 0) + count;
  };
  const addCells = (cells: Cells, teams: Teams): void => {
    for (const { key, counts } of selected(cells, question, period, teams)) {
      if (key.span === present || key.state !== wholeInstance) continue;
      const day = dayOf(starts, key.start);
      for (const [kind, name] of kindsOfMoments.entries()) addAt(day, kind, counts.get(name) ?? 0);
    }
  };
  if (isRolledUp(question)) {
    const { whole, cut } = utcDaysOf(period, starts);
    for (const { start, counts } of await selectDayCounts(tx, question.wanted, whole)) {
      const day = dayOf(starts, start);
      for (const [kind, name] of kindsOfMoments.entries()) addAt(day, kind, counts[name] ?? 0);
    }
    for (const { start: dayStart, moments } of await selectMoments(tx, question.wanted, cut)) {
      let day = dayOf(starts, dayStart);
      forEachMoment(moments, dayStart, (start, kind, count) => {
        if (start < period.from || start >= period.to) return;
        while ((starts[day + 1] ?? Infinity) <= start) day++;
        addAt(day, kind, count);
      });
    }
    addCells((await readChanges(tx)).cells, teamsOf(question.wanted));
  } else {
    await forEachBatch(tx, question, period, async (batch) => addCells(await cellsOf(tx, batch), "together"));
  }
  return days.map((_, day) => {
    const [started = 0, completed = 0, rejected = 0, cancelled = 0] = sums.subarray(day * kinds, (day + 1) * kinds);
    return { started, completed, rejected, cancelled };
  });
}

/**
 * Returns the days (UTC) that a period touches: those that are part of one day of the time zone, and those that are cut by its days or by the ends of
 * the period.
 */
function utcDaysOf({ from, to }: Period, starts: Float64Array): { readonly whole: number[]; readonly cut: number[] } {
  const [whole, cut]: [number[], number[]] = [[], []];
  for (let start = Math.floor(from / DAY) * DAY; start < to; start += DAY) {
    const end = start + DAY;
    const next = starts[dayOf(starts, start) + 1] ?? Infinity;
    const isWhole = start >= from && end <= to && next >= end && (starts[0] ?? Infinity) <= start;
    (isWhole ? whole : cut).push(start);
  }
  return { whole, cut };
}

/** Returns the position of the day that contains a time. */
function dayOf(starts: Float64Array, time: number): number {
  let [first, last] = [0, starts.length - 1];
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if ((starts[middle] ?? 0) <= time) first = middle;
    else last = middle - 1;
  }
  return first;
}
