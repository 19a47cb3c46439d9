import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { allOf, Allow, inPerson, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { RunStep } from "../../automation/run.type.js";
import { DecideAgentToolCallInput } from "./tool-call.input.js";
import { loadAgentCalls } from "./tool-call.loader.js";
import * as service from "./tool-call.service.js";
import { AgentCall, AgentToolCall, AgentToolCallPayload } from "./tool-call.type.js";

@Resolver(() => AgentToolCall)
export class AgentToolCallResolver {
  @Query(() => [AgentToolCall], {
    nullable: true,
    description: "Calls of tools that wait for your decision, longest waiting first, at most 100.",
  })
  @Allow(staff)
  awaitedAgentToolCalls(@Ctx() ctx: Context): Promise<AgentToolCall[]> {
    return service.readAwaitedToolCalls(ctx);
  }

  @Query(() => AgentToolCall, {
    nullable: true,
    description: "A call of a tool that you decide or decided about, by one of your roles. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(staff)
  agentToolCall(@Arg("id", () => ID, { description: "ID (`atc_…`)." }) id: string, @Ctx() ctx: Context): Promise<AgentToolCall> {
    return service.readToolCall(ctx, id);
  }

  @Mutation(() => AgentToolCallPayload, {
    description:
      "Decides whether an agent may call a tool. Its step then continues. Only for users with one of the roles of the tool, and not for API keys. Errors: FORBIDDEN, NOT_FOUND, BAD_USER_INPUT, CONFLICT (it does not wait any more).",
  })
  @Allow(allOf(staff, inPerson))
  async decideAgentToolCall(
    @Arg("input", () => DecideAgentToolCallInput) input: DecideAgentToolCallInput,
    @Ctx() ctx: Context,
  ): Promise<AgentToolCallPayload> {
    return { toolCall: await service.decideToolCall(ctx, input) };
  }
}

@Resolver(() => RunStep)
export class RunStepAgentCallsResolver {
  @FieldResolver(() => [AgentCall], {
    description:
      "The newest calls of models, in their order: at most 50 of a step, and 500 of a response. Empty unless the type of the step is `agent`.",
  })
  @Allow(staff)
  agentCalls(@Root() { id }: RunStep, @Ctx() ctx: Context): Promise<AgentCall[]> {
    return loadAgentCalls(ctx, decodeId("runStep", id));
  }
}

export const agentToolCallModule: SubgraphModule = { resolvers: { agents: [AgentToolCallResolver, RunStepAgentCallsResolver] } };
