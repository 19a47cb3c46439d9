/** What people do to an instance beside its definition. */
import { actorOf, commentOnInstance, resumeInstance, rollbackInstance, suspendInstance } from "@weft/engine";
import { decodeId, type Context } from "@weft/shared";
import { moveOnce } from "./instance.service.js";
import type { WorkflowInstance } from "./instance.type.js";
import type { CommentOnWorkflowInput, ResumeWorkflowInput, RollbackWorkflowInput, SuspendWorkflowInput } from "./intervene.input.js";

/** Adds a comment to the history: whoever may move an instance may say something about it. */
export function commentOnWorkflow(ctx: Context, { idempotencyKey, ...input }: CommentOnWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { comment: text, expectedVersion } = input;
  return moveOnce(ctx, { mutation: "commentOnWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.fire" }, (tx) =>
    commentOnInstance(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Holds an instance: whoever may end it may hold it. */
export function suspendWorkflow(ctx: Context, { idempotencyKey, ...input }: SuspendWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { reason: text, expectedVersion } = input;
  return moveOnce(ctx, { mutation: "suspendWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    suspendInstance(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Lets a held instance go on where it stood. */
export function resumeWorkflow(ctx: Context, { idempotencyKey, ...input }: ResumeWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { reason: text, expectedVersion } = input;
  return moveOnce(ctx, { mutation: "resumeWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    resumeInstance(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Takes an instance back to an earlier state of its history, as a new move: whoever may end it may do so, but nobody past four eyes. */
export function rollbackWorkflow(ctx: Context, { idempotencyKey, ...input }: RollbackWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { toVersion, data, reason, expectedVersion } = input;
  return moveOnce(ctx, { mutation: "rollbackWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    rollbackInstance(tx, ctx.meta, { id, toVersion, data, reason, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}
