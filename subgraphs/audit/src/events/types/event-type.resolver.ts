import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { declareEventType, deleteEventType, listEventTypes, updateEventType } from "./event-type.service.js";
import {
  readsEventTypes,
  TriggeringEventType,
  TriggeringEventTypePayload,
  DeclareEventTypeInput,
  UpdateEventTypeInput,
} from "./event-type.type.js";

@Resolver(() => TriggeringEventType)
export class EventTypeResolver {
  @Query(() => [TriggeringEventType], {
    nullable: true,
    description: "Types of events with their payloads: those of Weft, then those that your organization has declared.",
  })
  @Allow(readsEventTypes)
  eventTypes(@Ctx() ctx: Context): Promise<TriggeringEventType[]> {
    return listEventTypes(ctx);
  }

  @Mutation(() => TriggeringEventTypePayload, {
    description:
      "Declares a type of custom events. Publish them with `publishEvent`. Errors: BAD_USER_INPUT (the name, the schema), LIMIT_EXCEEDED, CONFLICT (the idempotency key).",
  })
  @Allow(canInTenant("eventType.update"))
  async declareEventType(
    @Arg("input", () => DeclareEventTypeInput) input: DeclareEventTypeInput,
    @Ctx() ctx: Context,
  ): Promise<TriggeringEventTypePayload> {
    return { eventType: await declareEventType(ctx, input) };
  }

  @Mutation(() => TriggeringEventTypePayload, {
    description:
      "Changes a type of custom events. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (an incompatible schema, without a new version).",
  })
  @Allow(canInTenant("eventType.update"))
  async updateEventType(
    @Arg("input", () => UpdateEventTypeInput) input: UpdateEventTypeInput,
    @Ctx() ctx: Context,
  ): Promise<TriggeringEventTypePayload> {
    return { eventType: await updateEventType(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a type of custom events. Published events stay in the log. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("eventType.update"))
  async deleteEventType(
    @Arg("input", () => VersionedIdInput, { description: "ID of the type (`ety_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await deleteEventType(ctx, input) };
  }
}

export const eventTypeModule: SubgraphModule = { resolvers: { events: [EventTypeResolver] } };
