import { FairSemaphore, QueryLimitExceeded, RateLimited, ServiceUnavailable, signCall, turnOf } from "@weft/shared";
import type { CallContext, Keys } from "@weft/shared";
import { Pool } from "undici";
import { callContextOf, givenUp, remainingMsOf } from "../context.js";
import type { OperationContext } from "../context.js";
import { Availability } from "./availability.js";
import { BodyTooLarge, readAtMost } from "./bounded-body.js";
import type { SubgraphClient, SubgraphRequest, SubgraphResponse } from "./client.js";

export interface HttpClientOptions {
  readonly name: string;
  /** Of the subgraph's GraphQL endpoint; a bare origin means `/graphql` there. */
  readonly url: string;
  readonly keys: Keys;
  /** Beyond it a call is given up, whatever the request's own deadline. */
  readonly timeoutMs?: number;
  /** A call without an answer for so long is a reason to ask whether the subgraph answers anybody. */
  readonly slowMs?: number;
  readonly maxResponseBytes?: number;
  readonly connections?: number;
  readonly onFailure?: (name: string, error: unknown) => void;
}

/** More calls of one tenant that wait for a connection only stand longer in the queue. */
const maxWaitingPerTenant = 500;

/**
 * A subgraph in another process: keep-alive connections, a signed call, nothing of the client's headers. A call that is late, and an answer that is none of GraphQL or too
 * large, are the operation's fault; only a subgraph that cannot be reached, or answers no probe of its health, is refused to everybody. One tenant holds at most half of the
 * connections, and those that wait for one take turns tenant by tenant.
 */
export function httpClient(options: HttpClientOptions): SubgraphClient {
  const { name, keys, timeoutMs = 10_000, slowMs = 1_000, connections = 64, maxResponseBytes = 16 * 1024 * 1024, onFailure } = options;
  const url = new URL(options.url);
  const path = url.pathname === "/" ? "/graphql" : url.pathname;
  const pool = new Pool(url.origin, {
    connections,
    // Less than the server's own idle timeout, so that we never write into a connection that it is closing.
    keepAliveTimeout: 4_000,
    connectTimeout: 2_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
  });
  // Operations may hold all connections of the pool, and a probe must not wait for one of them.
  const probes = new Pool(url.origin, {
    connections: 1,
    connectTimeout: 1_000,
    headersTimeout: 1_000,
    bodyTimeout: 1_000,
    maxHeaderSize: 16_384,
  });
  const availability = new Availability({ probe });
  const places = new FairSemaphore({
    size: connections,
    perKey: () => Math.ceil(connections / 2),
    maxWaitingPerKey: maxWaitingPerTenant,
    refusal: ({ reason, isOwnFault }) => {
      if (reason === "too many wait")
        return new RateLimited({ retryAfter: 1 }, `${maxWaitingPerTenant} calls of this organization wait for ${name} already.`);
      if (isOwnFault)
        return new RateLimited(
          { retryAfter: 1 },
          `Other calls of this organization have taken all the time that this one had for ${name}.`,
        );
      return new ServiceUnavailable(name, new Error(`All ${connections} connections are in use.`));
    },
  });

  /** Whether its health answers, in a second, and is that of this subgraph: anything else may listen where it was. */
  async function probe(): Promise<boolean> {
    try {
      const response = await probes.request({ path: "/health/live", method: "GET", signal: AbortSignal.timeout(1_000) });
      const health: unknown = JSON.parse(await readAtMost(response.body, 10_000));
      return (
        response.statusCode === 200 && typeof health === "object" && health !== null && "subgraph" in health && health.subgraph === name
      );
    } catch {
      return false;
    }
  }

  /** A call with a place among the connections; one that takes long makes us ask for the subgraph's health. */
  async function callInTurn(request: SubgraphRequest): Promise<SubgraphResponse> {
    return places.run(
      turnOf(request.context),
      async () => {
        const slow = setTimeout(() => availability.suspect(), slowMs).unref();
        try {
          return await call(request);
        } finally {
          clearTimeout(slow);
        }
      },
      { signal: request.context.signal, waitMs: remainingMsOf(request.context) },
    );
  }

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
        "x-weft-call": signCall(keys.internalCall, { ...callOf(context, timeoutMs), subgraph: name, body }),
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
      if (availability.isDown) throw new ServiceUnavailable(name);
      try {
        const response = await callInTurn(request).catch((error: unknown) => {
          if (!mayRepeat(error, request)) throw error;
          return callInTurn(request);
        });
        availability.answered();
        return response;
      } catch (error) {
        // Refused before it was sent.
        if (error instanceof RateLimited || error instanceof ServiceUnavailable) throw error;
        // Too large is what the operation asked for: else one client could have the subgraph refused to all others.
        if (error instanceof BodyTooLarge) {
          availability.answered();
          throw new QueryLimitExceeded({ limit: "responseBytes", actual: error.bytes, max: maxResponseBytes });
        }
        // A client that hung up, and a deadline that has passed, say nothing about the subgraph.
        if (request.context.signal.aborted) throw givenUp(name, request.context, error);
        if (isUnreachable(error)) availability.unreachable();
        else availability.suspect();
        onFailure?.(name, error);
        throw new ServiceUnavailable(name, error);
      }
    },
    isAvailable: probe,
    close: async () => {
      availability.close();
      await Promise.all([pool.close(), probes.close()]);
    },
  };
}

/** What the subgraph is told of the operation; we wait no longer than the client's own timeout. */
function callOf(context: OperationContext, timeoutMs: number): CallContext {
  const call = callContextOf(context);
  return { ...call, remainingMs: Math.min(call.remainingMs ?? timeoutMs, timeoutMs) };
}

const connectionErrors: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** There was no connection, or it broke: as opposed to an answer that is late, or none of GraphQL. */
const isUnreachable = (error: unknown): boolean => error instanceof Error && "code" in error && connectionErrors.has(error.code);

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
