import { BadUserInput } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { type ConnectionArgs, orderedPage, type Page } from "@weft/api/pages";
import { Field, InputType } from "type-graphql";
import { projectTaskLoader } from "../project-tasks/project-task.loader.js";
import { type ProjectTask, ProjectTaskStatus, statusOf } from "../project-tasks/project-task.type.js";
import { findSchedule, type PlannedProject } from "./planned-project.js";
import { loadReachedPlan } from "./planned-project.loader.js";

@InputType({
  description:
    "Filter for the tasks of a project. Conditions are combined with AND. For the tasks of a user or vendor, use `projectTasks`.",
})
export class PlannedTaskFilter {
  @Field(() => ProjectTaskStatus, { nullable: true, description: "How far they are." })
  status?: ProjectTaskStatus | null;

  @Field(() => Boolean, { nullable: true, description: "Whether a delay delays the project." })
  isCritical?: boolean | null;
}

/** Returns a page of the tasks of a project, in the order of the tree. */
export async function tasksOf(
  ctx: Context,
  projectId: string,
  args: ConnectionArgs,
  filter: PlannedTaskFilter | null,
): Promise<Page<ProjectTask>> {
  const planned = await loadReachedPlan(ctx, projectId);
  return orderedPage(ctx, {
    args,
    list: `project.tasks ${projectId}`,
    ids: planned === null ? [] : idsOf(planned, filter ?? {}),
    load: (id) => projectTaskLoader(ctx).load(id),
  });
}

function idsOf(planned: PlannedProject, { status, isCritical }: PlannedTaskFilter): string[] {
  const critical = typeof isCritical === "boolean" ? criticalIds(planned) : null;
  return [...planned.outline.keys()].filter((id) => {
    const row = planned.tasks.get(id);
    return row !== undefined && (!status || statusOf(row) === status) && (critical === null || critical.has(id) === isCritical);
  });
}

function criticalIds(planned: PlannedProject): ReadonlySet<string> {
  const schedule = findSchedule(planned);
  if (schedule === null) throw new BadUserInput([{ path: "filter.isCritical", message: "The plan has no schedule. See projectSchedule." }]);
  return new Set(schedule.tasks.flatMap(({ taskId, isCritical }) => (isCritical ? [taskId] : [])));
}
