import { JsonScalar } from "@weft/shared";
import { Field, Float, ID, InputType, Int } from "type-graphql";
import { AgentStatus, AgentToolKind, AgentToolMethod } from "./agent.type.js";

@InputType({ description: "A tool of an agent." })
export class AgentToolInput {
  @Field(() => AgentToolKind, { description: "Kind." })
  kind!: AgentToolKind;

  @Field(() => String, { description: "Name by which the model calls it: letters, digits, and underscores (at most 64)." })
  name!: string;

  @Field(() => String, { description: "What it does, for the model (1 to 2,000 characters)." })
  description!: string;

  @Field(() => [String], {
    nullable: true,
    description: "Keys of the roles whose users decide about each call, at most 10. Omitted: nobody has to.",
  })
  approvalRoles?: string[] | null;

  @Field(() => AgentToolMethod, { nullable: true, description: "Method of an HTTP tool. Default: GET." })
  method?: AgentToolMethod | null;

  @Field(() => String, {
    nullable: true,
    description:
      "URL of an HTTP tool, with `{names}` of parameters in its path or query. Other arguments become query parameters, or the JSON body.",
  })
  url?: string | null;

  @Field(() => JsonScalar, {
    nullable: true,
    description:
      "JSON Schema of the arguments of an HTTP tool. For a GRAPHQL tool, that of variables whose types are not built-in scalars or DateTime, and of others that need a description or narrower values.",
  })
  parameters?: unknown;

  @Field(() => String, { nullable: true, description: "Name of the secret that an HTTP tool sends as a bearer token." })
  secret?: string | null;

  @Field(() => String, { nullable: true, description: "Key of the agent that an AGENT tool asks." })
  agent?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Query or mutation of a GRAPHQL tool (at most 20,000 characters). The model gives only the values of its variables.",
  })
  query?: string | null;
}

@InputType({ description: "What ends the work of an agent on a step." })
export class AgentLimitsInput {
  @Field(() => Int, { nullable: true, description: "Number of answers of its model (1 to 200). Default: 20." })
  turns?: number | null;

  @Field(() => Int, { nullable: true, description: "Tokens of all calls, in and out. Default: no limit." })
  tokens?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Cost of all calls in millionths of a US dollar. Models whose price is unknown are then refused. Default: no limit.",
  })
  costMicros?: number | null;

  @Field(() => Int, { nullable: true, description: "Time of its calls and tools together, in seconds (1 to 3,600). Default: 900." })
  seconds?: number | null;

  @Field(() => Int, { nullable: true, description: "Tokens of one answer (1 to 200,000). Default: 4,096." })
  outputTokens?: number | null;
}

@InputType({ description: "Input of `createAgent`." })
export class CreateAgentInput {
  @Field(() => String, {
    description: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
  })
  key!: string;

  @Field(() => String, { description: "Name (1 to 200 characters)." })
  name!: string;

  @Field(() => ID, { description: "Its provider. See `createModelProvider`." })
  providerId!: string;

  @Field(() => String, { description: "Model, as the provider calls it (1 to 200 characters)." })
  model!: string;

  @Field(() => String, { description: "Instructions (1 to 50,000 characters)." })
  instructions!: string;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of its answer, an object. Omitted: it answers with text." })
  outputSchema?: unknown;

  @Field(() => [AgentToolInput], { nullable: true, description: "Tools, at most 32." })
  tools?: AgentToolInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "Permissions that its GRAPHQL tools can use, at most 50. You need each of them in scope TENANT. Omitted: none.",
  })
  permissions?: string[] | null;

  @Field(() => AgentLimitsInput, { nullable: true, description: "Limits." })
  limits?: AgentLimitsInput | null;

  @Field(() => String, { nullable: true, description: "Idempotency key. Repeating the call with the same key returns the first result." })
  idempotencyKey?: string | null;
}

@InputType({ description: "Input of `updateAgent`. Omitted fields keep their values." })
export class UpdateAgentInput {
  @Field(() => ID, { description: "The agent." })
  id!: string;

  @Field(() => Int, { nullable: true, description: "Version that you read. If it has changed since, the call fails with CONFLICT." })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: "New name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: "New provider." })
  providerId?: string | null;

  @Field(() => String, { nullable: true, description: "New model (1 to 200 characters)." })
  model?: string | null;

  @Field(() => String, { nullable: true, description: "New instructions (1 to 50,000 characters)." })
  instructions?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "New JSON Schema of its answer. Null: it answers with text." })
  outputSchema?: unknown;

  @Field(() => [AgentToolInput], { nullable: true, description: "New tools, which replace all of the previous ones." })
  tools?: AgentToolInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: "New permissions, which replace all of the previous ones. You need each of them in scope TENANT.",
  })
  permissions?: string[] | null;

  @Field(() => AgentLimitsInput, { nullable: true, description: "New limits, which replace all of the previous ones." })
  limits?: AgentLimitsInput | null;

  @Field(() => AgentStatus, { nullable: true, description: "Whether steps can use it." })
  status?: AgentStatus | null;
}
