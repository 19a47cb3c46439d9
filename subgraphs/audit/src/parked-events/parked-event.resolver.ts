import { reachesAll } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import type { FilterValue } from "@weft/api/filters";
import { IdsInput } from "@weft/api/inputs";
import { ConnectionArgs, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { eventLoader } from "../events/event.loader.js";
import { Event } from "../events/event.type.js";

import { listParkedEvents, ParkedEventFilter, ParkedEventOrder } from "./parked-event.list.js";
import { retryParkedEvents, skipParkedEvents } from "./parked-event.service.js";
import { ParkedEvent, ParkedEventConnection, retriesEvents } from "./parked-event.type.js";
import { ParkedEventsPayload } from "./parked-event-payload.type.js";

@Resolver(() => ParkedEvent)
export class ParkedEventResolver {
  @Query(() => ParkedEventConnection, {
    nullable: true,
    description: "Events that background processes could not handle, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(retriesEvents)
  parkedEvents(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => ParkedEventFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null | undefined,
    @Arg("orderBy", () => ParkedEventOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Page<ParkedEvent>> {
    return listParkedEvents(ctx, { filter, orderBy, page });
  }

  @Mutation(() => ParkedEventsPayload, {
    description:
      "Lets background processes handle parked or skipped events again. Either all are retried, or none. Errors: NOT_FOUND, CONFLICT (handled in the meantime, or there is an incident to resolve), BAD_USER_INPUT.",
  })
  @Allow(retriesEvents)
  @SizedBy({ by: ["input.ids"], initial: 1, maximum: 100, fields: ["parkedEvents"] })
  async retryParkedEvents(
    @Arg("input", () => IdsInput, { description: "IDs of the parked events (`pke_…`), 1 to 100." }) { ids }: IdsInput,
    @Ctx() ctx: Context,
  ): Promise<ParkedEventsPayload> {
    return { parkedEvents: await retryParkedEvents(ctx, ids) };
  }

  @Mutation(() => ParkedEventsPayload, {
    description:
      "Decides that parked events are never handled. Either all are skipped, or none. Errors: NOT_FOUND, CONFLICT (handled in the meantime, or there is an incident to resolve), BAD_USER_INPUT.",
  })
  @Allow(retriesEvents)
  @SizedBy({ by: ["input.ids"], initial: 1, maximum: 100, fields: ["parkedEvents"] })
  async skipParkedEvents(
    @Arg("input", () => IdsInput, { description: "IDs of the parked events (`pke_…`), 1 to 100." }) { ids }: IdsInput,
    @Ctx() ctx: Context,
  ): Promise<ParkedEventsPayload> {
    return { parkedEvents: await skipParkedEvents(ctx, ids) };
  }

  @FieldResolver(() => Event, {
    nullable: true,
    description: "The event. Null for internal events, and without the permission `event.read`.",
  })
  @Allow(inherit)
  async event(@Root() parked: ParkedEvent, @Ctx() ctx: Context): Promise<Event | null> {
    if (!reachesAll(ctx.viewer, "event.read")) return null;
    return eventLoader(ctx).load(parked.eventUuid);
  }
}

export const parkedEventModule: SubgraphModule = { resolvers: { events: [ParkedEventResolver] } };
