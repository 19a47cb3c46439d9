import { Allow, can, type Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import {
  CommentOnWorkflowInput,
  CommentOnWorkflowPayload,
  ResumeWorkflowInput,
  ResumeWorkflowPayload,
  RollbackWorkflowInput,
  RollbackWorkflowPayload,
  SuspendWorkflowInput,
  SuspendWorkflowPayload,
} from "./intervene.input.js";
import { commentOnWorkflow, resumeWorkflow, rollbackWorkflow, suspendWorkflow } from "./intervene.service.js";

@Resolver()
export class InterventionResolver {
  @Mutation(() => CommentOnWorkflowPayload, {
    description:
      "Says something about an instance: an entry of its history, which moves nothing. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended), BAD_USER_INPUT (no comment).",
  })
  @Allow(can("workflow.fire"))
  async commentOnWorkflow(
    @Arg("input", () => CommentOnWorkflowInput) input: CommentOnWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<CommentOnWorkflowPayload> {
    return { instance: await commentOnWorkflow(ctx, input) };
  }

  @Mutation(() => SuspendWorkflowPayload, {
    description:
      "Holds an instance: until it is resumed nothing fires, is claimed, assigned or changed; it can be cancelled. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not running), BAD_USER_INPUT (no reason).",
  })
  @Allow(can("workflow.cancel"))
  async suspendWorkflow(
    @Arg("input", () => SuspendWorkflowInput) input: SuspendWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<SuspendWorkflowPayload> {
    return { instance: await suspendWorkflow(ctx, input) };
  }

  @Mutation(() => ResumeWorkflowPayload, {
    description: "Lets an instance that is held go on where it stood. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (not suspended).",
  })
  @Allow(can("workflow.cancel"))
  async resumeWorkflow(
    @Arg("input", () => ResumeWorkflowInput) input: ResumeWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<ResumeWorkflowPayload> {
    return { instance: await resumeWorkflow(ctx, input) };
  }

  @Mutation(() => RollbackWorkflowPayload, {
    description:
      "Takes an instance back to an earlier state of its history, as a new move: the tasks of that state open again, other actions do not run again. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED (it has ended; the transition that led there needs somebody else), BAD_USER_INPUT (no such version, no reason).",
  })
  @Allow(can("workflow.cancel"))
  async rollbackWorkflow(
    @Arg("input", () => RollbackWorkflowInput) input: RollbackWorkflowInput,
    @Ctx() ctx: Context,
  ): Promise<RollbackWorkflowPayload> {
    return { instance: await rollbackWorkflow(ctx, input) };
  }
}
