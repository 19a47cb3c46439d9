import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { ProjectTask, ProjectTaskConnection } from "../project-tasks/project-task.type.js";
import { Project } from "../projects/project.type.js";
import { findDates } from "./planned-project.js";
import { loadPlannedProject, loadReachedPlan } from "./planned-project.loader.js";
import { progressOf } from "./progress-of.js";
import { ProjectPlan, ProjectProgress, toPlan } from "./project-plan.type.js";
import { ScheduledTask, toScheduledTask } from "./project-schedule.type.js";
import { tasksOf, PlannedTaskFilter } from "./project-tasks-page.js";

const readsPlans = allOf(staff, can("projectTask.read"));

/** Fields that the plan adds to projects. */
@Resolver(() => Project)
export class ProjectPlanResolver {
  @FieldResolver(() => ProjectPlan, {
    nullable: true,
    description: "Settings by which its tasks are scheduled. Null if your permission does not reach its tasks.",
  })
  @Allow(readsPlans)
  async plan(@Root() { id }: Project, @Ctx() ctx: Context): Promise<ProjectPlan | null> {
    const planned = await loadReachedPlan(ctx, decodeId("project", id));
    return planned && toPlan(planned);
  }

  @FieldResolver(() => ProjectProgress, {
    nullable: true,
    description: "How far it is, computed from its tasks. Null if your permission does not reach its tasks.",
  })
  @Allow(readsPlans)
  async progress(@Root() { id }: Project, @Ctx() ctx: Context): Promise<ProjectProgress | null> {
    const planned = await loadReachedPlan(ctx, decodeId("project", id));
    return planned && progressOf(planned);
  }

  @FieldResolver(() => ProjectTaskConnection, {
    nullable: true,
    description:
      "Tasks of its plan, each before its subtasks. Empty if your permission does not reach all of its tasks; `projectTasks` lists those that you can see.",
  })
  @Allow(readsPlans)
  tasks(
    @Root() { id }: Project,
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => PlannedTaskFilter, { nullable: true, description: "Filter." }) filter: PlannedTaskFilter | null,
    @Ctx() ctx: Context,
  ): Promise<Page<ProjectTask>> {
    return tasksOf(ctx, decodeId("project", id), args, filter);
  }
}

/** Fields that the schedule adds to tasks. */
@Resolver(() => ProjectTask)
export class ProjectTaskScheduleResolver {
  @FieldResolver(() => ScheduledTask, {
    nullable: true,
    description: "Its dates in the schedule of the project. Null if the plan has no schedule. Only for users of the organization.",
  })
  @Allow(staff)
  async schedule(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<ScheduledTask | null> {
    const planned = await loadPlannedProject(ctx, row.projectId);
    const dates = planned && findDates(planned, row.id);
    return planned && dates ? toScheduledTask(planned, dates) : null;
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: "Planned start. Null if the plan has no schedule." })
  @Allow(inherit)
  async plannedStartAt(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<string | null> {
    const planned = await loadPlannedProject(ctx, row.projectId);
    return (planned && findDates(planned, row.id)?.startAt) ?? null;
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: "Planned finish. Null if the plan has no schedule." })
  @Allow(inherit)
  async plannedFinishAt(@Root() { row }: ProjectTask, @Ctx() ctx: Context): Promise<string | null> {
    const planned = await loadPlannedProject(ctx, row.projectId);
    return (planned && findDates(planned, row.id)?.finishAt) ?? null;
  }
}

export const projectPlanModule: SubgraphModule = { resolvers: { projects: [ProjectPlanResolver, ProjectTaskScheduleResolver] } };
