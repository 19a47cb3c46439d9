import { audit } from "@weft/drizzle";
import {
  Allow,
  can,
  ConnectionArgs,
  type Context,
  enumField,
  filterInput,
  type FilterValue,
  flagField,
  inherit,
  keysetPage,
  orderByInput,
  type OrderByValue,
  type Page,
  timeField,
} from "@weft/shared";
import { and, isNotNull } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf } from "../nodes/entity.type.js";
import { Node } from "../nodes/node.type.js";
import { MarkNotificationReadInput, MarkNotificationReadPayload } from "./notification.input.js";
import * as service from "./notification.service.js";
import { countNotifications, countUnread, type NotificationRow, selectNotifications, visible } from "./notification.store.js";
import { Notification, NotificationConnection, NotificationKind, toNotification } from "./notification.type.js";

const { notifications } = audit;

const NotificationFilter = filterInput("NotificationFilter", {
  isRead: flagField(isNotNull(notifications.readAt), "Read or not."),
  kind: enumField("NotificationKind", NotificationKind, notifications.kind, "Why you were told."),
  createdAt: timeField(notifications.createdAt, "When it happened."),
});

const NotificationOrder = orderByInput<NotificationRow, "CREATED_AT">("NotificationOrder", {
  CREATED_AT: { column: notifications.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => Notification)
export class NotificationResolver {
  @Query(() => NotificationConnection, {
    nullable: true,
    description: "What you were told, newest first unless ordered otherwise. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  notifications(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => NotificationFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null,
    @Arg("orderBy", () => NotificationOrder.Input, { nullable: true, description: "In which order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Notification>> {
    const where = and(visible(ctx.viewer), NotificationFilter.toSql(filter));
    return keysetPage<NotificationRow, Notification>(ctx, {
      args,
      list: "notifications",
      orderBy: NotificationOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      id: { column: notifications.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        ctx.read((tx) =>
          selectNotifications(tx)
            .where(and(where, slice.where))
            .orderBy(...slice.orderBy)
            .limit(slice.limit),
        ),
      count: () => ctx.read((tx) => countNotifications(tx, where)),
      toNode: toNotification,
    });
  }

  @Query(() => Int, { nullable: true, description: "How many of your notifications you have not read." })
  @Allow(can("notification.read"))
  unreadNotificationCount(@Ctx() ctx: Context): Promise<number> {
    return ctx.read((tx) => countUnread(tx, ctx.viewer));
  }

  @Mutation(() => MarkNotificationReadPayload, {
    description: "Marks one of your notifications as read; again, it changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  markNotificationRead(
    @Arg("input", () => MarkNotificationReadInput) input: MarkNotificationReadInput,
    @Ctx() ctx: Context,
  ): Promise<MarkNotificationReadPayload> {
    return service.markNotificationRead(ctx, input);
  }

  @FieldResolver(() => Node, { nullable: true, description: "What it is about, as it is now; null when you may no longer see it." })
  @Allow(inherit)
  subject(@Root() notification: Notification): EntityStub | null {
    return stubOf(notification.subjectType, notification.subjectUuid);
  }
}
