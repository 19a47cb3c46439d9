import type { Context } from "@weft/api/context";
import { Allow, can, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { CommentOnWorkflowInput, ResumeWorkflowInput, RollbackWorkflowInput, SuspendWorkflowInput } from "./intervene.input.js";
import { commentOnWorkflow, resumeWorkflow, rollbackWorkflow, suspendWorkflow } from "./intervene.service.js";
import { WorkflowInstancePayload } from "../instance-payload.type.js";

@Resolver()
export class InterventionResolver {
  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Adds a comment to the history of an instance without changing its state. An `INTERNAL` comment is possible after the instance has ended. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (`PUBLIC`, and it has ended), BAD_USER_INPUT (no comment; `INTERNAL` by a user of a vendor or by the owner alone).",
  })
  @Allow(can("workflow.fire"))
  @VendorPortal()
  async commentOnWorkflow(
    @Arg("input", () => CommentOnWorkflowInput) input: CommentOnWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await commentOnWorkflow(ctx, input) };
  }

  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Suspends an instance. Until it is resumed, no transitions can be fired and no tasks claimed, assigned or changed. It can still be canceled. Instances that its steps wait for are suspended with it. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not running), BAD_USER_INPUT (no reason).",
  })
  @Allow(can("workflow.cancel"))
  async suspendWorkflow(
    @Arg("input", () => SuspendWorkflowInput) input: SuspendWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await suspendWorkflow(ctx, input) };
  }

  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Resumes a suspended instance in its current state, and the instances that were suspended with it. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not suspended).",
  })
  @Allow(can("workflow.cancel"))
  async resumeWorkflow(
    @Arg("input", () => ResumeWorkflowInput) input: ResumeWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await resumeWorkflow(ctx, input) };
  }

  @Mutation(() => WorkflowInstancePayload, {
    description:
      "Rolls an instance back to an earlier state from its history, as a new change. The tasks of that state are opened again; other actions are not repeated. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended, or the transition that led to that state requires a different person), BAD_USER_INPUT (no such version, no reason).",
  })
  @Allow(can("workflow.cancel"))
  async rollbackWorkflow(
    @Arg("input", () => RollbackWorkflowInput) input: RollbackWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<WorkflowInstancePayload> {
    return { instance: await rollbackWorkflow(ctx, input) };
  }
}

export const interventionModule: SubgraphModule = { resolvers: { workflows: [InterventionResolver] } };
