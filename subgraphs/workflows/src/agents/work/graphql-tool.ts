import { Buffer } from "node:buffer";
import type { Json, JsonObject } from "@weft/engine";
import type { AgentRights } from "@weft/api/step-operations";
import { runOperation } from "../../automation/performers/graphql.js";
import type { StepContext } from "../../automation/performers/performer.js";
import type { GraphqlTool } from "../agent-definition.js";
import { toolFailure, type ToolResult } from "./http-tool.js";

/** Bytes of a result that the model reads. */
const MAX_BYTES = 64 * 1024;
/** Longer than a gateway takes, and than tenants wait for the next minute. */
const TIMEOUT_MS = 120_000;

export interface GraphqlToolCall {
  readonly tool: GraphqlTool;
  /** Matches the schema of the tool's parameters. */
  readonly args: JsonObject;
  readonly rights: AgentRights;
  readonly idempotencyKey: string;
}

/**
 * Runs the operation of a tool. Its text is the author's; the model has only given values of variables, which the API checks as those of any client.
 * @returns null if the work was stopped: whether the tool was done is unknown
 */
export async function callGraphqlTool(context: StepContext, call: GraphqlToolCall): Promise<ToolResult | null> {
  const { tool, args, rights, idempotencyKey } = call;
  const known = Object.keys((tool.parameters["properties"] ?? {}) as JsonObject);
  const variables = Object.fromEntries(known.flatMap((name) => (Object.hasOwn(args, name) ? [[name, args[name] as Json]] : [])));
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const result = await runOperation({ ...context, signal }, { query: tool.query, variables, idempotencyKey, agent: rights });
  if (context.signal.aborted && result === null) return null;
  if (result === null) return toolFailure("The operation had no result in time. Whether it was done is unknown.");
  if (!result.ok) return toolFailure(`${result.code}: ${result.message}`);
  const text = JSON.stringify(result.data);
  if (Buffer.byteLength(text) <= MAX_BYTES) return { isSuccess: true, value: { data: result.data as JsonObject } };
  return { isSuccess: true, value: { text: Buffer.from(text).subarray(0, MAX_BYTES).toString().toWellFormed(), is_truncated: true } };
}
