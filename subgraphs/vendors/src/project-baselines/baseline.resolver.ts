import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import { SafeIntScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from "type-graphql";
import { loadPlannedProject } from "../project-schedule/planned-project.loader.js";
import { projectTaskLoader } from "../project-tasks/project-task.loader.js";
import { ProjectTask } from "../project-tasks/project-task.type.js";
import { loadProject } from "../projects/project.loader.js";
import { Project } from "../projects/project.type.js";
import { loadBaselines, loadBaselineTasks } from "./baseline.loader.js";
import { setProjectBaseline } from "./baseline.service.js";
import { BaselineTask, ProjectBaseline, SetProjectBaselineInput, toBaseline, ProjectBaselinePayload } from "./baseline.type.js";
import { type BaselineVariance, compareWithBaseline } from "./variance.js";

const readsPlans = allOf(staff, can("projectTask.read"));
const unlessReached = "Null if your permission does not reach the tasks of the project.";

/** Fields that baselines add to projects. */
@Resolver(() => Project)
export class ProjectBaselinesResolver {
  @FieldResolver(() => ProjectBaseline, { nullable: true, description: `The current baseline. Null if there is none. ${unlessReached}` })
  @Allow(readsPlans)
  async baseline(@Root() { id }: Project, @Ctx() ctx: Context): Promise<ProjectBaseline | null> {
    return (await loadBaselines(ctx, decodeId("project", id)))?.find(({ isCurrent }) => isCurrent) ?? null;
  }

  @FieldResolver(() => [ProjectBaseline], {
    nullable: true,
    description: `The newest 100 baselines, the newest first, and the current one. ${unlessReached}`,
  })
  @Allow(readsPlans)
  baselines(@Root() { id }: Project, @Ctx() ctx: Context): Promise<readonly ProjectBaseline[] | null> {
    return loadBaselines(ctx, decodeId("project", id));
  }

  @Mutation(() => ProjectBaselinePayload, {
    description:
      "Takes a snapshot of the dates, the work, and the budget of a project's plan, or chooses an earlier one, as the current baseline. Errors: NOT_FOUND, BAD_USER_INPUT (neither a name nor a baseline, or both; a plan without a schedule), CONFLICT (another version of the plan).",
  })
  @Allow(allOf(staff, can("projectTask.update")))
  async setProjectBaseline(
    @Arg("input", () => SetProjectBaselineInput, { description: "The baseline." }) input: SetProjectBaselineInput,
    @Ctx() ctx: Context,
  ): Promise<ProjectBaselinePayload> {
    return { baseline: toBaseline(await setProjectBaseline(ctx, input)) };
  }
}

@Resolver(() => ProjectBaseline)
export class ProjectBaselineResolver {
  @FieldResolver(() => [BaselineTask], {
    description: "The tasks in the order of the plan, with summary tasks, then those that were added later. At most 10,000.",
  })
  @Allow(inherit)
  async tasks(@Root() baseline: ProjectBaseline, @Ctx() ctx: Context): Promise<readonly BaselineTask[]> {
    return (await varianceOf(ctx, baseline))?.tasks ?? [];
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "By how many working minutes the start of the project is later now. Null if the plan has no schedule.",
  })
  @Allow(inherit)
  async startVarianceMinutes(@Root() baseline: ProjectBaseline, @Ctx() ctx: Context): Promise<number | null> {
    return (await varianceOf(ctx, baseline))?.startByMinutes ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: "By how many working minutes the finish of the project is later now. Null if the plan has no schedule.",
  })
  @Allow(inherit)
  async finishVarianceMinutes(@Root() baseline: ProjectBaseline, @Ctx() ctx: Context): Promise<number | null> {
    return (await varianceOf(ctx, baseline))?.finishByMinutes ?? null;
  }

  @FieldResolver(() => Int, { nullable: true, description: "By how many minutes the plan has more work now." })
  @Allow(inherit)
  async workVarianceMinutes(@Root() baseline: ProjectBaseline, @Ctx() ctx: Context): Promise<number | null> {
    return (await varianceOf(ctx, baseline))?.workByMinutes ?? null;
  }

  @FieldResolver(() => SafeIntScalar, {
    nullable: true,
    description:
      "By how much the budget is larger now, in minor units of its currency. Null without a budget, then or now, or in another currency.",
  })
  @Allow(can("project.read"))
  async budgetVarianceAmount(@Root() { row, budget }: ProjectBaseline, @Ctx() ctx: Context): Promise<number | null> {
    const now = (await loadProject(ctx, row.projectId))?.budget;
    return budget && now?.currency === budget.currency ? now.amount - budget.amount : null;
  }
}

const known = new WeakMap<ProjectBaseline, Promise<BaselineVariance | null>>();

/** Computed once for all fields of an answer. The baseline was reached through the plan. */
function varianceOf(ctx: Context, baseline: ProjectBaseline): Promise<BaselineVariance | null> {
  const found = known.get(baseline) ?? compare(ctx, baseline);
  known.set(baseline, found);
  return found;
}

async function compare(ctx: Context, { row }: ProjectBaseline): Promise<BaselineVariance | null> {
  const planned = await loadPlannedProject(ctx, row.projectId);
  return planned && compareWithBaseline(planned, row, await loadBaselineTasks(ctx, row.id));
}

@Resolver(() => BaselineTask)
export class BaselineTaskResolver {
  @FieldResolver(() => ProjectTask, { nullable: true, description: "The project task. Null if it was deleted." })
  @Allow(inherit)
  task(@Root() { taskId }: BaselineTask, @Ctx() ctx: Context): Promise<ProjectTask | null> {
    return projectTaskLoader(ctx).load(taskId);
  }
}

export const projectBaselinesModule: SubgraphModule = {
  resolvers: { projects: [ProjectBaselinesResolver, ProjectBaselineResolver, BaselineTaskResolver] },
};
