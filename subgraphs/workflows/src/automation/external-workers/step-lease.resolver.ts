import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { appendStepLog } from "./append-step-log.service.js";
import {
  AppendStepLogInput,
  CompleteStepInput,
  CompleteStepsInput,
  ExtendStepLeasesInput,
  FailStepInput,
  ReleaseStepsInput,
  TakeStepsInput,
} from "./step-lease.input.js";
import {
  AppendStepLogPayload,
  CompleteStepsPayload,
  ExtendStepLeasesPayload,
  StepReportPayload,
  StepReportsPayload,
  TakeStepsPayload,
} from "./step-lease.type.js";
import { completeStep, completeSteps, failStep, releaseSteps } from "./report-steps.service.js";
import { extendLeases, takeSteps } from "./take-steps.service.js";

@Resolver()
export class StepLeaseResolver {
  @Mutation(() => TakeStepsPayload, {
    description:
      "Takes steps of the type `worker` that can begin, longest waiting first, for an external worker. Each step has one worker at a time: its lease must be extended until the result is reported. Errors: BAD_USER_INPUT, RATE_LIMITED.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  @SizedBy({ by: ["input.max"], initial: 1, maximum: 100, fields: ["steps"] })
  takeSteps(@Arg("input", () => TakeStepsInput) input: TakeStepsInput, @Ctx() ctx: Context): Promise<TakeStepsPayload> {
    return takeSteps(ctx, input);
  }

  @Mutation(() => ExtendStepLeasesPayload, {
    description:
      "Extends leases of steps that are being done, and says which work must stop: because the run stops, the time is over, or another worker has the step. Errors: BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  @SizedBy({ by: ["input.leases"], initial: 1, maximum: 500, fields: ["leases"] })
  async extendStepLeases(
    @Arg("input", () => ExtendStepLeasesInput) input: ExtendStepLeasesInput,
    @Ctx() ctx: Context,
  ): Promise<ExtendStepLeasesPayload> {
    return { leases: await extendLeases(ctx, input) };
  }

  @Mutation(() => StepReportPayload, {
    description:
      "Reports that a step has succeeded. The result, and what follows from it, are recorded once: if the answer was lost, repeat the call. Errors: CONFLICT (the lease is over), BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  async completeStep(@Arg("input", () => CompleteStepInput) input: CompleteStepInput, @Ctx() ctx: Context): Promise<StepReportPayload> {
    return { report: await completeStep(ctx, input) };
  }

  @Mutation(() => CompleteStepsPayload, {
    description:
      "Reports that several steps have succeeded, as `completeStep` does, and can take steps that follow. Each result is recorded on its own: one whose lease is over has the status `STALE`. If the answer was lost, repeat the call: it returns the same results, and takes the steps again that the first call has taken. Errors: BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  @SizedBy(
    { by: ["input.steps"], initial: 1, maximum: 100, fields: ["reports"] },
    { by: ["input.next.max"], initial: 1, maximum: 100, needs: "input.next", fields: ["steps"] },
  )
  completeSteps(@Arg("input", () => CompleteStepsInput) input: CompleteStepsInput, @Ctx() ctx: Context): Promise<CompleteStepsPayload> {
    return completeSteps(ctx, input);
  }

  @Mutation(() => StepReportPayload, {
    description:
      "Reports that an attempt at a step has failed. Another one follows if the step's `retry` allows it. The call can be repeated, as `completeStep`. Errors: CONFLICT (the lease is over), BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  async failStep(@Arg("input", () => FailStepInput) input: FailStepInput, @Ctx() ctx: Context): Promise<StepReportPayload> {
    return { report: await failStep(ctx, input) };
  }

  @Mutation(() => StepReportsPayload, {
    description:
      "Gives steps back whose work was not done or is unknown, such as those of a worker that ends. Another worker can take them at once. Steps of a run that stops end. Errors: BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  @SizedBy({ by: ["input.leases"], initial: 1, maximum: 100, fields: ["reports"] })
  async releaseSteps(@Arg("input", () => ReleaseStepsInput) input: ReleaseStepsInput, @Ctx() ctx: Context): Promise<StepReportsPayload> {
    return { reports: await releaseSteps(ctx, input) };
  }

  @Mutation(() => AppendStepLogPayload, {
    description:
      "Adds lines to the log of a run, for a step that is being done. Values of secrets that its steps read are removed. Errors: CONFLICT (the lease is over), BAD_USER_INPUT.",
  })
  @Allow(allOf(staff, canInTenant("step.take")))
  async appendStepLog(
    @Arg("input", () => AppendStepLogInput) input: AppendStepLogInput,
    @Ctx() ctx: Context,
  ): Promise<AppendStepLogPayload> {
    return { lines: await appendStepLog(ctx, input) };
  }
}

export const stepLeaseModule: SubgraphModule = { resolvers: { automation: [StepLeaseResolver] } };
