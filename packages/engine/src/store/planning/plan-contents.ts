/** Plans: reads what the schedules of projects are computed from. This module writes nothing. */
import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, sql } from "drizzle-orm";
import { dayOfDate } from "../../core/calendar/compile.js";
import { DAY_MS, fromLocal } from "../../core/calendar/zone.js";
import type { Calendar, Calendars } from "../../core/model/calendar.js";
import type { Plan, PlanDependency, PlanTask } from "../../core/planning/plan.js";
import { type Columns, type EdgeColumns, edgesOf } from "./edges.js";

const { projectPlans, projects, projectTasks } = tables;

/** A project with the settings of its plan. Without a plan, these are null. */
export type PlanHead = Awaited<ReturnType<typeof findPlanHeads>>[number];

export const findPlanHeads = (tx: Tx, projectIds: readonly string[]) =>
  named(
    "findPlanHeads",
    tx
      .select({
        id: projects.id,
        name: projects.name,
        startsOn: projects.startsOn,
        createdAt: projects.createdAt,
        version: projectPlans.version,
        calendar: projectPlans.calendar,
        direction: projectPlans.direction,
        startAt: projectPlans.startAt,
        finishAt: projectPlans.finishAt,
      })
      .from(projects)
      .leftJoin(projectPlans, and(eq(projectPlans.tenantId, projects.tenantId), eq(projectPlans.projectId, projects.id)))
      .where(among(projects.id, projectIds)),
  );

/** What the schedule of a project is computed from: a task of its plan. */
export type PlanTaskRow = Pick<
  typeof projectTasks.$inferSelect,
  | "id"
  | "parentId"
  | "position"
  | "name"
  | "durationMinutes"
  | "estimateMinutes"
  | "constraintKind"
  | "constraintAt"
  | "deadlineAt"
  | "calendar"
  | "percentComplete"
  | "actualStartAt"
  | "actualFinishAt"
  | "assigneeUserId"
  | "assigneeVendorId"
  | "deletedAt"
>;

type TaskColumns = Columns<Omit<PlanTaskRow, "deletedAt">>;

/** The tasks and the dependencies of a project, without the deleted tasks. */
export interface PlanContents {
  readonly projectId: string;
  readonly tasks: readonly PlanTaskRow[];
  readonly dependencies: readonly PlanDependency[];
}

/**
 * Returns the tasks and the dependencies of projects, both in the order of their IDs.
 */
export async function findPlanContents(tx: Tx, projectIds: readonly string[]): Promise<PlanContents[]> {
  const rows = await tx.execute<{ projectId: string; tasks: string; dependencies: string }>(
    named(
      "findPlanContents",
      sql`select p.id as "projectId",
          (select json_build_object('id', array_agg(t.id), 'parentId', array_agg(t.parent_id), 'position', array_agg(t.position), 'name', array_agg(t.name),
              'durationMinutes', array_agg(t.duration_minutes), 'estimateMinutes', array_agg(t.estimate_minutes),
              'constraintKind', array_agg(t.constraint_kind), 'constraintAt', array_agg(t.constraint_at::text), 'deadlineAt', array_agg(t.deadline_at::text),
              'calendar', array_agg(t.calendar), 'percentComplete', array_agg(t.percent_complete),
              'actualStartAt', array_agg(t.actual_start_at::text), 'actualFinishAt', array_agg(t.actual_finish_at::text),
              'assigneeUserId', array_agg(t.assignee_user_id), 'assigneeVendorId', array_agg(t.assignee_vendor_id))::text
             from (select * from vendors.project_tasks t
                    where t.tenant_id = app.tenant() and t.project_id = p.id and t.deleted_at is null order by t.id) t) as tasks,
          (select json_build_object('predecessorId', array_agg(d.predecessor_id), 'successorId', array_agg(d.successor_id),
              'kind', array_agg(d.kind), 'lagMinutes', array_agg(d.lag_minutes))::text
             from (select * from vendors.project_task_dependencies d where d.tenant_id = app.tenant() and d.project_id = p.id order by d.id) d) as dependencies
        from unnest(${sql.param([...projectIds])}::uuid[]) p (id)`,
    ),
  );
  return rows.map(({ projectId, tasks: taskText, dependencies }) => {
    const tasks = taskRows(JSON.parse(taskText) as TaskColumns);
    return { projectId, tasks, dependencies: ofTasks(edgesOf(JSON.parse(dependencies) as EdgeColumns), tasks) };
  });
}

