import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Field, Int, ObjectType } from "type-graphql";
import { countUnread } from "./notification.store.js";

@ObjectType({ description: "The number of your unread notifications." })
@Allow(inherit)
export class UnreadNotificationCount {
  @Field(() => String, {
    nullable: true,
    description: "Cursor of the event. Pass it as `after` to resume after it. Null in a query without `at`.",
  })
  cursor!: string | null;

  @Field(() => Int, { description: "Number of your unread notifications, exact up to 1,000. 1000 means 1,000 or more." })
  count!: number;
}

const countOf = async (ctx: Context, cursor: string | null): Promise<UnreadNotificationCount> => ({
  cursor,
  count: await ctx.read((tx) => countUnread(tx, ctx.viewer)),
});

export const UnreadNotificationCountChangedResolver = liveField({
  name: "unreadNotificationCountChanged",
  type: () => UnreadNotificationCount,
  rule: can("notification.read"),
  vendorPortal: true,
  description:
    "The number of your unread notifications after it has changed, at most once per second. An unchanged number is not delivered again.",
  present: (ctx) => countOf(ctx, null),
  resolve: async (ctx, _args, event) => (event === null ? null : countOf(ctx, cursorOf(ctx, event))),
});

export const unreadNotificationCountChangedModule: SubgraphModule = {
  resolvers: { notifications: [UnreadNotificationCountChangedResolver] },
};
