import { can, cursorOf, decodeId, liveField, type Context, type EventEnvelope, type EventPayload, type WorkflowStatus } from "@weft/shared";
import { userReference } from "../principals/principal.type.js";
import { loadInstance } from "./instance.loader.js";
import { readInstance } from "./instance.service.js";
import { WorkflowTransitioned, WorkflowTransitionedArgs } from "./workflow-transitioned.type.js";

type MovePayload = EventPayload<
  | "workflow.transitioned"
  | "workflow.cancelled"
  | "workflow.suspended"
  | "workflow.resumed"
  | "workflow.rolled_back"
  | "workflow.incident_opened"
  | "workflow.incident_resolved"
>;

async function transitioned(
  ctx: Context,
  { instanceId }: WorkflowTransitionedArgs,
  event: EventEnvelope | null,
): Promise<WorkflowTransitioned | null> {
  if (typeof instanceId === "string" && event === null) await readInstance(ctx, decodeId("instance", instanceId, "instanceId"));
  const instance = event && (await loadInstance(ctx, event.subjectId));
  if (!instance) return null;
  const move = event.payload as MovePayload;
  return {
    cursor: cursorOf(ctx, event),
    instance,
    from: move.from,
    to: move.to,
    transition: "transition" in move ? move.transition : null,
    version: move.version,
    status: move.status as WorkflowStatus,
    actor: userReference(event.actorId),
    occurredAt: event.occurredAt,
  };
}

export const WorkflowTransitionedLive = liveField({
  name: "workflowTransitioned",
  type: () => WorkflowTransitioned,
  args: WorkflowTransitionedArgs,
  rule: can("workflow.read"),
  description:
    "Each move of the instances that you may see, from state to state, and each time one is held, stopped by an incident, or goes on, in order. Errors: NOT_FOUND (the instance), BAD_USER_INPUT.",
  resolve: transitioned,
});
