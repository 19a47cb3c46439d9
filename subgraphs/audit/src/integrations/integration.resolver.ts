import { connectors } from "@weft/connectors";
import { integrations as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField, timeField } from "@weft/api/filters";
import { DeletePayload, IdInput, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../nodes/entity.type.js";
import * as service from "./integration.service.js";
import type { IntegrationRow } from "./integration.store.js";
import {
  Connector,
  Integration,
  IntegrationConnection,
  IntegrationHealth,
  IntegrationStatus,
  toConnector,
  IntegrationPayload,
  CreateIntegrationInput,
  UpdateIntegrationInput,
} from "./integration.type.js";
import { loadTriggersOf } from "./triggers/trigger.loader.js";
import { IntegrationTrigger } from "./triggers/trigger.type.js";

const { integrations } = tables;

const IntegrationFilter = filterInput("IntegrationFilter", {
  key: textField(integrations.key, "Key."),
  name: textField(integrations.name, "Name."),
  connector: textField(integrations.connector, "Key of the connector."),
  status: enumField("IntegrationStatus", IntegrationStatus, integrations.status, "Whether calls are sent, and triggers polled."),
  health: enumField("IntegrationHealth", IntegrationHealth, integrations.health, "Result of the last check, call or poll."),
  createdAt: timeField(integrations.createdAt, "Creation time."),
});

const IntegrationOrder = orderByInput<IntegrationRow, "KEY" | "NAME" | "CREATED_AT">("IntegrationOrder", {
  KEY: { column: integrations.key, valueOf: (row) => row.key },
  NAME: { column: integrations.name, valueOf: (row) => row.name },
  CREATED_AT: { column: integrations.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => Integration)
export class IntegrationResolver {
  @Query(() => [Connector], { nullable: true, description: "Kinds of systems that integrations can connect to, with their schemas." })
  @Allow(canInTenant("integration.read"))
  connectors(): Connector[] {
    return connectors.map(toConnector);
  }

  @Query(() => Integration, { nullable: true, description: "An integration. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("integration.read"))
  integration(@Arg("id", () => ID, { description: "ID (`itg_…`)." }) id: string, @Ctx() ctx: Context): Promise<Integration> {
    return service.readIntegration(ctx, id);
  }

  @Query(() => IntegrationConnection, { nullable: true, description: "Integrations, by name by default. Errors: BAD_USER_INPUT." })
  @Allow(canInTenant("integration.read"))
  integrations(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => IntegrationFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => IntegrationOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<Integration>> {
    return tablePage(ctx, {
      list: "integrations",
      args,
      table: integrations,
      where: IntegrationFilter.toSql(filter, "filter", ctx.viewer),
      orderBy: IntegrationOrder.resolve(orderBy, ["NAME", "ASC"]),
      toNode: service.shownIntegration,
    });
  }

  @Mutation(() => IntegrationPayload, {
    description:
      "Creates an integration. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (a key that is taken, a configuration that does not match its schema, a destination in a private network), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("integration.manage"))
  @RequiresRecentLogin()
  async createIntegration(
    @Arg("input", () => CreateIntegrationInput) input: CreateIntegrationInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationPayload> {
    return { integration: await service.createIntegration(ctx, input) };
  }

  @Mutation(() => IntegrationPayload, {
    description:
      "Changes, pauses or resumes an integration. With another configuration or other credentials, its triggers publish events in your name. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN (it has triggers, and you may not publish events, or use an API key).",
  })
  @Allow(canInTenant("integration.manage"))
  @RequiresRecentLogin()
  async updateIntegration(
    @Arg("input", () => UpdateIntegrationInput) input: UpdateIntegrationInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationPayload> {
    return { integration: await service.updateIntegration(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes an integration, its triggers and its calls. Pending calls are not sent any more. Errors: NOT_FOUND, CONFLICT (changed meanwhile; workflow instances wait for results of its calls).",
  })
  @Allow(canInTenant("integration.manage"))
  async deleteIntegration(
    @Arg("input", () => VersionedIdInput, { description: "The integration." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteIntegration(ctx, input) };
  }

  @Mutation(() => IntegrationPayload, {
    description:
      "Checks whether the system can be reached with the credentials, without changing anything there. The result is in `health` and `lastError`. Errors: NOT_FOUND.",
  })
  @Allow(canInTenant("integration.manage"))
  async checkIntegration(
    @Arg("input", () => IdInput, { description: "The integration." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationPayload> {
    return { integration: await service.checkIntegration(ctx, input) };
  }

  @FieldResolver(() => [IntegrationTrigger], { description: "Its triggers, at most 20, in the order of their creation." })
  @Allow(inherit)
  triggers(@Root() { uuid }: Integration, @Ctx() ctx: Context): Promise<IntegrationTrigger[]> {
    return loadTriggersOf(ctx, uuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "Creator. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() integration: Integration): EntityStub {
    return userStub(integration.createdByUuid);
  }
}

export const integrationModule: SubgraphModule = { resolvers: { integrations: [IntegrationResolver] } };
