import { findPlanHeads, type PlanHead } from "@weft/engine";
import { BadUserInput, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { changedMeanwhile } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { lockPlannedProject } from "../projects/project.service.js";
import { assertCalendar, incrementPlan } from "../project-tasks/plan.service.js";
import { planTimeProblems } from "../project-tasks/project-task-problems.js";
import type { PlannedProject } from "./planned-project.js";
import { readLockedPlan } from "./planned-project.loader.js";
import { planColumns, type UpdateProjectPlanInput } from "./project-plan.type.js";

/**
 * Changes the settings by which a project is scheduled.
 * @throws NotFound, BadUserInput, Conflict
 */
export async function updateProjectPlan(ctx: Context, input: UpdateProjectPlanInput): Promise<PlannedProject> {
  const projectId = decodeId("project", input.projectId, "input.projectId");
  const { startAt, finishAt, expectedVersion } = input;
  const changes = planColumns.changes(input);
  const times = [...planTimeProblems("input.startAt", startAt), ...planTimeProblems("input.finishAt", finishAt)];
  if (times.length > 0) throw new BadUserInput(times);
  return ctx.inTenant(async (tx) => {
    const project = await lockPlannedProject(tx, ctx, projectId);
    if (project === null) throw new NotFound("Project", input.projectId);
    const [before] = await findPlanHeads(tx, [projectId]);
    await assertCalendar(tx, ctx, changes.calendar);
    const written = await incrementPlan(tx, projectId, changes);
    // A change of a task locks only the plan, so its version is certain now.
    const version = written.version - 1;
    if (typeof expectedVersion === "number" && expectedVersion !== version) throw changedMeanwhile("project", version);
    const problems = problemsOf(written);
    if (problems.length > 0) throw new BadUserInput(problems);
    if (before === undefined) throw new Error(`The project ${projectId} was locked but cannot be read.`);
    const after = await readLockedPlan(tx, ctx.viewer.tenantId, projectId);
    await appendEvents(tx, ctx.meta, [
      {
        type: "project.plan_updated",
        subjectId: projectId,
        subjectVersion: project.version,
        related: { instance: project.instanceId },
        payload: { changed: Object.keys(changes) },
      },
    ]);
    const entry = { action: "project.update_plan", entityType: "project", entityId: projectId, before, after: after.head } as const;
    await writeAudit(tx, ctx.meta, [entry]);
    return after;
  });
}

function problemsOf({ direction, startAt, finishAt }: Pick<PlanHead, "direction" | "startAt" | "finishAt">): Problem[] {
  if (direction === "BACKWARD" && finishAt === null)
    return [{ path: "input.finishAt", message: "A plan that is scheduled backward needs a finish." }];
  if (startAt === null || finishAt === null || Date.parse(startAt) < Date.parse(finishAt)) return [];
  return [{ path: "input.finishAt", message: `The finish is not after the start, ${startAt}.` }];
}
