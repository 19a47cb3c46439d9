import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { decodeId } from "@weft/shared/ids";
import { SYSTEM_ID } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import type { WorkflowStatus } from "@weft/api/workflow-status";
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { loadState } from "../definitions/state.loader.js";
import { User } from "../principals/principal.type.js";
import { loadInstance } from "./instance.loader.js";
import { readInstance } from "./instance.service.js";
import { WorkflowTransitioned, WorkflowTransitionedArgs } from "./workflow-transitioned.type.js";

type TransitionPayload = EventPayload<
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
  const payload = event.payload as TransitionPayload;
  return {
    cursor: cursorOf(ctx, event),
    instance,
    definitionKey: payload.definitionKey,
    from: payload.from,
    to: payload.to,
    transition: "transition" in payload ? payload.transition : null,
    version: payload.version,
    status: payload.status as WorkflowStatus,
    actor: event.actorId === SYSTEM_ID ? null : User.of(event.actorId),
    occurredAt: event.occurredAt,
  };
}

export const WorkflowTransitionedLive = liveField({
  name: "workflowTransitioned",
  type: () => WorkflowTransitioned,
  args: WorkflowTransitionedArgs,
  rule: can("workflow.read"),
  viewerIndependent: ["workflow.read"],
  vendorPortal: true,
  description:
    "Changes of the instances that you can see, in order: every change of state, suspension, resumption, and incident. Errors: NOT_FOUND (the instance), BAD_USER_INPUT.",
  resolve: transitioned,
});

@Resolver(() => WorkflowTransitioned)
export class WorkflowTransitionedResolver {
  @FieldResolver(() => String)
  async fromTitle(@Root() { definitionKey, from }: WorkflowTransitioned, @Ctx() ctx: Context): Promise<string> {
    return (await loadState(ctx, { definitionKey, state: from })).title;
  }

  @FieldResolver(() => String)
  async toTitle(@Root() { definitionKey, to }: WorkflowTransitioned, @Ctx() ctx: Context): Promise<string> {
    return (await loadState(ctx, { definitionKey, state: to })).title;
  }
}

export const workflowTransitionedModule: SubgraphModule = {
  resolvers: { workflows: [WorkflowTransitionedLive, WorkflowTransitionedResolver] },
};
