import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import * as service from "./agent.service.js";
import { CreateAgentInput, UpdateAgentInput, Agent, AgentPrice, AgentPayload } from "./agent.type.js";
import { knownPriceOf } from "./prices.js";
import { loadModelProvider } from "./providers/model-provider.loader.js";
import { ModelProvider } from "./providers/model-provider.type.js";

@Resolver(() => Agent)
export class AgentResolver {
  @Query(() => [Agent], { nullable: true, description: "Agents, by name, at most 200." })
  @Allow(canInTenant("agent.read"))
  agents(@Ctx() ctx: Context): Promise<Agent[]> {
    return service.readAgents(ctx);
  }

  @Query(() => Agent, { nullable: true, description: "An agent. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("agent.read"))
  agent(@Arg("id", () => ID, { description: "ID (`agt_…`)." }) id: string, @Ctx() ctx: Context): Promise<Agent> {
    return service.readAgent(ctx, id);
  }

  @Mutation(() => AgentPayload, {
    description:
      "Creates an agent. If a tool sends a secret, it also requires `secret.use`. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (such as a key that is taken, an invalid schema, an unknown provider), URL_FORBIDDEN, FORBIDDEN, LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("agent.manage"))
  @RequiresRecentLogin()
  async createAgent(@Arg("input", () => CreateAgentInput) input: CreateAgentInput, @Ctx() ctx: Context): Promise<AgentPayload> {
    return { agent: await service.createAgent(ctx, input) };
  }

  @Mutation(() => AgentPayload, {
    description:
      "Changes an agent. Steps that have begun continue with it as it was. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT, URL_FORBIDDEN, FORBIDDEN.",
  })
  @Allow(canInTenant("agent.manage"))
  @RequiresRecentLogin()
  async updateAgent(@Arg("input", () => UpdateAgentInput) input: UpdateAgentInput, @Ctx() ctx: Context): Promise<AgentPayload> {
    return { agent: await service.updateAgent(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes an agent. What it has done is kept, and steps that have begun continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("agent.manage"))
  async deleteAgent(
    @Arg("input", () => VersionedIdInput, { description: "The agent." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteAgent(ctx, input) };
  }

  @FieldResolver(() => ModelProvider, { description: "Its provider." })
  @Allow(inherit)
  provider(@Root() { providerUuid }: Agent, @Ctx() ctx: Context): Promise<ModelProvider> {
    return loadModelProvider(ctx, providerUuid);
  }

  @FieldResolver(() => AgentPrice, {
    nullable: true,
    description:
      "What its calls cost, from now on. Null if the price of the model is unknown: then the cost is unknown too, and cannot be limited.",
  })
  @Allow(inherit)
  async price(@Root() { model, providerUuid }: Agent, @Ctx() ctx: Context): Promise<AgentPrice | null> {
    const { prices } = await loadModelProvider(ctx, providerUuid);
    const known = knownPriceOf(model, Object.fromEntries(prices.map((price) => [price.model, price])));
    return known && { inputMicros: known.inputMicros, outputMicros: known.outputMicros, listedAt: known.listedAt };
  }
}

export const agentModule: SubgraphModule = { resolvers: { agents: [AgentResolver] } };
