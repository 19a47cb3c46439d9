import { NetworkError, WeftError, type ErrorAnswer } from "../errors.js";
import type { JsonObject } from "../document.js";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer as it came. */
export interface Received {
  readonly status: number;
  readonly data: unknown;
  readonly errors: readonly ErrorAnswer[];
  readonly extensions?: JsonObject | undefined;
  readonly requestId: string | null;
}

export interface PostOptions {
  readonly fetch: Fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials?: "include" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** Of answers that are not Weft's, but of a proxy in front of it: whether Weft may have got the request, and the next one can succeed. */
export const isTemporary = (status: number): boolean => status >= 500 || status === 408 || status === 429;

/**
 * Sends JSON, and returns the answer, which can contain errors of the API.
 *
 * @throws NetworkError if there is no answer, or it is not one of Weft
 * @throws the reason of `signal` if it is aborted
 */
export async function post(url: string, body: JsonObject | undefined, options: PostOptions): Promise<Received> {
  const { fetch, headers, credentials, signal, timeoutMs } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        ...headers,
        accept: "application/graphql-response+json, application/json",
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...(credentials && { credentials }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new NetworkError(timeout.aborted ? `Weft did not answer within ${timeoutMs} ms.` : "Weft cannot be reached.", { cause });
  }
  const { status } = response;
  const requestId = response.headers.get("x-request-id");
  if (text === "" && response.ok) return { status, data: null, errors: [], requestId };
  const answer = parsed(text);
  const errors = answer?.["errors"];
  const hasErrors = Array.isArray(errors) && errors.length > 0;
  if (!answer || !(response.ok || hasErrors)) {
    if (response.ok || isTemporary(status))
      throw new NetworkError(`The answer is not one of Weft, or incomplete (HTTP ${status}).`, { requestId });
    throw refusedWith(status, requestId);
  }
  // `/session` answers with the object itself.
  const data = "data" in answer || hasErrors ? (answer["data"] ?? null) : answer;
  const extensions = answer["extensions"] as JsonObject | undefined;
  return { status, data, errors: hasErrors ? (errors as ErrorAnswer[]) : [], extensions, requestId };
}

/** An answer that is not Weft's, and comes again if the request does. */
export const refusedWith = (status: number, requestId: string | null): WeftError =>
  new WeftError({ message: `The request was refused (HTTP ${status}).`, extensions: { code: `HTTP_${status}` } }, { requestId });

export const isRefusalOfProxy = ({ code }: WeftError): boolean => /^HTTP_\d+$/.test(code);

/** Null: it is not the text of a JSON object. */
export function parsed(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" ? (value as JsonObject | null) : null;
  } catch {
    return null;
  }
}
