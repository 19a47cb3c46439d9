import { Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context/context.js";
import { Allow } from "../rules/allow.js";
import { authenticated } from "../rules/rules.js";
import { eventCursors } from "./event-cursors.js";

/** Name of the root field. The gateway takes the position for every operation whose text has this name. */
export const liveCursorField = "liveCursor";

/**
 * Query.liveCursor: where the tenant's stream of events is, for the argument `after` of any subscription. The resolver reads nothing: the
 * gateway took the position before it asked any subgraph (gateway/src/live/live-cursor.ts, with the argument why nothing is lost). A resolver
 * that looked it up would race against the root fields that other subgraphs resolve at the same time.
 */
@Resolver()
export class LiveCursorResolver {
  @Query(() => String, {
    name: liveCursorField,
    nullable: true,
    description:
      "Current position in the organization's stream of events, for the argument `after` of any subscription. It is taken before anything else in the operation is read: " +
      "a subscription that starts behind it sends every change that the rest of the answer does not show yet. It may repeat a change that the answer shows already; compare versions.",
  })
  @Allow(authenticated)
  liveCursor(@Ctx() { livePosition, services, viewer }: Context): string | null {
    if (livePosition === undefined) throw new Error("The gateway sent no position with an operation that asks for liveCursor.");
    return eventCursors(services.keys).encode(viewer.tenantId, livePosition);
  }
}
