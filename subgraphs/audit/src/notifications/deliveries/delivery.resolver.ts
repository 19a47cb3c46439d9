import { audit } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, timeField } from "@weft/api/filters";
import { IdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, Team, teamStub, User, userStub } from "../../nodes/entity.type.js";
import { teamDestinationLoader } from "../destinations/team-destination.loader.js";
import { TeamNotificationDestination } from "../destinations/team-destination.type.js";
import { NotificationKind } from "../notification.type.js";
import { LiftMailSuppressionPayload } from "./delivery.input.js";
import * as service from "./delivery.service.js";
import type { DeliveryRow } from "./delivery.store.js";
import {
  NotificationDelivery,
  NotificationDeliveryConnection,
  NotificationDeliveryStatus,
  toDelivery,
  NotificationDeliveryPayload,
} from "./delivery.type.js";

const { notificationDeliveries } = audit;

const DeliveryFilter = filterInput("NotificationDeliveryFilter", {
  status: enumField("NotificationDeliveryStatus", NotificationDeliveryStatus, notificationDeliveries.status, "Status."),
  kind: enumField("NotificationKind", NotificationKind, notificationDeliveries.kind, "Kind of the notification."),
  userId: idField("user", notificationDeliveries.userId, "User who gets it."),
  teamId: idField("team", notificationDeliveries.teamId, "Team whose chat gets it."),
  createdAt: timeField(notificationDeliveries.createdAt, "Time of the event."),
});

const DeliveryOrder = orderByInput<DeliveryRow, "CREATED_AT">("NotificationDeliveryOrder", {
  CREATED_AT: { column: notificationDeliveries.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => NotificationDelivery)
export class NotificationDeliveryResolver {
  @Query(() => NotificationDeliveryConnection, {
    nullable: true,
    description:
      "Deliveries of the notifications of all users and teams outside the app, newest first by default. Filter by `FAILED` and `UNKNOWN` for those that need attention. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("notification.manage"))
  notificationDeliveries(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => DeliveryFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => DeliveryOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<NotificationDelivery>> {
    return tablePage(ctx, {
      list: "notificationDeliveries",
      args,
      table: notificationDeliveries,
      where: DeliveryFilter.toSql(filter),
      orderBy: DeliveryOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toDelivery,
    });
  }

  @Mutation(() => NotificationDeliveryPayload, {
    description:
      "Sends the message of a delivery again: all notifications of it that were not sent. The recipient's address, and whether they can still see what the notifications are about, are checked again. After `UNKNOWN` the recipient can get it twice. Errors: NOT_FOUND, CONFLICT (its status), BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("notification.manage"))
  async resendNotificationDelivery(
    @Arg("input", () => IdInput, { description: "ID of a delivery that is `FAILED`, `UNKNOWN`, `SUPPRESSED` or `BOUNCED` (`ntd_…`)." })
    input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationDeliveryPayload> {
    return { delivery: toDelivery(await service.resendDelivery(ctx, input)) };
  }

  @Mutation(() => LiftMailSuppressionPayload, {
    description:
      "Allows notifications by email to a user again, after a mail server has refused the address for good, or its owner has complained. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("notification.manage"))
  async liftMailSuppression(
    @Arg("input", () => IdInput, { description: "ID of the user (`usr_…`)." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<LiftMailSuppressionPayload> {
    return { liftedCount: await service.liftSuppression(ctx, input) };
  }

  @FieldResolver(() => User, { nullable: true, description: "User who gets it. Null if you cannot see the user, or if it is for a team." })
  @Allow(inherit)
  user(@Root() { userUuid }: NotificationDelivery): EntityStub | null {
    return userUuid === null ? null : userStub(userUuid);
  }

  @FieldResolver(() => Team, {
    nullable: true,
    description: "Team whose chat gets it. Null if you cannot see the team, or if it is for a user.",
  })
  @Allow(inherit)
  team(@Root() { teamUuid }: NotificationDelivery): EntityStub | null {
    return teamUuid === null ? null : teamStub(teamUuid);
  }

  @FieldResolver(() => TeamNotificationDestination, {
    nullable: true,
    description: "Chat of the team. Null if it was removed, or if it is for a user.",
  })
  @Allow(inherit)
  async teamDestination(
    @Root() { teamUuid, destinationUuid }: NotificationDelivery,
    @Ctx() ctx: Context,
  ): Promise<TeamNotificationDestination | null> {
    return teamUuid === null || destinationUuid === null ? null : teamDestinationLoader(ctx).load(destinationUuid);
  }
}

export const notificationDeliveryModule: SubgraphModule = { resolvers: { notifications: [NotificationDeliveryResolver] } };
