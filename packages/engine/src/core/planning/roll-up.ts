/** Summary tasks: their dates, slack and percentage are those of their children. */
import type { CompiledPlan } from "./compile.js";
import { finishOf, startOf, type Dates } from "./dates.js";
import { neighborsOf } from "./network.js";
import type { Slack } from "./slack.js";

/** What is computed of a task, moments in minutes since the epoch. */
export type Row = {
  start: number;
  finish: number;
  earlyStart: number;
  earlyFinish: number;
  lateStart: number;
  lateFinish: number;
  /** Infinity if all children have finished: what has finished has no slack. */
  totalSlack: number;
  freeSlack: number;
  isCritical: boolean;
  /** Of the tasks below, for the percentage: milestones count only among themselves. */
  minutes: number;
  doneMinutes: number;
  leaves: number;
  percentSum: number;
};

export type Passes = { readonly early: Dates; readonly late: Dates; readonly planned: Dates; readonly slack: Slack };

/** Returns a row for each task of the plan. */
export function rowsOf({ network, tasks }: CompiledPlan, { early, late, planned, slack }: Passes): Row[] {
  const rows: Row[] = [];
  for (const node of network.order) {
    const task = tasks[node];
    if (!task || network.isSummary[node]) continue;
    const isFinished = task.actualFinish !== null;
    const percent = isFinished ? 100 : task.task.percentComplete;
    const totalSlack = slack.total[node] ?? 0;
    rows[node] = {
      start: startOf(planned, node),
      finish: finishOf(planned, node),
      earlyStart: startOf(early, node),
      earlyFinish: finishOf(early, node),
      lateStart: startOf(late, node),
      lateFinish: finishOf(late, node),
      totalSlack: isFinished ? Infinity : totalSlack,
      freeSlack: isFinished ? Infinity : (slack.free[node] ?? 0),
      isCritical: !isFinished && totalSlack <= 0,
      minutes: task.duration,
      doneMinutes: (task.duration * percent) / 100,
      leaves: 1,
      percentSum: percent,
    };
  }
  for (const node of network.order) {
    if (node >= network.size)
      rows[node - network.size] = sumOf(Array.from(neighborsOf(network.incoming, node), (child) => rows[child % network.size]));
  }
  return rows;
}

function sumOf(children: readonly (Row | undefined)[]): Row {
  const sum: Row = {
    start: Infinity,
    finish: -Infinity,
    earlyStart: Infinity,
    earlyFinish: -Infinity,
    lateStart: Infinity,
    lateFinish: -Infinity,
    totalSlack: Infinity,
    freeSlack: Infinity,
    isCritical: false,
    minutes: 0,
    doneMinutes: 0,
    leaves: 0,
    percentSum: 0,
  };
  for (const child of children) {
    if (!child) continue;
    sum.start = Math.min(sum.start, child.start);
    sum.finish = Math.max(sum.finish, child.finish);
    sum.earlyStart = Math.min(sum.earlyStart, child.earlyStart);
    sum.earlyFinish = Math.max(sum.earlyFinish, child.earlyFinish);
    sum.lateStart = Math.min(sum.lateStart, child.lateStart);
    sum.lateFinish = Math.max(sum.lateFinish, child.lateFinish);
    sum.totalSlack = Math.min(sum.totalSlack, child.totalSlack);
    sum.freeSlack = Math.min(sum.freeSlack, child.freeSlack);
    sum.isCritical ||= child.isCritical;
    sum.minutes += child.minutes;
    sum.doneMinutes += child.doneMinutes;
    sum.leaves += child.leaves;
    sum.percentSum += child.percentSum;
  }
  return sum;
}

/** Rounded down, so that 100 means that everything is complete. */
export const percentOf = ({ minutes, doneMinutes, leaves, percentSum }: Row): number =>
  Math.floor(minutes > 0 ? (doneMinutes * 100) / minutes : percentSum / leaves);
