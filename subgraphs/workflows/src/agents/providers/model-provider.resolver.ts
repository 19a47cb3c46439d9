import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, ID, Mutation, Query, Resolver } from "type-graphql";
import * as service from "./model-provider.service.js";
import { CreateModelProviderInput, UpdateModelProviderInput, ModelProvider, ModelProviderPayload } from "./model-provider.type.js";

@Resolver(() => ModelProvider)
export class ModelProviderResolver {
  @Query(() => [ModelProvider], { nullable: true, description: "Model providers, by name, at most 50." })
  @Allow(canInTenant("agent.read"))
  modelProviders(@Ctx() ctx: Context): Promise<ModelProvider[]> {
    return service.readModelProviders(ctx);
  }

  @Query(() => ModelProvider, { nullable: true, description: "A model provider. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("agent.read"))
  modelProvider(@Arg("id", () => ID, { description: "ID (`mdp_…`)." }) id: string, @Ctx() ctx: Context): Promise<ModelProvider> {
    return service.readModelProvider(ctx, id);
  }

  @Mutation(() => ModelProviderPayload, {
    description:
      "Creates a model provider. With a secret, it also requires `secret.use`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a key that is taken), URL_FORBIDDEN, FORBIDDEN, LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("agent.manage"))
  @RequiresRecentLogin()
  async createModelProvider(
    @Arg("input", () => CreateModelProviderInput) input: CreateModelProviderInput,
    @Ctx() ctx: Context,
  ): Promise<ModelProviderPayload> {
    return { modelProvider: await service.createModelProvider(ctx, input) };
  }

  @Mutation(() => ModelProviderPayload, {
    description:
      "Changes a model provider. Steps that have begun continue with it as it was. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, URL_FORBIDDEN, FORBIDDEN.",
  })
  @Allow(canInTenant("agent.manage"))
  @RequiresRecentLogin()
  async updateModelProvider(
    @Arg("input", () => UpdateModelProviderInput) input: UpdateModelProviderInput,
    @Ctx() ctx: Context,
  ): Promise<ModelProviderPayload> {
    return { modelProvider: await service.updateModelProvider(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a model provider that no agent uses. Errors: NOT_FOUND, CONFLICT (also while agents use it).",
  })
  @Allow(canInTenant("agent.manage"))
  async deleteModelProvider(
    @Arg("input", () => VersionedIdInput, { description: "The provider." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteModelProvider(ctx, input) };
  }
}

export const modelProviderModule: SubgraphModule = { resolvers: { agents: [ModelProviderResolver] } };
