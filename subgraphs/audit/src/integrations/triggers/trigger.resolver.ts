import type { Context } from "@weft/api/context";
import { DeletePayload, IdInput, VersionedIdInput } from "@weft/api/inputs";
import { allOf, Allow, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../../nodes/entity.type.js";
import { integrationLoader } from "../integration.loader.js";
import { Integration } from "../integration.type.js";
import { openedError } from "./trigger.loader.js";
import * as service from "./trigger.service.js";
import {
  IntegrationTrigger,
  IntegrationTriggerPayload,
  CreateIntegrationTriggerInput,
  UpdateIntegrationTriggerInput,
} from "./trigger.type.js";

@Resolver(() => IntegrationTrigger)
export class IntegrationTriggerResolver {
  @Query(() => IntegrationTrigger, {
    nullable: true,
    description: "A trigger of an integration. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(canInTenant("integration.read"))
  integrationTrigger(@Arg("id", () => ID, { description: "ID (`itr_…`)." }) id: string, @Ctx() ctx: Context): Promise<IntegrationTrigger> {
    return service.readTrigger(ctx, id);
  }

  @Mutation(() => IntegrationTriggerPayload, {
    description:
      "Creates a trigger of an integration: Weft asks the system at an interval what is new, and publishes each item as a custom event in your name. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT (no such trigger, a configuration that does not match its schema, interval, event type, expressions), FORBIDDEN (you cannot publish events), LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("integration.manage"), inPerson))
  @RequiresRecentLogin()
  async createIntegrationTrigger(
    @Arg("input", () => CreateIntegrationTriggerInput) input: CreateIntegrationTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationTriggerPayload> {
    return { trigger: await service.createTrigger(ctx, input) };
  }

  @Mutation(() => IntegrationTriggerPayload, {
    description:
      "Changes, pauses or resumes a trigger of an integration. From then on it publishes events in your name, unless you change only its status. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, FORBIDDEN (you cannot publish events).",
  })
  @Allow(allOf(canInTenant("integration.manage"), inPerson))
  @RequiresRecentLogin()
  async updateIntegrationTrigger(
    @Arg("input", () => UpdateIntegrationTriggerInput) input: UpdateIntegrationTriggerInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationTriggerPayload> {
    return { trigger: await service.updateTrigger(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a trigger of an integration. Published events stay in the log. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("integration.manage"))
  async deleteIntegrationTrigger(
    @Arg("input", () => VersionedIdInput, { description: "The trigger." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteTrigger(ctx, input) };
  }

  @Mutation(() => IntegrationTriggerPayload, {
    description:
      "Polls a trigger now, for example to try it. The poll runs in the background; read the trigger again for its result. Errors: NOT_FOUND, CONFLICT (it is paused).",
  })
  @Allow(canInTenant("integration.manage"))
  async pollIntegrationTrigger(
    @Arg("input", () => IdInput, { description: "The trigger." }) input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<IntegrationTriggerPayload> {
    return { trigger: await service.pollTrigger(ctx, input) };
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration." })
  @Allow(inherit)
  integration(@Root() { integrationUuid }: IntegrationTrigger, @Ctx() ctx: Context): Promise<Integration | null> {
    return integrationLoader(ctx).load(integrationUuid);
  }

  @FieldResolver(() => String, { nullable: true, description: "Last error of a poll or an item." })
  @Allow(inherit)
  lastError(@Root() trigger: IntegrationTrigger, @Ctx() ctx: Context): Promise<string | null> {
    return openedError(ctx, trigger);
  }

  @FieldResolver(() => User, { nullable: true, description: "User in whose name it publishes events. Null if you cannot see the user." })
  @Allow(inherit)
  actsAs(@Root() { actsAsUuid }: IntegrationTrigger): EntityStub {
    return userStub(actsAsUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User who created it. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: IntegrationTrigger): EntityStub {
    return userStub(createdByUuid);
  }
}

export const integrationTriggerModule: SubgraphModule = { resolvers: { integrations: [IntegrationTriggerResolver] } };
