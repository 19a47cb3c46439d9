import { audit } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { NotificationKind } from "../notification.type.js";
import { variablesOf } from "./language/variables.js";
import { templateLoader, versionsLoader } from "./template.loader.js";
import { sendTest } from "./send-test.service.js";
import * as service from "./template.service.js";
import type { TemplateRow } from "./template.store.js";
import {
  NotificationTemplate,
  NotificationTemplateConnection,
  NotificationTemplatePreview,
  NotificationTemplateVariable,
  NotificationTemplateVersion,
  toTemplate,
  toTemplateProblem,
  toTemplateVariable,
  toTemplateVersion,
  NotificationTemplatePayload,
  CreateNotificationTemplateInput,
  UpdateNotificationTemplateInput,
  PreviewNotificationTemplateInput,
  PublishNotificationTemplateInput,
  SendTestNotificationInput,
  SendTestNotificationPayload,
} from "./template.type.js";

const { notificationTemplates: templates } = audit;

const NotificationTemplateFilter = filterInput("NotificationTemplateFilter", {
  kind: enumField("NotificationKind", NotificationKind, templates.kind),
  locale: textField(templates.locale),
});

const NotificationTemplateOrder = orderByInput<TemplateRow, "KIND" | "UPDATED_AT">("NotificationTemplateOrder", {
  KIND: { column: templates.kind, valueOf: (row) => row.kind },
  UPDATED_AT: { column: templates.updatedAt, valueOf: (row) => row.updatedAt },
});

@Resolver(() => NotificationTemplate)
export class NotificationTemplateResolver {
  @Query(() => NotificationTemplate, {
    nullable: true,
    description: "A template of the organization. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("notification.manage"))
  notificationTemplate(
    @Arg("id", () => ID, { description: "ID of the template (`ntt_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplate> {
    return loadById(ctx, templateLoader, "notificationTemplate", id);
  }

  @Query(() => NotificationTemplateConnection, {
    nullable: true,
    description: "The organization's own templates, by kind by default. Kinds without one use built-in templates.",
  })
  @Allow(canInTenant("notification.manage"))
  notificationTemplates(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => NotificationTemplateFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => NotificationTemplateOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<NotificationTemplate>> {
    return tablePage(ctx, {
      list: "notificationTemplates",
      args,
      table: templates,
      where: NotificationTemplateFilter.toSql(filter),
      orderBy: NotificationTemplateOrder.resolve(orderBy, ["KIND", "ASC"]),
      toNode: toTemplate,
    });
  }

  @Query(() => [NotificationTemplateVariable], { nullable: true, description: "Variables that templates of a kind can show, by path." })
  @Allow(canInTenant("notification.manage"))
  notificationTemplateVariables(
    @Arg("kind", () => NotificationKind, { description: "Kind of the notifications." }) kind: NotificationKind,
  ): NotificationTemplateVariable[] {
    return Object.entries(variablesOf(kind)).map(toTemplateVariable);
  }

  @Query(() => NotificationTemplatePreview, {
    nullable: true,
    description:
      "Renders a template that need not be stored, with the values of one of your notifications or with examples. Nothing is sent. Errors: NOT_FOUND, BAD_USER_INPUT (a notification of another kind).",
  })
  @Allow(canInTenant("notification.manage"))
  async previewNotificationTemplate(
    @Arg("input", () => PreviewNotificationTemplateInput) input: PreviewNotificationTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplatePreview> {
    const preview = await service.previewTemplate(ctx, ctx.services.config.mail.publicUrl, input);
    if ("mail" in preview) return Object.assign(new NotificationTemplatePreview(), { ...preview.mail, problems: [] });
    const problems = preview.problems.map(toTemplateProblem);
    return Object.assign(new NotificationTemplatePreview(), { subject: null, text: null, html: null, problems });
  }

  @FieldResolver(() => [NotificationTemplateVersion], {
    description: "Versions, newest first: the 50 newest, and the published one.",
  })
  @Allow(inherit)
  async versions(@Root() { row }: NotificationTemplate, @Ctx() ctx: Context): Promise<NotificationTemplateVersion[]> {
    const found = (await versionsLoader(ctx).load(row.id)) ?? [];
    return found.map((version) => toTemplateVersion(version, row.publishedNumber));
  }

  @Mutation(() => NotificationTemplatePayload, {
    description:
      "Creates a template. Messages use it after `publishNotificationTemplate`. Errors: BAD_USER_INPUT (with every problem of the template), CONFLICT (one for the kind and locale exists; idempotency key), LIMIT_EXCEEDED (1,000 templates).",
  })
  @Allow(canInTenant("notification.manage"))
  async createNotificationTemplate(
    @Arg("input", () => CreateNotificationTemplateInput) input: CreateNotificationTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplatePayload> {
    return { template: toTemplate(await service.createTemplate(ctx, input)) };
  }

  @Mutation(() => NotificationTemplatePayload, {
    description: "Adds a version to a template. The published version stays published. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(canInTenant("notification.manage"))
  async updateNotificationTemplate(
    @Arg("input", () => UpdateNotificationTemplateInput) input: UpdateNotificationTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplatePayload> {
    return { template: toTemplate(await service.updateTemplate(ctx, input)) };
  }

  @Mutation(() => NotificationTemplatePayload, {
    description:
      "Makes messages use a version of a template, also an earlier one. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT (the template has no such version).",
  })
  @Allow(canInTenant("notification.manage"))
  @RequiresRecentLogin()
  async publishNotificationTemplate(
    @Arg("input", () => PublishNotificationTemplateInput) input: PublishNotificationTemplateInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplatePayload> {
    return { template: toTemplate(await service.publishTemplate(ctx, input)) };
  }

  @Mutation(() => NotificationTemplatePayload, {
    description: "Makes messages use the next locale or the built-in template again. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("notification.manage"))
  async unpublishNotificationTemplate(
    @Arg("input", () => VersionedIdInput, { description: "The template (`ntt_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<NotificationTemplatePayload> {
    return { template: toTemplate(await service.unpublishTemplate(ctx, input)) };
  }

  @Mutation(() => SendTestNotificationPayload, {
    description:
      "Sends a version of a template to your own email address, with the values of one of your notifications or with examples. The subject begins with `[Test]`. At most one email per minute, and six per hour. Errors: NOT_FOUND, BAD_USER_INPUT (no such version, a notification of another kind, the template cannot be rendered), CONFLICT (you have no usable email address), RATE_LIMITED, SERVICE_UNAVAILABLE (this installation sends no emails).",
  })
  @Allow(canInTenant("notification.manage"))
  async sendTestNotification(
    @Arg("input", () => SendTestNotificationInput) input: SendTestNotificationInput,
    @Ctx() ctx: Context,
  ): Promise<SendTestNotificationPayload> {
    const { template, subject } = await sendTest(ctx, input);
    return { template: toTemplate(template), subject };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a template with its versions. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("notification.manage"))
  async deleteNotificationTemplate(
    @Arg("input", () => VersionedIdInput, { description: "The template (`ntt_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteTemplate(ctx, input) };
  }
}

@Resolver(() => NotificationTemplateVersion)
export class NotificationTemplateVersionResolver {
  @FieldResolver(() => User, { nullable: true, description: "User who wrote the version. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() version: NotificationTemplateVersion): EntityStub {
    return userStub(version.createdByUuid);
  }
}

export const notificationTemplateModule: SubgraphModule = {
  resolvers: { notifications: [NotificationTemplateResolver, NotificationTemplateVersionResolver] },
};
