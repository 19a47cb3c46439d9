import { type PlanChange, PlanError, previewShift } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { numberProblems, planTimeProblems } from "../project-tasks/project-task-problems.js";
import { projectTaskLoader } from "../project-tasks/project-task.loader.js";
import { directionOf, getSchedule, refusedPlan } from "./planned-project.js";
import { loadReachedPlan } from "./planned-project.loader.js";
import { toSchedule, toViolation } from "./project-schedule.type.js";
import { ShiftedTask, ShiftPreview, type ShiftPreviewArgs } from "./shift-preview.type.js";

/**
 * Computes what a change of a task would do, without writing.
 * @throws NotFound, BadUserInput (not exactly one change, a duration of a summary task, a plan without a schedule)
 */
export async function shiftPreview(ctx: Context, args: ShiftPreviewArgs): Promise<ShiftPreview> {
  const taskId = decodeId("projectTask", args.taskId, "taskId");
  const change = changeOf(taskId, args);
  const task = await projectTaskLoader(ctx).load(taskId);
  const planned = task && (await loadReachedPlan(ctx, task.row.projectId));
  if (!planned) throw new NotFound("ProjectTask", args.taskId);
  if (change.kind === "DURATION" && planned.outline.get(taskId)?.isSummary) {
    const message = "A summary task takes as long as its subtasks. Change the duration of one of these.";
    throw new BadUserInput([{ path: "durationMinutes", message }]);
  }
  const direction = args.direction ?? directionOf(planned);
  const before = getSchedule(planned, direction);
  try {
    const { schedule, shiftedTasks, finish, newViolations } = previewShift(planned.plan, change, { direction, before });
    return Object.assign(new ShiftPreview(), {
      shiftedTasks: shiftedTasks.map(({ from, to, ...shifted }) =>
        Object.assign(new ShiftedTask(), { ...shifted, ...from, newStartAt: to.startAt, newFinishAt: to.finishAt }),
      ),
      finishAt: finish.from,
      newFinishAt: finish.to,
      finishByMinutes: finish.byMinutes,
      newViolations: newViolations.map(toViolation),
      schedule: toSchedule(planned, schedule),
    });
  } catch (error) {
    throw error instanceof PlanError ? refusedPlan(error) : error;
  }
}

function changeOf(taskId: string, { startAt, byMinutes, durationMinutes }: ShiftPreviewArgs): PlanChange {
  const changes: PlanChange[] = [
    ...(typeof startAt === "string" ? [{ kind: "START" as const, taskId, startAt }] : []),
    ...(typeof byMinutes === "number" ? [{ kind: "SHIFT" as const, taskId, byMinutes }] : []),
    ...(typeof durationMinutes === "number" ? [{ kind: "DURATION" as const, taskId, durationMinutes }] : []),
  ];
  const [change] = changes;
  const problems = [
    ...planTimeProblems("startAt", startAt),
    ...numberProblems("durationMinutes", durationMinutes, 1_000_000),
    ...(typeof byMinutes === "number" && Math.abs(byMinutes) > 1_000_000
      ? [{ path: "byMinutes", message: `${byMinutes} is not between -1000000 and 1000000.` }]
      : []),
    ...(changes.length === 1 ? [] : [{ path: "byMinutes", message: "Provide exactly one of startAt, byMinutes, and durationMinutes." }]),
  ];
  if (problems.length > 0 || change === undefined) throw new BadUserInput(problems);
  return change;
}
