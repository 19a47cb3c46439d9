import type { Json, JsonObject } from "@weft/engine";
import { quote } from "@weft/shared/errors";
import { storable } from "@weft/shared/texts";
import { type OutboundClient, OutboundFailed } from "@weft/platform/outbound";
import type { HttpTool } from "../agent-definition.js";

/** Bytes of a response that are read. */
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 30_000;

/** The result of a tool, which the model reads. A failure is a result as well. */
export interface ToolResult {
  readonly isSuccess: boolean;
  readonly value: Json;
}

export const toolFailure = (message: string): ToolResult => ({ isSuccess: false, value: { error: storable(message.slice(0, 2000)) } });

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
 * Sends the request of a tool. Arguments are encoded into the places of the URL that the definition names. The others that its schema names become query
 * parameters, or the members of the JSON body. They can change neither host nor path nor headers, nor what the definition says of the query.
 * @returns null if the request was canceled: whether the tool was done is unknown
 */
export async function callHttpTool({
  tool,
  args,
  token,
  redact,
  idempotencyKey,
  outbound,
  signal,
}: HttpToolCall): Promise<ToolResult | null> {
  const filled = filledUrl(tool, args);
  if (filled === null) return toolFailure("A value of the path is missing, or is not a single segment.");
  const { url, rest } = filled;
  const hasBody = tool.method !== "GET" && tool.method !== "DELETE";
  if (!hasBody) {
    const fixed = new Set(url.searchParams.keys());
    for (const [name, value] of Object.entries(rest)) {
      if (fixed.has(name)) return toolFailure(`The argument ${quote(name)} is fixed by the tool.`);
      url.searchParams.append(name, textOf(value));
    }
  }
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
    if (signal.aborted) return null;
    if (!(error instanceof OutboundFailed)) throw error;
    return toolFailure(error.message);
  }
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Null: a place cannot be filled. `.` and `..` would leave the path, also when they are encoded, and when several places make one of them. */
function filledUrl({ url: template, parameters }: HttpTool, args: JsonObject): { readonly url: URL; readonly rest: JsonObject } | null {
  const properties = parameters["properties"];
  const known = typeof properties === "object" && properties !== null ? properties : {};
  const rest: Record<string, Json> = Object.fromEntries(Object.entries(args).filter(([name]) => Object.hasOwn(known, name)));
  const filledWith = (value: (name: string) => string): string =>
    template.replaceAll(/\{(\w{1,64})\}/g, (_match, name: string) => value(name));
  let isFilled = true;
  const text = filledWith((name) => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    delete rest[name];
    const given = value === undefined || value === null || typeof value === "object" ? "" : textOf(value);
    if (given === "" || /^\.{1,2}$/.test(given) || !given.isWellFormed()) isFilled = false;
    return isFilled ? encodeURIComponent(given) : "";
  });
  if (!isFilled || !URL.canParse(text)) return null;
  const url = new URL(text);
  // As many segments as the template has with harmless values: none was removed.
  return segmentsOf(url) === segmentsOf(new URL(filledWith(() => "x"))) ? { url, rest } : null;
}

const segmentsOf = ({ pathname }: URL): number => pathname.split("/").length;
