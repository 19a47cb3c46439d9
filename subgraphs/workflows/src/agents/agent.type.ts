import type { agents as tables } from "@weft/drizzle";
import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { Allow, canInTenant, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import { Field, Float, ObjectType, registerEnumType } from "type-graphql";
import type { AgentLimits as Limits, Tool } from "./agent-definition.js";
import * as commonColumns from "../common-columns.js";

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

const toolColumns = columns({
  kind: column.of(() => AgentToolKind, "Kind."),
  name: column.text("Name by which the model calls it.", {
    created: "Name by which the model calls it: letters, digits, and underscores (at most 64).",
  }),
  description: column.text("What it does, for the model.", { created: "What it does, for the model (1 to 2,000 characters)." }),
  approvalRoles: column.texts("Keys of the roles whose users decide about each call.", {
    shown: "Keys of the roles whose users decide about each call. Empty if nobody has to.",
    created: "Keys of the roles whose users decide about each call, at most 10. Omitted: nobody has to.",
    optional: true,
  }),
  method: column.of(() => AgentToolMethod, "Method of an HTTP tool. Default: GET.", {
    shown: "Method. Null unless the kind is HTTP.",
    nullable: true,
  }),
  url: column.text("URL of an HTTP tool.", {
    shown: "URL with `{names}` of parameters. Null unless the kind is HTTP.",
    created:
      "URL of an HTTP tool, with `{names}` of parameters in its path or query. Other arguments become query parameters, or the JSON body.",
    nullable: true,
  }),
  parameters: column.json("JSON Schema of the arguments.", {
    shown: "JSON Schema of the arguments. Null if the kind is AGENT.",
    created:
      "JSON Schema of the arguments of an HTTP tool. For a GRAPHQL tool, that of variables whose types are not built-in scalars or DateTime, and of others that need a description or narrower values.",
    nullable: true,
  }),
  secret: column.text("Name of the secret that an HTTP tool sends as a bearer token.", {
    shown: "Name of the secret that is sent as a bearer token. Null if none is sent.",
    nullable: true,
  }),
  agent: column.text("Key of the agent that an AGENT tool asks.", {
    shown: "Key of the agent that it asks. Null unless the kind is AGENT.",
    nullable: true,
  }),
  query: column.text("Query or mutation of a GRAPHQL tool.", {
    shown: "Query or mutation, whose variables are the arguments. Null unless the kind is GRAPHQL.",
    created: "Query or mutation of a GRAPHQL tool (at most 20,000 characters). The model gives only the values of its variables.",
    nullable: true,
  }),
});

@ShowColumns(toolColumns)
@ObjectType({ description: "A tool of an agent. The model decides when to call it, and with which arguments." })
@Allow(inherit)
export class AgentTool extends shapeOf(toolColumns) {}

export const AgentToolInput = createInputOf("AgentToolInput", toolColumns, "A tool of an agent.");
export type AgentToolInput = InstanceType<typeof AgentToolInput>;

const limitColumns = columns({
  turns: column.int("Number of answers of its model.", {
    created: "Number of answers of its model (1 to 200). Default: 20.",
    optional: true,
  }),
  tokens: column.int("Tokens of all calls, in and out.", {
    shown: "Tokens of all calls, in and out, with those of agents that it asks. Null: no limit.",
    created: "Tokens of all calls, in and out. Default: no limit.",
    nullable: true,
  }),
  costMicros: column.float("Cost of all calls.", {
    shown: "Cost of all calls, with those of agents that it asks, in millionths of a US dollar. Null: no limit.",
    created: "Cost of all calls in millionths of a US dollar. Models whose price is unknown are then refused. Default: no limit.",
    nullable: true,
  }),
  seconds: column.int("Time of its calls and tools together, in seconds (1 to 3,600). Default: 900.", {
    shown: "Time that its calls and tools take together. Waiting for approvals does not count.",
    optional: true,
  }),
  outputTokens: column.int("Tokens of one answer.", {
    created: "Tokens of one answer (1 to 200,000). Default: 4,096.",
    optional: true,
  }),
});

@ShowColumns(limitColumns)
@ObjectType({ description: "What ends the work of an agent on a step." })
@Allow(inherit)
export class AgentLimits extends shapeOf(limitColumns) {}

export const AgentLimitsInput = createInputOf("AgentLimitsInput", limitColumns, "What ends the work of an agent on a step.");
export type AgentLimitsInput = InstanceType<typeof AgentLimitsInput>;

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

export const agentColumns = columns({
  ...commonColumns.id("ID (`agt_…`).", "The agent."),
  ...commonColumns.readVersion,
  key: column.text("Key, unique in the tenant. Steps reference it.", {
    created: "Key, unique in the tenant: words of lower-case letters and digits, joined by hyphens. Cannot be changed.",
    updated: false,
  }),
  name: column.text("Name.", { max: 200, updated: "New name (1 to 200 characters)." }),
  providerId: column.id("Its provider. See `createModelProvider`.", { shown: false, updated: "New provider." }),
  model: column.text("Model, as the provider calls it.", {
    max: 200,
    shown: "Model, as its provider calls it.",
    updated: "New model (1 to 200 characters).",
  }),
  instructions: column.text("Instructions, which the model reads before everything else.", {
    max: 50_000,
    hasLines: true,
    created: "Instructions (1 to 50,000 characters).",
    updated: "New instructions (1 to 50,000 characters).",
  }),
  outputSchema: column.json("JSON Schema of its answer.", {
    shown: "JSON Schema of its answer. Null: it answers with text.",
    created: "JSON Schema of its answer, an object. Omitted: it answers with text.",
    updated: "New JSON Schema of its answer. Null: it answers with text.",
    nullable: true,
  }),
  tools: column.pair(
    () => [AgentTool],
    () => [AgentToolInput],
    "Tools, at most 32.",
    {
      shown: "Tools.",
      updated: "New tools, which replace all of the previous ones.",
      optional: true,
    },
  ),
  permissions: column.texts("Permissions that its GRAPHQL tools can use.", {
    shown:
      "Permissions that its GRAPHQL tools can use. They have each only as far as the owner of the instance, the publisher of its definition, and the user who last changed the agent have it too.",
    created: "Permissions that its GRAPHQL tools can use, at most 50. You need each of them in scope TENANT. Omitted: none.",
    updated: "New permissions, which replace all of the previous ones. You need each of them in scope TENANT.",
    optional: true,
  }),
  limits: column.pair(
    () => AgentLimits,
    () => AgentLimitsInput,
    "Limits.",
    {
      shown: "Limits of its work on a step.",
      updated: "New limits, which replace all of the previous ones.",
      optional: true,
    },
  ),
  status: column.of(() => AgentStatus, "Whether steps can use it.", { created: false }),
  ...standardColumns.idempotencyKey,
  ...column.shownOnly({
    version: column.int("Version number, incremented on every change. Steps use the version that is current when they begin."),
  }),
  ...standardColumns.times,
});

@ShowColumns(agentColumns)
@ObjectType({ description: "A language model with instructions, tools and limits. Steps of the type `agent` let it work." })
@Allow(canInTenant("agent.read"))
export class Agent extends shapeOf(agentColumns) {
  /** UUID, for the field resolver. */
  providerUuid!: string;
}

export const CreateAgentInput = createInputOf("CreateAgentInput", agentColumns);
export type CreateAgentInput = InstanceType<typeof CreateAgentInput>;

export const UpdateAgentInput = updateInputOf("UpdateAgentInput", agentColumns);
export type UpdateAgentInput = InstanceType<typeof UpdateAgentInput>;

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
export const toAgent = (row: AgentRow): Agent =>
  Object.assign(new Agent(), agentColumns.shown(row), {
    id: encodeId("agent", row.id),
    status: row.status as AgentStatus,
    tools: (row.tools as readonly Tool[]).map(toTool),
    limits: Object.assign(new AgentLimits(), row.limits as unknown as Limits),
    providerUuid: row.providerId,
  });

export const AgentPayload = payloadOf(Agent, "agent");
export type AgentPayload = InstanceType<typeof AgentPayload>;
