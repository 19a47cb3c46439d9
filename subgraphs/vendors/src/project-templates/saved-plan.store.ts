/** What a template is saved from. */
import { type ProjectTemplateContent, type TemplatePhase, type TemplateTime, vendors as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { and, type AnyColumn, asc, eq, isNull, type SQL, sql } from "drizzle-orm";

const { milestones, milestoneTasks, projectPlans, projects, projectTaskDependencies: dependencies, projectTasks } = tables;
const { instances } = workflows;

/** The first day of a project: its own, or that of its plan, or that of its creation. */
export interface Anchor {
  readonly day: string;
  readonly timeZone: string;
}

const localTime = (column: AnyColumn, { day, timeZone }: Anchor): SQL<TemplateTime | null> =>
  sql`case when ${column} is not null then jsonb_build_object('day', (${column} at time zone ${timeZone})::date - ${day}::date,
    'time', to_char(${column} at time zone ${timeZone}, 'HH24:MI:SS')) end`;

export interface SavedProject {
  readonly firstDay: string;
  readonly definitionKey: string;
  readonly phases: readonly TemplatePhase[];
}

/** Returns a project with its first day, and the phases in the data of its workflow. */
export async function selectSavedProject(tx: Tx, projectId: string, timeZone: string): Promise<SavedProject> {
  const query = tx
    .select({
      firstDay: sql<string>`coalesce(${projects.startsOn}, (coalesce(${projectPlans.startAt}, ${projects.createdAt}) at time zone ${timeZone})::date)::text`,
      definitionKey: instances.definitionKey,
      phases: sql<TemplatePhase[]>`coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', phase -> 'name',
          'after', case jsonb_typeof(phase -> 'after') when 'array' then phase -> 'after' end)) order by place)
        from jsonb_array_elements(
          case jsonb_typeof(${instances.data} -> 'phases') when 'array' then ${instances.data} -> 'phases' else '[]' end)
          with ordinality as given (phase, place)
        where jsonb_typeof(phase -> 'name') = 'string'), '[]')`,
    })
    .from(projects)
    .innerJoin(instances, and(eq(instances.tenantId, projects.tenantId), eq(instances.id, projects.instanceId)))
    .leftJoin(projectPlans, and(eq(projectPlans.tenantId, projects.tenantId), eq(projectPlans.projectId, projects.id)))
    .where(eq(projects.id, projectId));
  const [row] = await named("selectSavedProject", query);
  if (row === undefined) throw new Error(`The project ${projectId} was locked but cannot be read.`);
  return row;
}

/** Null if nothing was planned. */
export async function findSavedSettings(tx: Tx, projectId: string, anchor: Anchor): Promise<ProjectTemplateContent["plan"] | null> {
  const { direction, calendar, startAt, finishAt } = projectPlans;
  const query = tx
    .select({ direction, calendar, start: localTime(startAt, anchor), finish: localTime(finishAt, anchor) })
    .from(projectPlans)
    .where(eq(projectPlans.projectId, projectId));
  const [row] = await named("findSavedSettings", query);
  return row ?? null;
}

export type SavedTask = Awaited<ReturnType<typeof findSavedTasks>>[number];

export const findSavedTasks = (tx: Tx, projectId: string, anchor: Anchor) =>
  named(
    "findSavedTasks",
    tx
      .select({
        id: projectTasks.id,
        parentId: projectTasks.parentId,
        position: projectTasks.position,
        name: projectTasks.name,
        description: projectTasks.description,
        durationMinutes: projectTasks.durationMinutes,
        constraintKind: projectTasks.constraintKind,
        constraint: localTime(projectTasks.constraintAt, anchor),
        deadline: localTime(projectTasks.deadlineAt, anchor),
        calendar: projectTasks.calendar,
        estimateMinutes: projectTasks.estimateMinutes,
        deletedAt: projectTasks.deletedAt,
      })
      .from(projectTasks)
      .where(and(eq(projectTasks.projectId, projectId), isNull(projectTasks.deletedAt))),
  );

export const findSavedDependencies = (tx: Tx, projectId: string) =>
  named(
    "findSavedDependencies",
    tx
      .select({
        predecessorId: dependencies.predecessorId,
        successorId: dependencies.successorId,
        kind: dependencies.kind,
        lagMinutes: dependencies.lagMinutes,
      })
      .from(dependencies)
      .where(eq(dependencies.projectId, projectId))
      .orderBy(asc(dependencies.id)),
  );

export const findSavedMilestones = (tx: Tx, projectId: string, { day }: Anchor) =>
  named(
    "findSavedMilestones",
    tx
      .select({
        name: milestones.name,
        description: milestones.description,
        day: sql<number>`${milestones.dueOn} - ${day}::date`,
        taskIds: sql<string[]>`coalesce((select jsonb_agg(mt.task_id order by mt.task_id) from ${milestoneTasks} mt
          where mt.tenant_id = milestones.tenant_id and mt.milestone_id = milestones.id), '[]')`,
      })
      .from(milestones)
      .where(and(eq(milestones.projectId, projectId), isNull(milestones.deletedAt)))
      .orderBy(milestones.dueOn, milestones.id),
  );
