import { audit } from "@weft/drizzle";
import { named } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, flagField, timeField } from "@weft/api/filters";
import { IdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, orderByInput, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, isNotNull, isNull, type SQL } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf } from "../nodes/entity.type.js";
import { Node } from "../nodes/node.type.js";
import { MarkAllNotificationsReadInput, MarkAllNotificationsReadPayload } from "./notification.input.js";
import * as service from "./notification.service.js";
import { countNotifications, countUnread, type NotificationRow, selectNotifications, visible } from "./notification.store.js";
import { Notification, NotificationConnection, NotificationKind, toNotification, NotificationPayload } from "./notification.type.js";

const { notifications } = audit;

const NotificationFilter = filterInput("NotificationFilter", {
  isRead: flagField(isNotNull(notifications.readAt), "Whether it was read.", isNull(notifications.readAt)),
  kind: enumField("NotificationKind", NotificationKind, notifications.kind, "Reason for the notification."),
  createdAt: timeField(notifications.createdAt, "Time of the event."),
  isArchived: flagField(
    isNotNull(notifications.archivedAt),
    "Whether it was archived. If you omit it, the list contains those that are not archived.",
    isNull(notifications.archivedAt),
  ),
});

/** Archived notifications are listed only if the filter asks about them. */
const unlessAsked = (filter: FilterValue | null | undefined): SQL | undefined =>
  JSON.stringify(filter ?? {}).includes('"isArchived"') ? undefined : isNull(notifications.archivedAt);

const NotificationOrder = orderByInput<NotificationRow, "CREATED_AT">("NotificationOrder", {
  CREATED_AT: { column: notifications.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => Notification)
export class NotificationResolver {
  @Query(() => NotificationConnection, {
    nullable: true,
    description: "Your notifications, newest first by default, without archived ones. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  notifications(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => NotificationFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => NotificationOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Notification>> {
    const where = and(visible(ctx.viewer), unlessAsked(filter), NotificationFilter.toSql(filter));
    return keysetPage<NotificationRow, Notification>(ctx, {
      args,
      list: "notifications",
      orderBy: NotificationOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      id: { column: notifications.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        ctx.read((tx) =>
          named(
            "listNotifications",
            selectNotifications(tx)
              .where(and(where, slice.where))
              .orderBy(...slice.orderBy)
              .limit(slice.limit),
          ),
        ),
      count: () => ctx.read((tx) => countNotifications(tx, where)),
      toNode: toNotification,
    });
  }

  @Query(() => Int, { nullable: true, description: "Number of your unread notifications, exact up to 1,000. 1000 means 1,000 or more." })
  @Allow(can("notification.read"))
  @VendorPortal()
  unreadNotificationCount(@Ctx() ctx: Context): Promise<number> {
    return ctx.read((tx) => countUnread(tx, ctx.viewer));
  }

  @Mutation(() => NotificationPayload, {
    description: "Marks one of your notifications as read. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  markNotificationRead(
    @Arg("input", () => IdInput, { description: "ID of the notification (`ntf_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationPayload> {
    return service.markNotificationRead(ctx, input);
  }

  @Mutation(() => NotificationPayload, {
    description:
      "Archives one of your notifications and marks it as read. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  archiveNotification(
    @Arg("input", () => IdInput, { description: "ID of the notification (`ntf_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationPayload> {
    return service.archiveNotification(ctx, input);
  }

  @Mutation(() => MarkAllNotificationsReadPayload, {
    description: "Marks all your notifications as read. Repeating the call changes nothing. Errors: BAD_USER_INPUT.",
  })
  @Allow(can("notification.read"))
  @VendorPortal()
  async markAllNotificationsRead(
    @Arg("input", () => MarkAllNotificationsReadInput) input: MarkAllNotificationsReadInput,
    @Ctx() ctx: Context,
  ): Promise<MarkAllNotificationsReadPayload> {
    return { readCount: await service.markAllNotificationsRead(ctx, input) };
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "Object of the notification, in its current state. Null if you can no longer see it.",
  })
  @Allow(inherit)
  subject(@Root() notification: Notification): EntityStub | null {
    return stubOf(notification.subjectType, notification.subjectUuid);
  }
}

export const notificationModule: SubgraphModule = { resolvers: { notifications: [NotificationResolver] } };
