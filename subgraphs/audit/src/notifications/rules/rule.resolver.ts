import { audit } from "@weft/drizzle";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, flagField, textField, timeField } from "@weft/api/filters";
import { DeletePayload, KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, canInTenant, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { previewNotificationRule } from "./preview.service.js";
import { NotificationRulePreview, NotificationRulePreviewExclusion, NotificationRulePreviewRecipient } from "./preview.type.js";
import * as service from "./rule.service.js";
import type { RuleRow } from "./rule.store.js";
import {
  managesRules,
  NotificationRule,
  NotificationRuleConnection,
  NotificationRuleStatus,
  toRule,
  NotificationRulePayload,
  CreateNotificationRuleInput,
  UpdateNotificationRuleInput,
  NotificationRuleDraftInput,
} from "./rule.type.js";

const { notificationRules } = audit;

const RuleFilter = filterInput("NotificationRuleFilter", {
  name: textField(notificationRules.name, "Name."),
  status: enumField("NotificationRuleStatus", NotificationRuleStatus, notificationRules.status, "Whether it applies."),
  isMandatory: flagField(eq(notificationRules.isMandatory, true), "Whether users cannot turn it off."),
  createdAt: timeField(notificationRules.createdAt, "Creation time."),
});

const RuleOrder = orderByInput<RuleRow, "CREATED_AT" | "NAME">("NotificationRuleOrder", {
  CREATED_AT: { column: notificationRules.createdAt, valueOf: (row) => row.createdAt },
  NAME: { column: notificationRules.name, valueOf: (row) => row.name },
});

@Resolver(() => NotificationRule)
export class NotificationRuleResolver {
  @Query(() => NotificationRule, { nullable: true, description: "One rule of notifications. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(managesRules)
  async notificationRule(
    @Arg("id", () => ID, { description: "ID of the rule (`ntr_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<NotificationRule> {
    return toRule(await service.readRule(ctx, decodeId("notificationRule", id)));
  }

  @Query(() => NotificationRuleConnection, {
    nullable: true,
    description: "Rules of notifications, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(managesRules)
  notificationRules(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => RuleFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => RuleOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<NotificationRule>> {
    return tablePage(ctx, {
      list: "notificationRules",
      args,
      table: notificationRules,
      where: RuleFilter.toSql(filter),
      orderBy: RuleOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toRule,
    });
  }

  @Query(() => NotificationRulePreview, {
    nullable: true,
    description:
      "Shows what a draft of a rule would do with an event: whom it would notify, whom not, and why. Nothing is sent. Also requires `event.read`, because the texts contain values of the event. Errors: NOT_FOUND (the event), BAD_USER_INPUT (the draft).",
  })
  @Allow(allOf(managesRules, canInTenant("event.read")))
  previewNotificationRule(
    @Arg("input", () => NotificationRuleDraftInput, { description: "The draft." }) input: NotificationRuleDraftInput,
    @Arg("eventId", () => ID, { description: "ID of the event (`evt_…`)." }) eventId: string,
    @Ctx() ctx: Context,
  ): Promise<NotificationRulePreview> {
    return previewNotificationRule(ctx, input, eventId);
  }

  @Mutation(() => NotificationRulePayload, {
    description:
      "Creates a rule of notifications. It applies to the events that occur from now on. A rule that sends to chats of teams also requires `event.read`. Errors: BAD_USER_INPUT (event types, condition, recipients, texts), FORBIDDEN (chats of teams), LIMIT_EXCEEDED, CONFLICT (the idempotency key).",
  })
  @Allow(managesRules)
  async createNotificationRule(
    @Arg("input", () => CreateNotificationRuleInput) input: CreateNotificationRuleInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationRulePayload> {
    return { rule: toRule(await service.createNotificationRule(ctx, input)) };
  }

  @Mutation(() => NotificationRulePayload, {
    description:
      "Changes, pauses, or activates a rule of notifications. A rule that sends to chats of teams also requires `event.read`. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN (chats of teams).",
  })
  @Allow(managesRules)
  async updateNotificationRule(
    @Arg("input", () => UpdateNotificationRuleInput) input: UpdateNotificationRuleInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationRulePayload> {
    return { rule: toRule(await service.updateNotificationRule(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a rule of notifications. The notifications that it caused stay. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (the ID).",
  })
  @Allow(managesRules)
  async deleteNotificationRule(
    @Arg("input", () => KeyedVersionedIdInput, { description: "ID of the rule (`ntr_…`)." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteNotificationRule(ctx, input) };
  }

  @FieldResolver(() => User, { nullable: true, description: "User who created the rule. Null if you cannot see the user." })
  @Allow(inherit)
  owner(@Root() { ownerUuid }: NotificationRule): EntityStub {
    return userStub(ownerUuid);
  }
}

@Resolver(() => NotificationRulePreviewRecipient)
export class NotificationRulePreviewRecipientResolver {
  @FieldResolver(() => User, { nullable: true, description: "The user. Null if you cannot see the user." })
  @Allow(inherit)
  user(@Root() { userUuid }: NotificationRulePreviewRecipient): EntityStub {
    return userStub(userUuid);
  }
}

@Resolver(() => NotificationRulePreviewExclusion)
export class NotificationRulePreviewExclusionResolver {
  @FieldResolver(() => User, { nullable: true, description: "The user. Null if you cannot see the user, or if there is none." })
  @Allow(inherit)
  user(@Root() { userUuid }: NotificationRulePreviewExclusion): EntityStub {
    return userStub(userUuid);
  }
}

export const notificationRuleModule: SubgraphModule = {
  resolvers: {
    notifications: [NotificationRuleResolver, NotificationRulePreviewRecipientResolver, NotificationRulePreviewExclusionResolver],
  },
};
