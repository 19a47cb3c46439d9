import { QueryLimitExceeded, ServiceUnavailable, signCall } from "@weft/shared";
import type { Keys } from "@weft/shared";
import { Pool } from "undici";
import { callContextOf } from "../context.js";
import { BodyTooLarge, readAtMost } from "./bounded-body.js";
import { CircuitBreaker } from "./circuit-breaker.js";
import type { SubgraphClient, SubgraphRequest, SubgraphResponse } from "./client.js";

export interface HttpClientOptions {
  readonly name: string;
  /** Of the subgraph's GraphQL endpoint; a bare origin means `/graphql` there. */
  readonly url: string;
  readonly keys: Keys;
  /** Beyond it a call counts as failed, whatever the request's own deadline. */
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  readonly connections?: number;
  readonly onFailure?: (name: string, error: unknown) => void;
}

/**
 * A subgraph in another process: keep-alive connections, a signed call, nothing of the client's headers. An answer that is late or
 * no GraphQL answer counts as the subgraph being down; one that is too large is refused as the operation's fault.
 */
export function httpClient(options: HttpClientOptions): SubgraphClient {
  const { name, keys, timeoutMs = 10_000, maxResponseBytes = 16 * 1024 * 1024, onFailure } = options;
  const url = new URL(options.url);
  const path = url.pathname === "/" ? "/graphql" : url.pathname;
  const pool = new Pool(url.origin, {
    connections: options.connections ?? 64,
    // Less than the server's own idle timeout, so that we never write into a connection that it is closing.
    keepAliveTimeout: 4_000,
    connectTimeout: 2_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
  });
  const breaker = new CircuitBreaker();

  async function call(request: SubgraphRequest): Promise<SubgraphResponse> {
    const { query, variables, operationName, context } = request;
    const body = JSON.stringify({ query, variables, ...(operationName !== undefined && { operationName }) });
    const response = await pool.request({
      path,
      method: "POST",
      // A new signature for each attempt: its nonce is good for one.
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "x-weft-call": signCall(keys.internalCall, { ...callContextOf(context), subgraph: name, body }),
      },
      body,
      signal: AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]),
    });
    // 400 is a document that the subgraph refused; all else that is not 200 is not about GraphQL, a refused signature (401) among it.
    if (response.statusCode !== 200 && response.statusCode !== 400) {
      await response.body.dump();
      throw new Error(`The subgraph answered with status ${response.statusCode}.`);
    }
    const text = await readAtMost(response.body, maxResponseBytes);
    request.onBytes?.(text.length);
    const answer: unknown = JSON.parse(text);
    if (!isGraphQLResponse(answer)) throw new Error(`The answer (status ${response.statusCode}) is not one of GraphQL.`);
    return answer;
  }

  return {
    name,
    send: async (request) => {
      if (!breaker.mayCall()) throw new ServiceUnavailable(name);
      try {
        const response = await call(request).catch((error: unknown) => {
          if (!mayRepeat(error, request)) throw error;
          return call(request);
        });
        breaker.succeeded();
        return response;
      } catch (error) {
        // Too large is what the operation asked for: else one client could have the subgraph refused to all others.
        if (error instanceof QueryLimitExceeded) {
          breaker.succeeded();
          throw error;
        }
        if (error instanceof BodyTooLarge) {
          breaker.succeeded();
          throw new QueryLimitExceeded({ limit: "responseBytes", actual: error.bytes, max: maxResponseBytes });
        }
        // A client that hung up says nothing about the subgraph.
        if (request.context.signal.aborted) breaker.released();
        else breaker.failed();
        onFailure?.(name, error);
        throw new ServiceUnavailable(name, error);
      }
    },
    isAvailable: async () => {
      try {
        const response = await pool.request({ path: "/health/live", method: "GET", signal: AbortSignal.timeout(1_000) });
        await response.body.dump();
        return response.statusCode === 200;
      } catch {
        return false;
      }
    },
    close: () => pool.close(),
  };
}

/** A restarting subgraph refuses connections, or closes one that we were just writing to: what cannot have been executed, or only reads, is sent once more. */
function mayRepeat(error: unknown, { query, context }: SubgraphRequest): boolean {
  if (context.signal.aborted || !(error instanceof Error) || !("code" in error)) return false;
  if (error.code === "ECONNREFUSED") return true;
  return (error.code === "UND_ERR_SOCKET" || error.code === "ECONNRESET") && !/^\s*mutation\b/.test(query);
}

function isGraphQLResponse(value: unknown): value is SubgraphResponse {
  if (typeof value !== "object" || value === null) return false;
  const { data, errors } = value as { data?: unknown; errors?: unknown };
  const isData = data === undefined || data === null || (typeof data === "object" && !Array.isArray(data));
  const isErrors = errors === undefined || (Array.isArray(errors) && errors.every((error) => typeof error === "object" && error !== null));
  return isData && isErrors && (data !== undefined || errors !== undefined);
}
