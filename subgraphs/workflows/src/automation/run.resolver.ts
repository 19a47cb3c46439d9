import { Allow, inherit, type Context } from "@weft/shared";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { WorkflowInstance } from "../instances/instance.type.js";
import { loadRuns, loadRunSteps } from "./run.loader.js";
import { Run, RunStep } from "./run.type.js";

@Resolver(() => WorkflowInstance)
export class WorkflowInstanceRunsResolver {
  @FieldResolver(() => [Run], { description: "Runs of the steps of its states, newest first." })
  @Allow(inherit)
  runs(@Root() { head }: WorkflowInstance, @Ctx() ctx: Context): Promise<Run[]> {
    return loadRuns(ctx, head.id);
  }
}

@Resolver(() => Run)
export class RunStepsResolver {
  @FieldResolver(() => [RunStep], {
    description: "Steps that have begun to wait, in the order of the definition, and the items of their lists.",
  })
  @Allow(inherit)
  steps(@Root() { uuid }: Run, @Ctx() ctx: Context): Promise<RunStep[]> {
    return loadRunSteps(ctx, uuid);
  }
}
