import type { agents as tables } from "@weft/drizzle";
import { Allow, canInTenant, DateTimeScalar, encodeId, inherit, JsonScalar, payloadOf } from "@weft/shared";
import { Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { AgentLimits as Limits, Tool } from "./agent-definition.js";

export type AgentRow = typeof tables.agents.$inferSelect;

export const AgentStatus = { ACTIVE: "ACTIVE", INACTIVE: "INACTIVE" } as const;
export type AgentStatus = keyof typeof AgentStatus;
registerEnumType(AgentStatus, {
  name: "AgentStatus",
  description: "Whether steps can use an agent.",
  valuesConfig: {
    ACTIVE: { description: "Steps can use it." },
    INACTIVE: { description: "Steps that would begin with it fail. Those that have begun continue." },
  },
});

export const AgentToolKind = { HTTP: "HTTP", AGENT: "AGENT", GRAPHQL: "GRAPHQL" } as const;
export type AgentToolKind = keyof typeof AgentToolKind;
registerEnumType(AgentToolKind, {
  name: "AgentToolKind",
  description: "Kinds of tools.",
  valuesConfig: {
    HTTP: { description: "Sends an HTTP request." },
    AGENT: { description: "Asks another agent, whose limits apply in addition." },
    GRAPHQL: { description: "Runs an operation of this API." },
  },
});

export const AgentToolMethod = { GET: "GET", POST: "POST", PUT: "PUT", PATCH: "PATCH", DELETE: "DELETE" } as const;
export type AgentToolMethod = keyof typeof AgentToolMethod;
registerEnumType(AgentToolMethod, {
  name: "AgentToolMethod",
  description: "Methods of HTTP tools.",
  valuesConfig: {
    GET: { description: "Reads something." },
    POST: { description: "Creates or does something." },
    PUT: { description: "Replaces something." },
    PATCH: { description: "Changes something." },
    DELETE: { description: "Deletes something." },
  },
});

@ObjectType({ description: "A tool of an agent. The model decides when to call it, and with which arguments." })
@Allow(inherit)
export class AgentTool {
  @Field(() => AgentToolKind, { description: "Kind." })
  kind!: AgentToolKind;

  @Field(() => String, { description: "Name by which the model calls it." })
  name!: string;

  @Field(() => String, { description: "What it does, for the model." })
  description!: string;

  @Field(() => [String], { description: "Keys of the roles whose users decide about each call. Empty if nobody has to." })
  approvalRoles!: readonly string[];

  @Field(() => AgentToolMethod, { nullable: true, description: "Method. Null unless the kind is HTTP." })
  method!: AgentToolMethod | null;

  @Field(() => String, { nullable: true, description: "URL with `{names}` of parameters. Null unless the kind is HTTP." })
  url!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of the arguments. Null if the kind is AGENT." })
  parameters!: unknown;

  @Field(() => String, { nullable: true, description: "Name of the secret that is sent as a bearer token. Null if none is sent." })
  secret!: string | null;

  @Field(() => String, { nullable: true, description: "Key of the agent that it asks. Null unless the kind is AGENT." })
  agent!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Query or mutation, whose variables are the arguments. Null unless the kind is GRAPHQL.",
  })
  query!: string | null;
}

@ObjectType({ description: "What ends the work of an agent on a step." })
@Allow(inherit)
export class AgentLimits {
  @Field(() => Int, { description: "Number of answers of its model." })
  turns!: number;

  @Field(() => Int, { nullable: true, description: "Tokens of all calls, in and out, with those of agents that it asks. Null: no limit." })
  tokens!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "Cost of all calls, with those of agents that it asks, in millionths of a US dollar. Null: no limit.",
  })
  costMicros!: number | null;

  @Field(() => Int, { description: "Time that its calls and tools take together. Waiting for approvals does not count." })
  seconds!: number;

  @Field(() => Int, { description: "Tokens of one answer." })
  outputTokens!: number;
}

@ObjectType({ description: "What the calls of an agent cost." })
@Allow(inherit)
export class AgentPrice {
  @Field(() => Float, { description: "Price of a million input tokens, in millionths of a US dollar." })
  inputMicros!: number;

  @Field(() => Float, { description: "Price of a million output tokens, in millionths of a US dollar." })
  outputMicros!: number;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Date of the default price that is used. Null if the prices of the provider contain the model.",
  })
  listedAt!: string | null;
}

@ObjectType({ description: "A language model with instructions, tools and limits. Steps of the type `agent` let it work." })
@Allow(canInTenant("agent.read"))
export class Agent {
  @Field(() => ID, { description: "ID (`agt_…`)." })
  id!: string;

  @Field(() => String, { description: "Key, unique in the tenant. Steps reference it." })
  key!: string;

  @Field(() => String, { description: "Name." })
  name!: string;

  @Field(() => String, { description: "Model, as its provider calls it." })
  model!: string;

  @Field(() => String, { description: "Instructions, which the model reads before everything else." })
  instructions!: string;

  @Field(() => JsonScalar, { nullable: true, description: "JSON Schema of its answer. Null: it answers with text." })
  outputSchema!: unknown;

  @Field(() => [AgentTool], { description: "Tools." })
  tools!: readonly AgentTool[];

  @Field(() => [String], {
    description:
      "Permissions that its GRAPHQL tools can use. They have each only as far as the owner of the instance, the publisher of its definition, and the user who last changed the agent have it too.",
  })
  permissions!: readonly string[];

  @Field(() => AgentLimits, { description: "Limits of its work on a step." })
  limits!: AgentLimits;

  @Field(() => AgentStatus, { description: "Whether steps can use it." })
  status!: AgentStatus;

  @Field(() => Int, { description: "Version number, incremented on every change. Steps use the version that is current when they begin." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  /** UUID, for the field resolver. */
  providerUuid!: string;
}

function toTool(tool: Tool): AgentTool {
  const { kind, name, description, approvalRoles } = tool;
  const http = tool.kind === "HTTP" ? tool : null;
  return Object.assign(new AgentTool(), {
    kind,
    name,
    description,
    approvalRoles,
    method: http?.method ?? null,
    url: http?.url ?? null,
    parameters: tool.kind === "AGENT" ? null : tool.parameters,
    secret: http?.secret ?? null,
    agent: tool.kind === "AGENT" ? tool.agent : null,
    query: tool.kind === "GRAPHQL" ? tool.query : null,
  });
}

/** Converts a row to its API type. */
export function toAgent(row: AgentRow): Agent {
  const { id, providerId, createdBy: _createdBy, authorId: _authorId, tenantId: _tenantId, status, tools, limits, ...shown } = row;
  return Object.assign(new Agent(), shown, {
    id: encodeId("agent", id),
    status: status as AgentStatus,
    tools: (tools as readonly Tool[]).map(toTool),
    limits: Object.assign(new AgentLimits(), limits as unknown as Limits),
    providerUuid: providerId,
  });
}

export const AgentPayload = payloadOf(Agent, "agent");
export type AgentPayload = InstanceType<typeof AgentPayload>;
