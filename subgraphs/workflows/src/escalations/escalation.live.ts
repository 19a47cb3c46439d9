import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { getInstance } from "../instances/instance.service.js";
import { findEscalation } from "./escalation.store.js";
import { Escalation, toEscalation } from "./escalation.type.js";

@ArgsType()
export class EscalationOccurredArgs {
  @Field(() => ID, { nullable: true, description: "Only escalations of this instance." })
  instanceId?: string | null;

  @Field(() => String, { nullable: true, description: "Only escalations of instances of this definition." })
  definitionKey?: string | null;
}

@ObjectType({ description: "A level of an escalation that was due." })
@Allow(inherit)
export class EscalationOccurred {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to resume without missing events." })
  cursor!: string;

  @Field(() => Escalation, { description: "The level, and what it did." })
  escalation!: Escalation;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

async function occurred(
  ctx: Context,
  { instanceId }: EscalationOccurredArgs,
  event: EventEnvelope | null,
): Promise<EscalationOccurred | null> {
  if (event === null) {
    const id = decodeIdOrNull("instance", instanceId, "instanceId") ?? null;
    if (id !== null) await ctx.read((tx) => getInstance(tx, ctx, id, "sla.read"));
    return null;
  }
  const row = await ctx.read((tx) => findEscalation(tx, ctx.viewer, event.payload["escalationId"] as string));
  return row && { cursor: cursorOf(ctx, event), escalation: toEscalation(row), occurredAt: event.occurredAt };
}

export const EscalationOccurredLive = liveField({
  name: "escalationOccurred",
  type: () => EscalationOccurred,
  args: EscalationOccurredArgs,
  rule: can("sla.read"),
  description:
    "Levels of escalations of the instances that you can see, as soon as they occur. Errors: NOT_FOUND (the instance), BAD_USER_INPUT.",
  resolve: occurred,
});

export const escalationOccurredModule: SubgraphModule = { resolvers: { deadlines: [EscalationOccurredLive] } };
