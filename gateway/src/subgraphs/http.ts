import { QueryLimitExceeded, RateLimited, ServiceUnavailable } from "@weft/shared/errors";
import type { CallContext } from "@weft/shared/viewer";
import type { Keys } from "@weft/platform/config";
import { FairSemaphore, turnOf } from "@weft/platform/fairness";
import { contained } from "@weft/platform/logging";
import { signCall } from "@weft/api/subgraph";
import { Pool } from "undici";
import { callContextOf, givenUp, remainingMsOf } from "../context.js";
import type { OperationContext } from "../context.js";
import { Availability } from "./availability.js";
import type { SubgraphClient, SubgraphRequest, SubgraphResponse } from "./client.js";
import { BodyTooLarge, exchange } from "./exchange.js";

export interface HttpClientOptions {
  readonly name: string;
  /** URL of the subgraph's GraphQL endpoint. If it is only an origin, the path is `/graphql`. */
  readonly url: string;
  readonly keys: Keys;
  /** Timeout of a call, independent of the request's own deadline. */
  readonly timeoutMs?: number;
  /** Time without a response after which the subgraph's health is probed. */
  readonly slowMs?: number;
  readonly maxResponseBytes?: number;
  readonly connections?: number;
  readonly onFailure?: (name: string, error: unknown) => void;
}

/** Maximum number of calls of one tenant that can wait for a connection. More would only lengthen the queue. */
const maxWaitingPerTenant = 500;

/**
 * Creates a client for a subgraph in another process: keep-alive connections, signed calls, none of the client's headers. Late, invalid, and
 * oversized responses fail only the operation. Calls are refused for all tenants only if the subgraph cannot be reached or does not answer health
 * probes. One tenant uses at most half of the connections, and waiting calls take turns tenant by tenant.
 */
export const httpClient = (options: HttpClientOptions): SubgraphClient => new HttpClient(options);

class HttpClient implements SubgraphClient {
  readonly name: string;
  readonly #keys: Keys;
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #slowMs: number;
  readonly #maxResponseBytes: number;
  readonly #onFailure: HttpClientOptions["onFailure"];
  readonly #pool: Pool;
  /** Operations can use all connections of the pool, and a probe must not wait for them. */
  readonly #probes: Pool;
  readonly #availability: Availability;
  readonly #places: FairSemaphore;

  constructor({ connections = 64, ...options }: HttpClientOptions) {
    const { pathname, origin } = new URL(options.url);
    this.name = options.name;
    this.#keys = options.keys;
    this.#path = pathname === "/" ? "/graphql" : pathname;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#slowMs = options.slowMs ?? 1_000;
    this.#maxResponseBytes = options.maxResponseBytes ?? 16 * 1024 * 1024;
    this.#onFailure = options.onFailure;
    this.#pool = callPool(origin, { connections, timeoutMs: this.#timeoutMs });
    this.#probes = probePool(origin);
    this.#availability = new Availability({ probe: () => this.isAvailable(), isUnreachable });
    this.#places = placesOf(this.name, connections);
  }

  async send(request: SubgraphRequest): Promise<SubgraphResponse> {
    if (this.#availability.isDown) throw new ServiceUnavailable(this.name);
    try {
      return await this.#availability.run(() => this.#callOrRepeat(request));
    } catch (error) {
      // Refused before it was sent, or abandoned.
      if (error instanceof RateLimited || error instanceof ServiceUnavailable) throw error;
      // An oversized response is the operation's fault. Otherwise, one client could make the subgraph unavailable for all others.
      if (error instanceof BodyTooLarge) {
        this.#availability.answered();
        throw new QueryLimitExceeded({ limit: "responseBytes", actual: error.bytes, max: this.#maxResponseBytes });
      }
      if (!isUnreachable(error)) this.#availability.suspect();
      this.#onFailure?.(this.name, error);
      throw new ServiceUnavailable(this.name, error);
    }
  }

  /**
   * Repeats a repeatable call once. A client that disconnected and a deadline that has passed say nothing about the subgraph, so the circuit breaker
   * never sees these errors.
   */
  async #callOrRepeat(request: SubgraphRequest): Promise<SubgraphResponse> {
    try {
      return await this.#callInTurn(request).catch((error: unknown) => {
        if (!mayRepeat(error, request)) throw error;
        return this.#callInTurn(request);
      });
    } catch (error) {
      const isRefusal = error instanceof RateLimited || error instanceof ServiceUnavailable || error instanceof BodyTooLarge;
      throw request.context.signal.aborted && !isRefusal ? givenUp(this.name, request.context, error) : error;
    }
  }

