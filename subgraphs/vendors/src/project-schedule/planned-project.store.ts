import { vendors as tables, workflows } from "@weft/drizzle";
import { among, named, type Tx, type Viewer, visibleObjects } from "@weft/shared";
import { and, asc, eq, isNull } from "drizzle-orm";

const { projectPlans, projects, projectTasks } = tables;
const { instanceHeads: heads } = workflows;

/** A project with the settings of its plan. Without a plan, these are null. */
export type PlanHead = Awaited<ReturnType<typeof findPlanHeads>>[number];
export type PlanTaskRow = Awaited<ReturnType<typeof findPlanTasks>>[number];

export const findPlanHeads = (tx: Tx, projectIds: readonly string[]) =>
  named(
    "findPlanHeads",
    tx
      .select({
        id: projects.id,
        name: projects.name,
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

/** Returns what the schedules of projects are computed from. */
export const findPlanTasks = (tx: Tx, projectIds: readonly string[]) =>
  named(
    "findPlanTasks",
    tx
      .select({
        id: projectTasks.id,
        projectId: projectTasks.projectId,
        parentId: projectTasks.parentId,
        position: projectTasks.position,
        name: projectTasks.name,
        durationMinutes: projectTasks.durationMinutes,
        constraintKind: projectTasks.constraintKind,
        constraintAt: projectTasks.constraintAt,
        deadlineAt: projectTasks.deadlineAt,
        calendar: projectTasks.calendar,
        percentComplete: projectTasks.percentComplete,
        actualStartAt: projectTasks.actualStartAt,
        actualFinishAt: projectTasks.actualFinishAt,
        assigneeUserId: projectTasks.assigneeUserId,
        assigneeVendorId: projectTasks.assigneeVendorId,
        deletedAt: projectTasks.deletedAt,
      })
      .from(projectTasks)
      .where(and(among(projectTasks.projectId, projectIds), isNull(projectTasks.deletedAt)))
      .orderBy(asc(projectTasks.id)),
  );

/** Returns those of the given projects whose tasks the viewer's permission reaches. */
export async function findReachedProjects(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, true>> {
  const query = tx
    .select({ id: projects.id })
    .from(projects)
    .innerJoin(heads, and(eq(heads.tenantId, projects.tenantId), eq(heads.id, projects.instanceId)))
    .where(and(among(projects.id, ids), visibleObjects("project", viewer, "projectTask.read")));
  const rows = await named("findReachedProjects", query);
  return new Map(rows.map(({ id }) => [id, true]));
}
