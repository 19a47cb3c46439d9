import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Services that run language models. */
export const modelProviders = workflowsSchema.table(
  "model_providers",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    /** OPENAI_COMPATIBLE | ANTHROPIC */
    kind: text("kind").notNull(),
    baseUrl: text("base_url").notNull(),
    /** Name of the secret that contains its API key. */
    secret: text("secret"),
    prices: jsonb("prices").notNull().$type<Record<string, unknown>>().default({}),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const modelProvidersFacts = facts(modelProviders, {
  public: "key name kind base_url secret prices",
  app: ["select", "insert", "update(name,base_url,secret,prices,version,updated_at)", "delete"],
});

/** Language models with instructions, tools and limits. */
export const agents = workflowsSchema.table(
  "agents",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    providerId: uuid("provider_id").notNull(),
    model: text("model").notNull(),
    instructions: text("instructions").notNull(),
    outputSchema: jsonb("output_schema").$type<Record<string, unknown>>(),
    tools: jsonb("tools").notNull().$type<readonly unknown[]>().default([]),
    limits: jsonb("limits").notNull().$type<Record<string, unknown>>(),
    /** ACTIVE | INACTIVE */
    status: text("status").notNull().default("ACTIVE"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** What its tools can use of the API. */
    permissions: text("permissions").array().notNull().default([]),
    /** The user who last changed what it does. */
    authorId: uuid("author_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const agentsFacts = facts(agents, {
  public: "key name model instructions output_schema tools limits status permissions",
  app: [
    "select",
    "insert",
    "update(name,provider_id,model,instructions,output_schema,tools,limits,status,version,updated_at,permissions,author_id)",
    "delete",
  ],
});

/** The work of an agent for a step of a run, or for a tool call of another agent. */
export const agentSessions = workflowsSchema.table(
  "agent_sessions",
  {
    tenantId: tenantId(),
    id: id(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    isCompensation: boolean("is_compensation").notNull(),
    parentId: uuid("parent_id"),
    depth: integer("depth").notNull(),
    definitionId: uuid("definition_id").notNull(),
    agentId: uuid("agent_id").notNull(),
    agentKey: text("agent_key").notNull(),
    agentVersion: integer("agent_version").notNull(),
    agent: jsonb("agent").notNull(),
    prompt: text("prompt").notNull(),
    /** What the usage of the run contains of the step. */
    counted: jsonb("counted").notNull().default({}).$type<{ tokensIn?: number; tokensOut?: number; costMicros?: number }>(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const agentSessionsFacts = facts(agentSessions, {
  public: "step is_compensation depth agent_key agent_version agent prompt counted",
  // What an agent was asked, and what it is, never change. Deleted with their run, by the foreign key, as are the calls.
  app: ["select", "insert", "update(counted)"],
});

/** Calls of models. */
export const agentCalls = workflowsSchema.table(
  "agent_calls",
  {
    tenantId: tenantId(),
    id: id(),
    sessionId: uuid("session_id").notNull(),
    turn: integer("turn").notNull(),
    /** BEGUN | ANSWERED | FAILED | LOST */
    status: text("status").notNull().default("BEGUN"),
    agentId: uuid("agent_id").notNull(),
    model: text("model").notNull(),
    requestHash: text("request_hash").notNull(),
    response: jsonb("response"),
    tokensIn: integer("tokens_in"),
    tokensOut: integer("tokens_out"),
    isEstimated: boolean("is_estimated").notNull().default(false),
    costMicros: bigint("cost_micros", { mode: "number" }),
    /** What it can cost at most. */
    reservedMicros: bigint("reserved_micros", { mode: "number" }),
    error: jsonb("error"),
    durationMs: integer("duration_ms"),
    startedAt: at("started_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const agentCallsFacts = facts(agentCalls, {
  public: `
    turn status model request_hash response tokens_in tokens_out is_estimated cost_micros reserved_micros error duration_ms started_at
    finished_at`,
  app: ["select", "insert", "update(status,response,tokens_in,tokens_out,is_estimated,cost_micros,error,duration_ms,finished_at)"],
});

/** Tools that models have called. */
export const agentToolCalls = workflowsSchema.table(
  "agent_tool_calls",
  {
    tenantId: tenantId(),
    id: id(),
    sessionId: uuid("session_id").notNull(),
    callId: uuid("call_id").notNull(),
    position: integer("position").notNull(),
    modelCallId: text("model_call_id").notNull(),
    tool: text("tool").notNull(),
    arguments: jsonb("arguments").notNull(),
    /** PENDING | AWAITING_APPROVAL | APPROVED | REFUSED | SUCCEEDED | FAILED */
    status: text("status").notNull(),
    approvalRoles: text("approval_roles").array().notNull().default([]),
    expiresAt: at("expires_at"),
    decidedBy: uuid("decided_by"),
    decidedAt: at("decided_at"),
    reason: text("reason"),
    result: jsonb("result"),
    durationMs: integer("duration_ms"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const agentToolCallsFacts = facts(agentToolCalls, {
  public: "position model_call_id tool arguments status approval_roles expires_at decided_at result duration_ms finished_at",
  personal: { decided_by: "reason" },
  app: ["select", "insert", "update(status,decided_by,decided_at,reason,result,duration_ms,version,finished_at)"],
});