function taskRows(columns: TaskColumns): PlanTaskRow[] {
  const { id, parentId, position, name, durationMinutes, estimateMinutes, constraintKind, constraintAt, deadlineAt, calendar } = columns;
  const { percentComplete, actualStartAt, actualFinishAt, assigneeUserId, assigneeVendorId } = columns;
  return (id ?? []).map((one, index) => ({
    id: one,
    parentId: parentId?.[index] ?? null,
    position: position?.[index] ?? 0,
    name: name?.[index] ?? "",
    durationMinutes: durationMinutes?.[index] ?? 0,
    estimateMinutes: estimateMinutes?.[index] ?? null,
    constraintKind: constraintKind?.[index] ?? "",
    constraintAt: constraintAt?.[index] ?? null,
    deadlineAt: deadlineAt?.[index] ?? null,
    calendar: calendar?.[index] ?? null,
    percentComplete: percentComplete?.[index] ?? 0,
    actualStartAt: actualStartAt?.[index] ?? null,
    actualFinishAt: actualFinishAt?.[index] ?? null,
    assigneeUserId: assigneeUserId?.[index] ?? null,
    assigneeVendorId: assigneeVendorId?.[index] ?? null,
    deletedAt: null,
  }));
}

/** Drops the dependencies of deleted tasks. The others get the text of their tasks' IDs, so that a plan keeps one copy of each. */
function ofTasks(edges: readonly PlanDependency[], tasks: readonly PlanTaskRow[]): PlanDependency[] {
  const ids = new Map(tasks.map(({ id }) => [id, id]));
  return edges.flatMap(({ kind, lagMinutes, ...ends }) => {
    const [predecessorId, successorId] = [ids.get(ends.predecessorId), ids.get(ends.successorId)];
    return predecessorId && successorId ? [{ predecessorId, successorId, kind, lagMinutes }] : [];
  });
}

/** Returns a plan for the core. `tasks` are in the order in which the plan shows them. */
export function toCorePlan(
  head: PlanHead,
  { tasks, dependencies }: Pick<PlanContents, "tasks" | "dependencies">,
  calendars: Calendars,
): Plan {
  const ownCalendar = head.calendar === null ? undefined : calendars.named.get(head.calendar);
  const standard = ownCalendar ?? calendars.standard;
  return {
    name: head.name,
    tasks: tasks.map(toPlanTask),
    dependencies,
    calendars: { ...calendars, standard },
    startAt: head.startAt ?? defaultStart(head, standard),
    finishAt: head.finishAt,
  };
}

/**
 * Returns the start of the project's first day, or the creation time of a project without one. Other years than those in which plans can have times
 * count as none.
 */
function defaultStart({ startsOn, createdAt }: PlanHead, { timeZone }: Calendar): string {
  const day = startsOn === null || startsOn < "2000-01-01" || startsOn > "2099-12-31" ? null : dayOfDate(startsOn);
  return day === null ? createdAt : new Date(fromLocal(timeZone, day * DAY_MS)).toISOString();
}

const toPlanTask = ({ constraintKind, constraintAt, ...row }: PlanTaskRow): PlanTask => ({
  id: row.id,
  name: row.name,
  parentId: row.parentId,
  durationMinutes: row.durationMinutes,
  constraint: { kind: constraintKind as PlanTask["constraint"]["kind"], at: constraintAt },
  deadlineAt: row.deadlineAt,
  calendar: row.calendar,
  actualStartAt: row.actualStartAt,
  actualFinishAt: row.actualFinishAt,
  percentComplete: row.percentComplete,
  baseline: null,
});

/** Calendars as text. They are few, and a process keeps their objects while the configuration stays. */
const texts = new WeakMap<Calendars, string>();

/** Returns a text that tells a plan at its version apart from all others, with the calendars by which it counts. */
export function planKey(tenantId: string, head: PlanHead, calendars: Calendars): string {
  const all = [["", calendars.standard] as const, ...calendars.named];
  const text =
    texts.get(calendars) ??
    JSON.stringify(all.map(([name, { timeZone, weekdays, holidays }]) => [name, timeZone, weekdays, [...holidays]]));
  texts.set(calendars, text);
  return JSON.stringify([tenantId, head, text]);
}