  /** Makes a call when a connection is available. A slow call triggers a health probe. */
  async #callInTurn(request: SubgraphRequest): Promise<SubgraphResponse> {
    return this.#places.run(
      turnOf(request.context),
      async () => {
        const slow = setTimeout(
          contained("probing a subgraph", () => this.#availability.suspect()),
          this.#slowMs,
        ).unref();
        try {
          return await this.#call(request);
        } finally {
          clearTimeout(slow);
        }
      },
      { signal: request.context.signal, waitMs: remainingMsOf(request.context) },
    );
  }

  async #call(request: SubgraphRequest): Promise<SubgraphResponse> {
    const { query, variables, operationName, context } = request;
    const timeoutMs = this.#timeoutMs;
    const body = JSON.stringify({ query, variables, ...(operationName !== undefined && { operationName }) });
    const { status, text } = await exchange(this.#pool, {
      path: this.#path,
      // A new signature for each attempt, because a nonce can be used only once.
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "x-weft-call": signCall(this.#keys.internalCall, { ...callOf(context, timeoutMs), subgraph: this.name, body }),
      },
      body,
      signal: context.signal,
      timeoutMs,
      maxBytes: this.#maxResponseBytes,
    });
    // 400 means that the subgraph refused the document. Any other status except 200 is not a GraphQL response, for example a refused signature (401).
    if (status !== 200 && status !== 400) throw new Error(`The subgraph responded with the status ${status}.`);
    request.onBytes?.(text.length);
    const answer: unknown = JSON.parse(text);
    if (!isGraphQLResponse(answer)) throw new Error(`The response (status ${status}) is not a GraphQL response.`);
    return answer;
  }

  /** Returns whether the health endpoint responds within a second and belongs to this subgraph. Another program could listen on its old address. */
  async isAvailable(): Promise<boolean> {
    try {
      const response = await this.#probes.request({ path: "/health/live", method: "GET", signal: AbortSignal.timeout(1_000) });
      const health: unknown = await response.body.json();
      const isHealth = typeof health === "object" && health !== null && "subgraph" in health;
      return response.statusCode === 200 && isHealth && health.subgraph === this.name;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.#availability.close();
    await Promise.all([this.#pool.close(), this.#probes.close()]);
  }
}

const callPool = (origin: string, { connections, timeoutMs }: { readonly connections: number; readonly timeoutMs: number }): Pool =>
  new Pool(origin, {
    connections,
    // Shorter than the server's own idle timeout, so that we never write to a connection that it is closing.
    keepAliveTimeout: 4_000,
    connectTimeout: 2_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
  });

const probePool = (origin: string): Pool =>
  new Pool(origin, {
    connections: 1,
    connectTimeout: 1_000,
    headersTimeout: 1_000,
    bodyTimeout: 1_000,
    maxHeaderSize: 16_384,
    maxResponseSize: 10_000,
  });

/** The connections, which tenants take in turn. */
const placesOf = (name: string, connections: number): FairSemaphore =>
  new FairSemaphore({
    size: connections,
    perKey: () => Math.ceil(connections / 2),
    maxWaitingPerKey: maxWaitingPerTenant,
    refusal: ({ reason, isOwnFault }) => {
      if (reason === "too many wait")
        return new RateLimited({ retryAfter: 1 }, `${maxWaitingPerTenant} calls of your organization are already waiting for ${name}.`);
      if (isOwnFault)
        return new RateLimited(
          { retryAfter: 1 },
          `Other calls of your organization used all the time that was available for this one to ${name}.`,
        );
      return new ServiceUnavailable(name, new Error(`All ${connections} connections are in use.`));
    },
  });

/** Returns the context that the subgraph receives. The remaining time is at most the client's own timeout. */
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

/** Whether the connection failed or broke, as opposed to a late or invalid response. */
const isUnreachable = (error: unknown): boolean => error instanceof Error && "code" in error && connectionErrors.has(error.code);

/**
 * Whether to repeat a call once: if it cannot have been executed, or only reads. A restarting subgraph refuses connections, or closes one that is
 * being written to.
 */
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
