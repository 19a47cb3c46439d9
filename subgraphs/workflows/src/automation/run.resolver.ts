import { decodeId } from "@weft/shared/ids";
import { type Context, referencesEach } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, can, inherit, staff } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { loadDefinition } from "../definitions/definition.loader.js";
import { Definition } from "../definitions/definition.type.js";
import { loadInstance } from "../instances/instance.loader.js";
import { WorkflowInstance } from "../instances/instance.type.js";
import { shownData } from "../instances/shown-data.js";
import { readRun } from "./operations/operation.service.js";
import { attemptsOf, RunAttempt } from "./run-attempt.type.js";
import { RunFilter } from "./run.filter.js";
import { listRuns, RunOrder } from "./run.list.js";
import { loadAttempts, loadContinuing, loadRun, loadRuns, loadRunSteps, loadStateRun, loadStepInput } from "./run.loader.js";
import { Run, RunConnection, RunStep, RunStepError } from "./run.type.js";

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceRunsResolver {
  @FieldResolver(() => [Run], {
    nullable: true,
    description:
      "Runs of the steps of its states, newest first. Null for users of vendors: outputs and logs can show what is hidden from them.",
  })
  @Allow(staff)
  runs(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Run[]> {
    return loadRuns(ctx, head.id);
  }
}

@Resolver(() => Run)
export class RunResolver {
  @Query(() => Run, { nullable: true, description: "One run of steps. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(allOf(staff, can("workflow.read")))
  run(@Arg("id", () => ID, { description: "ID of the run (`run_…`)." }) id: string, @Ctx() ctx: Context): Promise<Run> {
    return readRun(ctx, decodeId("run", id));
  }

  @Query(() => RunConnection, {
    nullable: true,
    description: "The runs of steps that you can see: those of automations, and of states of other workflows. Newest first by default.",
  })
  @Allow(allOf(staff, can("workflow.read")))
  runs(
    @Arg("filter", () => RunFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => RunOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<Run>> {
    return listRuns(ctx, { filter, orderBy, page });
  }

  @FieldResolver(() => [RunStep], {
    description: "Steps that have begun to wait, in the order of the definition, and the items of their lists.",
  })
  @Allow(inherit)
  steps(@Root() { uuid }: Run, @Ctx() ctx: Context): Promise<RunStep[]> {
    return loadRunSteps(ctx, uuid);
  }

  @FieldResolver(() => WorkflowInstance, { nullable: true, description: "Instance whose steps it runs." })
  @Allow(inherit)
  instance(@Root() { row }: Run, @Ctx() ctx: Context): Promise<WorkflowInstance | null> {
    return loadInstance(ctx, row.instanceId);
  }

  @FieldResolver(() => Definition, {
    nullable: true,
    description: "Version of the definition that its steps are from. Null if you cannot read definitions.",
  })
  @Allow(inherit)
  definition(@Root() { row }: Run, @Ctx() ctx: Context): Promise<Definition | null> {
    return loadDefinition(ctx, row.definitionId);
  }

  @FieldResolver(() => JsonScalar, {
    description:
      "Values that its steps read: the inputs of an automation without the secret ones, or the data of the instance as it entered the state.",
  })
  @Allow(inherit)
  inputs(@Root() { row }: Run, @Ctx() { viewer }: Context): Record<string, unknown> {
    return shownData((row.inputs ?? {}) as Record<string, unknown>, { subjectType: row.subjectType, vendorId: viewer.vendorId });
  }

  @FieldResolver(() => RunStepError, {
    nullable: true,
    description: "Why it has failed: the error of the step that ended it. Null if it has not.",
  })
  @Allow(inherit)
  async error(@Root() { row, uuid }: Run, @Ctx() ctx: Context): Promise<RunStepError | null> {
    const { step = null } = (row.ending ?? {}) as { readonly step?: string | null };
    if (step === null) return null;
    return (await loadRunSteps(ctx, uuid)).find((one) => one.row.step === step)?.error ?? null;
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run that it continues. Null if there is none, or if you cannot read it." })
  @Allow(inherit)
  async retriedFrom(@Root() { row }: Run, @Ctx() ctx: Context): Promise<Run | null> {
    return row.retriedFromId === null ? null : loadRun(ctx, row.retriedFromId);
  }

  @FieldResolver(() => Run, { nullable: true, description: "The run that continues it. Null if there is none, or if you cannot read it." })
  @Allow(inherit)
  continuedBy(@Root() { uuid }: Run, @Ctx() ctx: Context): Promise<Run | null> {
    return loadContinuing(ctx, uuid);
  }
}

@Resolver(() => RunStep)
export class RunStepResolver {
  @FieldResolver(() => [RunAttempt], {
    description: "Its attempts, oldest first. Attempts to undo it follow. Steps that need no worker have at most one.",
  })
  @Allow(inherit)
  async attemptHistory(@Root() step: RunStep, @Ctx() ctx: Context): Promise<RunAttempt[]> {
    return attemptsOf(step, await loadAttempts(ctx, step.row));
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description:
      "What its templates gave: the input of its attempts, with `[secret name]` instead of each secret. Values are cut off after 20,000 characters, and if the inputs of one response have more than 500,000. Null if it has not begun, does its work for the items of a list, or if its result was taken over from the run that this one continues.",
  })
  @Allow(inherit)
  input(@Root() step: RunStep, @Ctx() ctx: Context): Promise<unknown> {
    return loadStepInput(ctx, step);
  }

  @FieldResolver(() => String, { description: "Title, from the definition." })
  @Allow(inherit)
  async title(@Root() step: RunStep, @Ctx() ctx: Context): Promise<string> {
    return (await ruleOf(ctx, step))?.title ?? step.step;
  }

  @FieldResolver(() => String, { nullable: true, description: "Name of the step type. Null if the definition can no longer be read." })
  @Allow(inherit)
  async type(@Root() step: RunStep, @Ctx() ctx: Context): Promise<string | null> {
    return (await ruleOf(ctx, step))?.type ?? null;
  }

  @FieldResolver(() => [String], { description: "IDs of the steps that it waits for." })
  @Allow(inherit)
  async dependsOn(@Root() step: RunStep, @Ctx() ctx: Context): Promise<readonly string[]> {
    return (await ruleOf(ctx, step))?.dependsOn ?? [];
  }
}

async function ruleOf(ctx: Context, { row, step }: RunStep) {
  const run = await loadRun(ctx, row.runId);
  return (run && (await loadStateRun(ctx, run.row)))?.graph.steps.get(step);
}

export const runModule: SubgraphModule = {
  resolvers: { automation: [RunResolver, RunStepResolver, WorkflowInstanceRunsResolver] },
  references: { Run: referencesEach(loadRun) },
};
