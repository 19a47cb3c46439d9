import type { Context } from "@weft/api/context";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { CancelRunInput, RerunWorkflowInput, RetryFromStepInput } from "./operation.input.js";
import { cancelRun, pauseRun, rerunWorkflow, resumeRun, retryFromStep } from "./operation.service.js";
import { RunPayload } from "../run.type.js";

@Resolver()
export class RunOperationsResolver {
  @Mutation(() => RunPayload, {
    description:
      "Lets no further step of a run begin. Steps at work are finished. A run that is paused because its instance is suspended stays paused when the instance is resumed. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it is not running).",
  })
  @Allow(allOf(staff, can("workflow.cancel")))
  async pauseRun(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the run (`run_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RunPayload> {
    return { run: await pauseRun(ctx, input) };
  }

  @Mutation(() => RunPayload, {
    description: "Lets the steps of a paused run begin again. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it is not paused).",
  })
  @Allow(allOf(staff, can("workflow.cancel")))
  async resumeRun(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the run (`run_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RunPayload> {
    return { run: await resumeRun(ctx, input) };
  }

  @Mutation(() => RunPayload, {
    description:
      "Stops a run. Steps at work are told to stop, and no step begins. The instance of an automation is canceled as well. The instance of another workflow continues as if the steps had failed. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended or already stops), BAD_USER_INPUT (the comment).",
  })
  @Allow(allOf(staff, can("workflow.cancel")))
  async cancelRun(@Arg("input", () => CancelRunInput) input: CancelRunInput, @Ctx() ctx: Context): Promise<RunPayload> {
    return { run: await cancelRun(ctx, input) };
  }

  @Mutation(() => RunPayload, {
    description:
      "Starts the newest published version of the automation of a run again, with the same inputs or with changed ones, as your own instance. Errors: NOT_FOUND, TRANSITION_REJECTED (it is not the run of an automation), BAD_USER_INPUT (the inputs), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.start")))
  async rerunWorkflow(@Arg("input", () => RerunWorkflowInput) input: RerunWorkflowInput, @Ctx() ctx: Context): Promise<RunPayload> {
    return { run: await rerunWorkflow(ctx, input) };
  }

  @Mutation(() => RunPayload, {
    description:
      "Starts a run that continues one that has ended: same version of the definition, with the results of the steps that do not depend on the given one. What was undone is done again. An automation gets an instance of its own, owned by you. Steps of a state are done again in the same instance, which must still be in this state; this requires `workflow.cancel`. Errors: NOT_FOUND, CONFLICT (it was continued before), TRANSITION_REJECTED (it has not ended, or its state was left), BAD_USER_INPUT (the step, the inputs), LIMIT_EXCEEDED.",
  })
  @Allow(allOf(staff, can("workflow.start")))
  async retryFromStep(@Arg("input", () => RetryFromStepInput) input: RetryFromStepInput, @Ctx() ctx: Context): Promise<RunPayload> {
    return { run: await retryFromStep(ctx, input) };
  }
}

export const runOperationsModule: SubgraphModule = { resolvers: { automation: [RunOperationsResolver] } };
