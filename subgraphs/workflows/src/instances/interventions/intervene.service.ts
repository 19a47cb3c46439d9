/** Changes of an instance outside its definition. */
import { actorOf, commentInternally, commentOnInstance, resumeInstance, rollbackInstance, suspendInstance } from "@weft/engine";
import { decodeId } from "@weft/shared/ids";
import { CommentAudience } from "@weft/api/comment-audience";
import type { Context } from "@weft/api/context";
import { writeOnce } from "../instance.service.js";
import type { WorkflowInstance } from "../instance.type.js";
import type { CommentOnWorkflowInput, ResumeWorkflowInput, RollbackWorkflowInput, SuspendWorkflowInput } from "./intervene.input.js";

/** Adds a comment to the history. Users who can fire transitions of an instance can comment on it. */
export function commentOnWorkflow(ctx: Context, { idempotencyKey, ...input }: CommentOnWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { comment: text, audience, expectedVersion } = input;
  const add = audience === CommentAudience.INTERNAL ? commentInternally : commentOnInstance;
  return writeOnce(ctx, { mutation: "commentOnWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.fire" }, (tx) =>
    add(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Suspends an instance. Users who can cancel an instance can suspend it. */
export function suspendWorkflow(ctx: Context, { idempotencyKey, ...input }: SuspendWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { reason: text, expectedVersion } = input;
  return writeOnce(ctx, { mutation: "suspendWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    suspendInstance(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Resumes a suspended instance in its current state. */
export function resumeWorkflow(ctx: Context, { idempotencyKey, ...input }: ResumeWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { reason: text, expectedVersion } = input;
  return writeOnce(ctx, { mutation: "resumeWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    resumeInstance(tx, ctx.meta, { id, text, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}

/** Rolls an instance back to an earlier state, as a new change. Users who can cancel an instance can do so, subject to the four-eyes principle. */
export function rollbackWorkflow(ctx: Context, { idempotencyKey, ...input }: RollbackWorkflowInput): Promise<WorkflowInstance> {
  const id = decodeId("instance", input.instanceId, "input.instanceId");
  const { toVersion, data, reason, expectedVersion } = input;
  return writeOnce(ctx, { mutation: "rollbackWorkflow", key: idempotencyKey ?? null, input, permission: "workflow.cancel" }, (tx) =>
    rollbackInstance(tx, ctx.meta, { id, toVersion, data, reason, actor: actorOf(ctx.viewer), expectedVersion }),
  );
}
