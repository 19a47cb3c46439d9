import { vendors as tables } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";
import { and, asc, eq, isNull } from "drizzle-orm";

const { projectPlans, projects, projectTasks } = tables;

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
        estimateMinutes: projectTasks.estimateMinutes,
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
