import type { JsonObject } from "@weft/engine";

/** What ends an agent's work for a step, or for a tool call of another agent. */
export interface AgentLimits {
  /** Number of calls of its model. */
  readonly turns: number;
  /** Tokens of all its calls, in and out. */
  readonly tokens: number | null;
  /** Millionths of a US dollar, of all its calls and those of the agents that it uses. */
  readonly costMicros: number | null;
  /** Time that its calls and tools take together. Waiting for approvals does not count. */
  readonly seconds: number;
  /** Tokens of one answer. */
  readonly outputTokens: number;
}

interface ToolOf {
  /** Name by which the model calls it. */
  readonly name: string;
  readonly description: string;
  /** Keys of the roles whose users decide about each call. Empty: nobody has to. */
  readonly approvalRoles: readonly string[];
}

/** Sends an HTTP request. Its host and path are those of the definition; arguments only fill in values. */
export interface HttpTool extends ToolOf {
  readonly kind: "HTTP";
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `{names}` of parameters in the path or query. */
  readonly url: string;
  /** JSON Schema of the arguments. */
  readonly parameters: JsonObject;
  /** Name of the secret that is sent as a bearer token. */
  readonly secret: string | null;
}

/** Asks another agent. */
export interface AgentTool extends ToolOf {
  readonly kind: "AGENT";
  /** Key of the agent. */
  readonly agent: string;
}

/** Runs an operation of this API. Its text is that of the definition; arguments are the values of its variables. */
export interface GraphqlTool extends ToolOf {
  readonly kind: "GRAPHQL";
  /** One query or mutation. */
  readonly query: string;
  /** JSON Schema of the variables. */
  readonly parameters: JsonObject;
}

export type Tool = HttpTool | AgentTool | GraphqlTool;

/** Prices in millionths of a US dollar for a million tokens. */
export interface Price {
  readonly inputMicros: number;
  readonly outputMicros: number;
}

export type ProviderKind = "OPENAI_COMPATIBLE" | "ANTHROPIC";

/** An agent and its provider as they are when work begins. Stored with the work, so that later changes do not affect it. */
export interface UsedAgent {
  readonly id: string;
  readonly key: string;
  readonly version: number;
  readonly model: string;
  readonly instructions: string;
  readonly outputSchema: JsonObject | null;
  readonly tools: readonly Tool[];
  readonly limits: AgentLimits;
  /** The user who last changed what it does, and what its tools can use of the API. Absent: an earlier release began the work. */
  readonly rights?: { readonly authorId: string; readonly permissions: readonly string[] };
  readonly provider: {
    /** Absent: an earlier release began the work. */
    readonly id?: string;
    readonly key: string;
    readonly version: number;
    readonly kind: ProviderKind;
    readonly baseUrl: string;
    /** Name of the secret that contains the API key. */
    readonly secret: string | null;
  };
  /** Null: unknown. */
  readonly price: Price | null;
}

/** Arguments of every tool that asks another agent. */
export const AGENT_PARAMETERS: JsonObject = {
  type: "object",
  properties: { prompt: { type: "string", minLength: 1, maxLength: 100_000, description: "What the agent has to do." } },
  required: ["prompt"],
  additionalProperties: false,
};

export const parametersOf = (tool: Tool): JsonObject => (tool.kind === "AGENT" ? AGENT_PARAMETERS : tool.parameters);
