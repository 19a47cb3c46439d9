import { integrations as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, idField, textField, timeField } from "@weft/api/filters";
import { IdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { JsonScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf, User, userStub } from "../../nodes/entity.type.js";
import { Node } from "../../nodes/node.type.js";
import { integrationLoader } from "../integration.loader.js";
import { Integration } from "../integration.type.js";
import { inputField, resultField } from "./call-parts.js";
import { openedText } from "./call.loader.js";
import * as service from "./call.service.js";
import type { CallRow } from "./call.store.js";
import {
  IntegrationCall,
  IntegrationCallConnection,
  IntegrationCallStatus,
  toIntegrationCall,
  IntegrationCallPayload,
  CallIntegrationInput,
} from "./call.type.js";

const { integrationCalls: calls } = tables;

const IntegrationCallFilter = filterInput("IntegrationCallFilter", {
  integrationId: idField("integration", calls.integrationId, "Integration."),
  integrationKey: textField(calls.integrationKey, "Key of the integration."),
  instanceId: idField("instance", calls.instanceId, "Workflow instance that made the call."),
  action: textField(calls.action, "Key of the action."),
  status: enumField("IntegrationCallStatus", IntegrationCallStatus, calls.status, "Current status."),
  createdAt: timeField(calls.createdAt, "Creation time."),
});

const IntegrationCallOrder = orderByInput<CallRow, "CREATED_AT">("IntegrationCallOrder", {
  CREATED_AT: { column: calls.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => IntegrationCall)
export class IntegrationCallResolver {
  @Query(() => IntegrationCall, { nullable: true, description: "A call of an integration. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("integration.read"))
  async integrationCall(@Arg("id", () => ID, { description: "ID (`icl_…`)." }) id: string, @Ctx() ctx: Context): Promise<IntegrationCall> {
    return toIntegrationCall(await service.readCall(ctx, id));
  }

  @Query(() => IntegrationCallConnection, {
    nullable: true,
    description: "Calls of integrations, newest first by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("integration.read"))
  integrationCalls(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => IntegrationCallFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => IntegrationCallOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<IntegrationCall>> {
    return tablePage(ctx, {
      list: "integrationCalls",
      args,
      table: calls,
      where: IntegrationCallFilter.toSql(filter, "filter", ctx.viewer),
      orderBy: IntegrationCallOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toIntegrationCall,
    });
  }

  @Mutation(() => IntegrationCallPayload, {
    description:
      "Calls an action of an integration, for example to try it. The call is sent in the background; read it again for its result. Errors: NOT_FOUND, BAD_USER_INPUT (no such action, an input that does not match its schema), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("integration.manage"))
  async callIntegration(
    @Arg("input", () => CallIntegrationInput) input: CallIntegrationInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationCallPayload> {
    return { call: toIntegrationCall(await service.callIntegration(ctx, input)) };
  }

  @Mutation(() => IntegrationCallPayload, {
    description:
      "Sends a call again that is FAILED, UNKNOWN, DEAD, or EXPIRED. If an UNKNOWN or EXPIRED call was carried out, it is carried out twice, unless the system recognizes its ID. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("integration.manage"))
  async retryIntegrationCall(
    @Arg("input", () => IdInput, { description: "The call." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationCallPayload> {
    return { call: toIntegrationCall(await service.retryCall(ctx, input)) };
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration. Null if there was none with this key." })
  @Allow(inherit)
  integration(@Root() { integrationUuid }: IntegrationCall, @Ctx() ctx: Context): Promise<Integration | null> | null {
    return integrationUuid === null ? null : integrationLoader(ctx).load(integrationUuid);
  }

  @FieldResolver(() => JsonScalar, { description: "Input of the action." })
  @Allow(inherit)
  input(@Root() { uuid, sealedInput }: IntegrationCall, @Ctx() ctx: Context): Promise<unknown> {
    return openedText(ctx, { field: inputField(uuid), value: sealedInput });
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description:
      "Result of the action. Null until the call succeeds. A result over 512 KiB, or one that is nested too deeply, is not kept: it is `{ isOmitted, bytes }`.",
  })
  @Allow(inherit)
  result(@Root() { uuid, sealedResult }: IntegrationCall, @Ctx() ctx: Context): Promise<unknown> | null {
    return sealedResult === null ? null : openedText(ctx, { field: resultField(uuid), value: sealedResult });
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "Workflow instance that made the call. Null if a user made it, or you cannot see the instance.",
  })
  @Allow(inherit)
  instance(@Root() { instanceUuid }: IntegrationCall): EntityStub | null {
    return instanceUuid === null ? null : stubOf("instance", instanceUuid);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: "User who made the call. Null if a workflow made it, or you cannot see the user.",
  })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: IntegrationCall): EntityStub | null {
    return createdByUuid === null ? null : userStub(createdByUuid);
  }
}

export const integrationCallModule: SubgraphModule = { resolvers: { integrations: [IntegrationCallResolver] } };
