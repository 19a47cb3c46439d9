import type { Tx } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import type { Calendars } from "../../core/model/calendar.js";
import { PlanError, type Plan, type Schedule } from "../../core/planning/plan.js";
import { schedulePlan } from "../../core/planning/schedule.js";
import { workDaysOf } from "../../core/planning/work-days.js";
import { findPlanContents, findPlanHeads, type PlanContents, type PlanHead, planKey, toCorePlan } from "./plan-contents.js";

/** Days on which tasks are worked on, by task (UUID), as `workDaysOf` counts them. */
export type TaskDays = ReadonlyMap<string, readonly number[]>;

/** Days of vendors' tasks, by the plan's version. Bounded by the number of days. */
const known = new LRUCache<string, TaskDays>({
  maxSize: 500_000,
  sizeCalculation: (tasks) => [...tasks.values()].reduce((sum, days) => sum + days.length, 1),
});

export type TaskDaysOptions = {
  readonly tenantId: string;
  readonly calendars: Calendars;
  /** Project whose plan the transaction has changed. What is read of it is not kept: it could be rolled back. */
  readonly changedProjectId?: string | undefined;
};

/**
 * Returns the planned days of the open tasks of vendors in projects. Tasks of plans without a schedule have none. One statement for what is cached, two for
 * the others, however many projects.
 */
export async function readTaskDays(
  tx: Tx,
  projectIds: readonly string[],
  { tenantId, calendars, changedProjectId }: TaskDaysOptions,
): Promise<TaskDays> {
  if (projectIds.length === 0) return new Map();
  const keyOf = (head: PlanHead): string => planKey(tenantId, head, calendars);
  const heads = await findPlanHeads(tx, projectIds);
  const found = new Map(heads.map((head) => [head.id, head.id === changedProjectId ? undefined : known.get(keyOf(head))]));
  const missing = new Map(heads.filter(({ id }) => found.get(id) === undefined).map((head) => [head.id, head]));
  for (const contents of missing.size === 0 ? [] : await findPlanContents(tx, [...missing.keys()])) {
    const head = missing.get(contents.projectId);
    if (head === undefined) continue;
    const days = daysOf(head, contents, calendars);
    if (head.id !== changedProjectId) known.set(keyOf(head), days);
    found.set(head.id, days);
  }
  return new Map([...found.values()].flatMap((days) => (days ? [...days] : [])));
}

function daysOf(head: PlanHead, contents: PlanContents, calendars: Calendars): TaskDays {
  const wanted = new Set(
    contents.tasks.flatMap(({ id, assigneeVendorId, percentComplete }) => (assigneeVendorId !== null && percentComplete < 100 ? [id] : [])),
  );
  if (wanted.size === 0) return new Map();
  const plan = toCorePlan(head, contents, calendars);
  const schedule = findSchedule(plan, head.direction === "BACKWARD" ? "BACKWARD" : "FORWARD");
  return schedule === null ? new Map() : workDaysOf(plan, schedule, (id) => wanted.has(id), calendars.standard.timeZone);
}

function findSchedule(plan: Plan, direction: Schedule["direction"]): Schedule | null {
  try {
    return schedulePlan(plan, { direction });
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}
