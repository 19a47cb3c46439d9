import { UrlForbidden } from "@weft/shared/errors";
import { assertUrlAllowed, type OutboundRequest, type OutboundResponse } from "@weft/platform/outbound";
import { z } from "zod";
import { type ConnectorContext, MAX_RESULT_BYTES, type Problem } from "../connector.js";
import { ConnectorError, errorOfFailure, errorOfStatus } from "../errors.js";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** Methods whose repetition has no further effect (RFC 9110). */
const idempotentMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);
export const isIdempotentMethod = (method: Method): boolean => idempotentMethods.has(method);

/** Headers that belong to the connection or to Weft. */
const reserved = /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|idempotency-key)$/i;

/** Names and values of headers, which cannot break out of their line. */
export const headersSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/),
    z
      .string()
      .max(4000)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/),
  )
  .refine((headers) => Object.keys(headers).length <= 50, "There are more than 50 headers")
  .refine(
    (headers) => !Object.keys(headers).some((name) => reserved.test(name)),
    "A header is set by Weft itself, such as Host or Content-Length",
  );

/** Credentials of an HTTP service. */
export const authenticationSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("NONE") }),
  z.object({ type: z.literal("BASIC"), user: z.string().min(1).max(200), password: z.string().min(1).max(1000) }),
  z.object({
    type: z.literal("BEARER"),
    token: z
      .string()
      .min(1)
      .max(8000)
      .regex(/^[\x21-\x7e]+$/),
  }),
  z.object({
    type: z.literal("API_KEY"),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/)
      .refine((name) => !reserved.test(name), "The header is set by Weft itself"),
    key: z
      .string()
      .min(1)
      .max(8000)
      .regex(/^[\x20-\x7e]+$/),
  }),
]);
export type Authentication = z.infer<typeof authenticationSchema>;

export function authenticationHeaders(authentication: Authentication): Record<string, string> {
  switch (authentication.type) {
    case "NONE":
      return {};
    case "BASIC":
      return { authorization: `Basic ${Buffer.from(`${authentication.user}:${authentication.password}`).toString("base64")}` };
    case "BEARER":
      return { authorization: `Bearer ${authentication.token}` };
    case "API_KEY":
      return { [authentication.header.toLowerCase()]: authentication.key };
    default:
      return authentication satisfies never;
  }
}

/** Returns why a URL cannot be saved. */
export async function problemsOfUrl(
  { policy, resolve }: Pick<ConnectorContext, "policy" | "resolve">,
  url: string,
  path: string,
): Promise<Problem[]> {
  try {
    await assertUrlAllowed(policy, url, path, resolve);
    return [];
  } catch (error) {
    if (error instanceof UrlForbidden) return [error.problem];
    throw error;
  }
}

/**
 * Returns the URL of a path below a base URL. A path cannot leave the base.
 * @throws ConnectorError
 */
export function urlBelow(base: string, path: string, query: Readonly<Record<string, string | number | boolean>> = {}): string {
  const root = new URL(base.endsWith("/") ? base : `${base}/`);
  const url = new URL(path.replace(/^\/+/, ""), root);
  if (url.origin !== root.origin || !url.pathname.startsWith(root.pathname))
    throw new ConnectorError("PERMANENT", `The path ${JSON.stringify(path.slice(0, 100))} leaves the base URL of the integration.`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

/**
 * Sends one request and returns its response, if the status says that it succeeded. With `If-None-Match`, the caller can accept 304, too.
 * @throws ConnectorError
 */
export async function exchange(
  { outbound, callId, signal, timeoutMs }: Pick<ConnectorContext, "outbound" | "callId" | "signal" | "timeoutMs">,
  request: Pick<OutboundRequest, "url" | "method" | "headers" | "body">,
  isIdempotent: boolean,
  { acceptsNotModified = false } = {},
): Promise<OutboundResponse> {
  let response: OutboundResponse;
  try {
    const headers = { "user-agent": "Weft", ...request.headers, "idempotency-key": callId };
    response = await outbound.request({ ...request, headers, timeoutMs, maxResponseBytes: MAX_RESULT_BYTES, signal });
  } catch (error) {
    throw errorOfFailure(error, isIdempotent);
  }
  if (acceptsNotModified && response.status === 304) return response;
  const error = errorOfStatus(
    { status: response.status, headers: response.headers, text: response.body.subarray(0, 400).toString() },
    isIdempotent,
  );
  if (error !== null) throw error;
  return response;
}

/** The result of a call over HTTP. */
export const httpResultSchema = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown().describe("JSON, if the server says so; text otherwise. Null if it is empty."),
  isTruncated: z.boolean().describe("Whether the response was longer than 256 KiB. The body is then text."),
});

/** Headers of a response that results show. */
const shownHeaders: ReadonlySet<string> = new Set(["content-type", "location", "etag", "last-modified", "date", "link", "x-request-id"]);

export function resultOf({ status, headers, body, isTruncated }: OutboundResponse): z.infer<typeof httpResultSchema> {
  const text = body.toString();
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => shownHeaders.has(name))),
    body: text === "" ? null : isJson(headers["content-type"]) && !isTruncated ? parsed(text) : text,
    isTruncated,
  };
}

const isJson = (type = ""): boolean => /^application\/([\w.+-]+\+)?json\b/i.test(type);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
