import { NotFound } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf, User, userStub } from "../nodes/entity.type.js";
import { Node } from "../nodes/node.type.js";
import { PublishEventInput, PublishEventPayload } from "./event.input.js";
import { EventFilter, EventOrder, listEvents } from "./event.list.js";
import { eventLoader } from "./event.loader.js";
import { Event, EventConnection, readsEvents } from "./event.type.js";
import { publishEvent } from "./publish-event.service.js";

@Resolver(() => Event)
export class EventResolver {
  @Query(() => EventConnection, { nullable: true, description: "Events of the tenant, newest first by default. Errors: BAD_USER_INPUT." })
  @Allow(readsEvents)
  events(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => EventFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => EventOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Page<Event>> {
    return listEvents(ctx, { filter, orderBy, page });
  }

  @Query(() => Event, { nullable: true, description: "One event. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(readsEvents)
  async event(@Arg("id", () => ID, { description: "ID of the event (`evt_…`)." }) id: string, @Ctx() ctx: Context): Promise<Event> {
    const event = await eventLoader(ctx).load(decodeId("event", id));
    if (event === null) throw new NotFound("Event", id);
    return event;
  }

  @Mutation(() => PublishEventPayload, {
    description:
      "Publishes a custom event of a type that was declared with `declareEventType`. Triggers react to it as to other events. Errors: BAD_USER_INPUT (the type, the payload, the subject), CONFLICT (the idempotency key).",
  })
  @Allow(allOf(staff, canInTenant("event.publish")))
  publishEvent(@Arg("input", () => PublishEventInput) input: PublishEventInput, @Ctx() ctx: Context): Promise<PublishEventPayload> {
    return publishEvent(ctx, input);
  }

  @FieldResolver(() => User, { nullable: true, description: "Actor. Null if you cannot see the user." })
  @Allow(inherit)
  actor(@Root() event: Event): EntityStub {
    return userStub(event.actorUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User on whose behalf a substitute acted." })
  @Allow(inherit)
  onBehalfOf(@Root() event: Event): EntityStub | null {
    return event.onBehalfOfUuid === null ? null : userStub(event.onBehalfOfUuid);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "Object that the event is about, in its current state. Null if it no longer exists or you cannot see it.",
  })
  @Allow(inherit)
  subject(@Root() event: Event): EntityStub | null {
    return stubOf(event.subjectType, event.subjectUuid);
  }
}

export const eventModule: SubgraphModule = { resolvers: { events: [EventResolver] } };
