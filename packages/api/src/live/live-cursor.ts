import "reflect-metadata";
import { Ctx, Query, Resolver } from "type-graphql";
import type { Context } from "../context/context.js";
import { Allow } from "../rules/allow.js";
import { authenticated } from "../rules/rules.js";
import { VendorPortal } from "../rules/vendor-portal.js";
import type { ResolverClass } from "../subgraph/type-graphql-schema.js";
import { eventCursors } from "./event-cursors.js";

/** Name of the root field. The gateway takes the position for every operation whose text contains this name. */
export const liveCursorField = "liveCursor";

/**
 * Returns the resolver of Query.liveCursor: current position in the tenant's event stream, for the argument `after` of any subscription. It reads
 * nothing: the gateway takes the position before it calls any subgraph (gateway/src/live/live-cursor.ts explains why no event is lost). A resolver that
 * read the position would race with root fields that other subgraphs resolve at the same time.
 *
 * A function, because type-graphql lists fields in the order in which their classes are evaluated: the subgraph that has the field decides it.
 */
export function liveCursorResolver(): ResolverClass {
  @Resolver()
  class LiveCursorResolver {
    @Query(() => String, {
      name: liveCursorField,
      nullable: true,
      description:
        "Current position in the organization's event stream, for the argument `after` of any subscription. It is read before anything else in the operation: " +
        "a subscription that starts after it delivers every change that the rest of the response does not show yet. It can repeat a change that the response already shows; compare versions.",
    })
    @Allow(authenticated)
    @VendorPortal()
    liveCursor(@Ctx() { livePosition, services, viewer }: Context): string | null {
      if (livePosition === undefined) throw new Error("The gateway sent no position with an operation that requests liveCursor.");
      return eventCursors(services.keys).encode(viewer.tenantId, livePosition);
    }
  }
  return LiveCursorResolver;
}
