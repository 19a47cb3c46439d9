import type { Json } from "@weft/engine";
import { storable } from "@weft/shared/texts";
import { OutboundFailed, type OutboundRequest } from "@weft/platform/outbound";
import { failure, type Performer } from "./performer.js";

/** Bytes of a response that are kept. */
const MAX_BYTES = 256 * 1024;
/** Headers that belong to the connection or to Weft. */
const RESERVED = /^(host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|idempotency-key)$/i;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Statuses after which another attempt can succeed. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Headers of a response that the outputs contain. */
const SHOWN = new Set(["content-type", "location", "etag", "last-modified", "date", "link", "retry-after", "x-request-id"]);

/** Sends a request to a destination that the outbound policy allows. Redirects are responses: they are never followed. */
export const performHttp: Performer = async (input, { outbound, idempotencyKey, timeoutMs, signal }) => {
  const {
    url,
    method = "GET",
    headers = {},
    body,
    expect,
  } = input as {
    readonly url: string;
    readonly method?: OutboundRequest["method"];
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly expect?: readonly number[];
  };
  const wrong = Object.entries(headers).find(
    ([name, value]) => !HEADER_NAME.test(name) || !HEADER_VALUE.test(value) || RESERVED.test(name),
  );
  if (wrong) return failure("INPUT_INVALID", `The header ${JSON.stringify(wrong[0])} cannot be sent.`, true);
  const text = body === undefined || body === null ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const isJson =
    text !== undefined && typeof body !== "string" && !Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  try {
    const response = await outbound.request({
      url,
      method,
      headers: {
        "user-agent": "Weft",
        ...(isJson && { "content-type": "application/json" }),
        ...headers,
        "idempotency-key": idempotencyKey,
      },
      ...(text !== undefined && { body: text }),
      timeoutMs,
      maxResponseBytes: MAX_BYTES,
      signal,
    });
    const { status } = response;
    if (!(expect?.includes(status) ?? status < 400))
      return failure("HTTP_STATUS", `The server answered ${status}: ${response.body.toString().slice(0, 400)}`, !TEMPORARY.has(status));
    const shown = Object.entries(response.headers).filter(([name]) => SHOWN.has(name));
    const value = valueOf(response.body.toString(), response.headers["content-type"], response.isTruncated);
    return { kind: "succeeded", outputs: { status, headers: Object.fromEntries(shown), body: value } };
  } catch (error) {
    if (!(error instanceof OutboundFailed)) throw error;
    if (error.reason === "FORBIDDEN") return failure("DESTINATION_FORBIDDEN", error.message, true);
    return failure(error.reason === "TIMEOUT" ? "TIMEOUT" : "CONNECTION_FAILED", error.message, false);
  }
};

/** The value of a JSON answer, otherwise its text. */
function valueOf(text: string, type: string | undefined, isTruncated: boolean): Json {
  const stored = storable(text);
  if (isTruncated || !/^application\/([\w.+-]+\+)?json\b/i.test(type ?? "")) return stored;
  try {
    return JSON.parse(stored) as Json;
  } catch {
    return stored;
  }
}
