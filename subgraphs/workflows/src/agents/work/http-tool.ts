import type { Json, JsonObject } from "@weft/engine";
import { OutboundFailed, type OutboundClient } from "@weft/shared";
import type { HttpTool } from "../agent-definition.js";
import { storable } from "./storable.js";

/** Bytes of a response that are read. */
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 30_000;

/** The result of a tool, which the model reads. A failure is a result as well. */
export interface ToolResult {
  readonly isSuccess: boolean;
  readonly value: Json;
}

export const toolFailure = (message: string): ToolResult => ({ isSuccess: false, value: { error: storable(message).slice(0, 2000) } });

export interface HttpToolCall {
  readonly tool: HttpTool;
  /** Matches the schema of the tool's parameters. */
  readonly args: JsonObject;
  readonly token: string | null;
  /** Removes the token from a text. */
  readonly redact: (text: string) => string;
  readonly idempotencyKey: string;
  readonly outbound: OutboundClient;
  readonly signal: AbortSignal;
}

/**
 * Sends the request of a tool. Arguments are encoded into the places of the URL that the definition names. The others become query parameters, or the
 * members of the JSON body. They can change neither host nor path nor headers.
 */
export async function callHttpTool({ tool, args, token, redact, idempotencyKey, outbound, signal }: HttpToolCall): Promise<ToolResult> {
  const filled = filledUrl(tool, args);
  if (filled === null) return toolFailure("A value of the path is missing, or is not a single segment.");
  const { url, rest } = filled;
  const hasBody = tool.method !== "GET" && tool.method !== "DELETE";
  if (!hasBody) for (const [name, value] of Object.entries(rest)) url.searchParams.append(name, textOf(value));
  try {
    const response = await outbound.request({
      url: url.href,
      method: tool.method,
      headers: {
        "user-agent": "Weft",
        accept: "application/json, text/*",
        "idempotency-key": idempotencyKey,
        ...(hasBody && { "content-type": "application/json" }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      ...(hasBody && { body: JSON.stringify(rest) }),
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_BYTES,
      signal,
    });
    // A system that repeats the token must not bring it into the model's context.
    const body = redact(storable(response.body.toString()));
    return {
      isSuccess: response.status < 400,
      value: { status: response.status, body, ...(response.isTruncated && { is_truncated: true }) },
    };
  } catch (error) {
    if (!(error instanceof OutboundFailed)) throw error;
    return toolFailure(error.message);
  }
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Null: a place cannot be filled. `.` and `..` would leave the path, also when they are encoded. */
function filledUrl({ url: template }: HttpTool, args: JsonObject): { readonly url: URL; readonly rest: JsonObject } | null {
  const rest: Record<string, Json> = { ...args };
  let isFilled = true;
  const text = template.replaceAll(/\{(\w{1,64})\}/g, (_match, name: string) => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    delete rest[name];
    const given = value === undefined || value === null || typeof value === "object" ? "" : textOf(value);
    if (given === "" || /^\.{1,2}$/.test(given) || !given.isWellFormed()) isFilled = false;
    return isFilled ? encodeURIComponent(given) : "";
  });
  return isFilled && URL.canParse(text) ? { url: new URL(text), rest } : null;
}
