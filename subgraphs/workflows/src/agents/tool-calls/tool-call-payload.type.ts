import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { AgentToolCall } from "./tool-call.type.js";

@ObjectType({ description: "Payload of a mutation that returns an agent tool call." })
@Allow(inherit)
export class AgentToolCallPayload {
  @Field(() => AgentToolCall, { description: "The agent tool call as it is after the call." })
  toolCall!: AgentToolCall;
}
