import { QueryLimitExceeded, ServiceUnavailable } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Executor } from "../executor.js";
import type { Limits } from "../limits/limits.js";
import type { Metrics } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import { knownDocument, runOperation } from "../operations.js";
import type { Authenticate } from "../viewer/authenticate.js";
import { answerToFailure } from "./answer.js";
import type { Answer } from "./answer.js";
import { parseOperation } from "./graphql-request.js";
import { isInProcess } from "./in-process-fetch.js";
import { HttpRefusal } from "./refusal.js";
import { traceIdOf } from "./request-id.js";

export interface GraphqlRouteOptions {
  readonly executor: Executor;
  readonly authenticate: Authenticate;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly logOperation: OperationLog;
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly isOriginAllowed: (origin: string | undefined, host: string | undefined) => boolean;
}

/** `POST /graphql`. Nothing by GET: a link must not be able to read or write. */
export function graphqlRoute(app: FastifyInstance, options: GraphqlRouteOptions): void {
  app.route({
    method: "POST",
    url: "/graphql",
    handler: async (request, reply) => {
      const started = performance.now();
      let viewer: Viewer | null = null;
      const authenticate: Authenticate = async (authorization) => {
        const authenticated = await options.authenticate(authorization);
        viewer = authenticated?.viewer ?? null;
        return authenticated;
      };
      const answer = await answerTo(request, reply, { ...options, authenticate });
      const durationMs = performance.now() - started;
      const [error] = answer.body.errors ?? [];
      const code = error?.extensions?.["code"];
      options.metrics.operation({ transport: "http", code: typeof code === "string" ? code : "OK", seconds: durationMs / 1_000 });
      const { query, operationName } = (request.body ?? {}) as { query?: unknown; operationName?: unknown };
      options.logOperation(
        {
          transport: "http",
          requestId: request.id,
          operationName,
          document: knownDocument(query, options.limits),
          viewer,
          durationMs,
          error,
        },
        isInProcess() ? "debug" : "info",
      );
      return send(request, reply, answer, options.maxResponseBytes);
    },
  });
  app.route({
    method: ["GET", "PUT", "PATCH", "DELETE"],
    url: "/graphql",
    handler: async (_request, reply) => {
      void reply.header("allow", "POST");
      throw new HttpRefusal(
        405,
        "Send operations by POST, subscriptions over WebSocket (graphql-transport-ws). The explorer is at /explorer.",
      );
    },
  });
}

async function answerTo(request: FastifyRequest, reply: FastifyReply, options: GraphqlRouteOptions): Promise<Answer> {
  const { executor, authenticate, limits, requestTimeoutMs, isOriginAllowed } = options;
  // One controller and a timer that is cleared: AbortSignal.timeout and any() would outlive the request by the whole deadline.
  const ending = new AbortController();
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    ending.abort(new Error(`No answer within ${requestTimeoutMs} ms.`));
  }, requestTimeoutMs);
  const onClose = (): void => {
    if (!reply.raw.writableFinished) ending.abort(new Error("The client has gone."));
  };
  reply.raw.once("close", onClose);
  try {
    if (!isOriginAllowed(request.headers.origin, request.headers.host)) throw new HttpRefusal(403, "This origin may not call Weft.");
    const operation = parseOperation(request.body);
    const authenticated = await authenticate(request.headers.authorization);
    const result = await runOperation(executor, limits, operation, {
      viewer: authenticated?.viewer ?? null,
      requestId: request.id,
      address: request.ip,
      userAgent: request.headers["user-agent"]?.slice(0, 300) ?? null,
      traceId: traceIdOf(request.headers["traceparent"]),
      signal: ending.signal,
    });
    const { status, ...body } = result;
    return { status, body };
  } catch (error) {
    const { unexpected, ...answer } = answerToFailure(isLate ? new ServiceUnavailable("gateway", error) : error, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "A request failed unexpectedly.");
    return answer;
  } finally {
    clearTimeout(deadline);
  }
}

function send(request: FastifyRequest, reply: FastifyReply, { status, body }: Answer, maxResponseBytes: number): FastifyReply {
  let text = JSON.stringify(body);
  let code = status;
  const actual = Buffer.byteLength(text);
  if (actual > maxResponseBytes) {
    const refusal = answerToFailure(new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxResponseBytes }), request.id);
    code = refusal.status;
    text = JSON.stringify(refusal.body);
  }
  const type = request.headers.accept?.includes("application/graphql-response+json")
    ? "application/graphql-response+json"
    : "application/json";
  return reply.code(code).header("content-type", `${type}; charset=utf-8`).header("cache-control", "no-store").send(text);
}
