import { NetworkError, WeftError, type ErrorAnswer } from "../errors.js";
import type { JsonObject } from "../document.js";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer as it came. */
export interface Received {
  readonly status: number;
  readonly data: unknown;
  readonly errors: readonly ErrorAnswer[];
  readonly requestId: string | null;
}

export interface PostOptions {
  readonly fetch: Fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials?: "include" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** Answers of proxies in front of Weft, and of Weft while it starts: the request can be repeated. */
const temporary = new Set([429, 502, 503, 504]);

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
  let answer: { data?: unknown; errors?: readonly ErrorAnswer[] };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch (cause) {
    if (response.ok || temporary.has(status)) throw new NetworkError(`Weft's answer is incomplete (HTTP ${status}).`, { cause, requestId });
    throw new WeftError(
      { message: `The request was refused (HTTP ${status}).`, extensions: { code: `HTTP_${status}` } },
      { cause, requestId },
    );
  }
  return {
    status,
    data: answer.data === undefined && !answer.errors ? answer : (answer.data ?? null),
    errors: answer.errors ?? [],
    requestId,
  };
}
