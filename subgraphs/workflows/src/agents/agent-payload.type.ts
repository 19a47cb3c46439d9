import { Allow, inherit } from "@weft/shared";
import { Field, ObjectType } from "type-graphql";
import { Agent } from "./agent.type.js";

@ObjectType({ description: "Payload of a mutation that returns an agent." })
@Allow(inherit)
export class AgentPayload {
  @Field(() => Agent, { description: "The agent as it is after the call." })
  agent!: Agent;
}
