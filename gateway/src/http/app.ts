import compress from "@fastify/compress";
import cors from "@fastify/cors";
import type { Config } from "@weft/platform/config";
import type { Logger } from "@weft/platform/logging";
import { LogController, fastify } from "fastify";
import type { FastifyError, FastifyInstance } from "fastify";
import { answerToFailure, mediaTypeOf, setRetryAfter } from "./answer.js";
import { limitBodyTime } from "./body-time.js";
import { createCommonHeaders } from "./common-headers.js";
import { capConnections } from "./connections.js";
import { maxParamLength, passOnRefused } from "./framework-errors.js";
import type { GraphqlRouteOptions } from "./graphql-route.js";
import { refuseOtherHosts } from "./hosts.js";
import type { HostCheck } from "./hosts.js";
import { closeUnusedConnections } from "./unused-connections.js";
import { allowedHeaders, exposedHeaders } from "./origins/cors-headers.js";
import { acceptJsonOnly } from "./requests/json-body.js";
import { HttpRefusal } from "./refusal.js";
import { requestIdOf } from "./requests/request-id.js";

export interface AppOptions extends Pick<GraphqlRouteOptions, "metrics" | "isOriginAllowed" | "cookies"> {
  readonly config: Config;
  readonly log: Logger;
  readonly isHostAllowed: HostCheck;
  /** Time in which the body of a request must arrive, except on routes for uploads. */
  readonly bodyTimeoutMs: number;
}

/** Creates the HTTP server of the gateway, with its timeouts, size limits and headers, and without routes. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, log, metrics, bodyTimeoutMs, isOriginAllowed, isHostAllowed, cookies } = options;
  const setCommonHeaders = createCommonHeaders(config);
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    // Forwarding headers are trusted only from configured proxies.
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.limits.bodyBytes,
    // The longest time for the bytes of a file. Other bodies have less (limitBodyTime).
    requestTimeout: 3_600_000,
    routerOptions: { maxParamLength },
    frameworkErrors: (error, request, reply) => passOnRefused(app, error, request, reply),
    keepAliveTimeout: 65_000,
    // Protects against connections that do not read their response. The time is longer than any operation takes.
    connectionTimeout: config.requestTimeoutMs + 5_000,
    http: { maxHeaderSize: 16_384, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    return503OnClosing: true,
    forceCloseConnections: "idle",
  }) as unknown as FastifyInstance;

  capConnections(app.server, {
    perAddress: config.limits.connectionsPerAddress,
    perUser: config.limits.connectionsPerUser,
    trustedProxies: config.trustedProxies,
    metrics,
    log,
  });
  closeUnusedConnections(app);
  acceptJsonOnly(app);
  answerErrorsAsGraphql(app);
  app.addHook("onSend", (request, reply, _payload, done) => {
    setCommonHeaders(request, reply);
    if (reply.statusCode === 429 && !reply.hasHeader("retry-after")) void reply.header("retry-after", "1");
    done();
  });
  // Protects against connections that send nothing, or a byte now and then.
  limitBodyTime(app, bodyTimeoutMs);
  refuseOtherHosts(app, isHostAllowed);
  await app.register(cors, {
    delegator: (request, done) => {
      // Pages of other origins send these, whichever they are. It is no call that they could read the answer of, so no origin is refused, nor logged.
      if (request.routeOptions.config.isFormOfOthers) return done(null, { origin: false });
      const isAllowed = isOriginAllowed(request.headers.origin, request.headers.host);
      done(null, {
        origin: isAllowed && request.headers.origin !== undefined ? request.headers.origin : false,
        methods: ["GET", "POST", "PUT", "DELETE"],
        allowedHeaders: [...allowedHeaders],
        exposedHeaders: [...exposedHeaders],
        credentials: cookies.isOwnPage(request.headers),
        maxAge: 600,
      });
    },
  });
  // Applies to responses only. Compressed requests are refused because they could be decompression bombs.
  await app.register(compress, { global: true, globalDecompression: false, threshold: 2_048, encodings: ["gzip", "deflate"] });

  return app;
}

/** Errors have the same shape on every path and reveal no internals. */
function answerErrorsAsGraphql(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = answerToFailure(new HttpRefusal(404, "This path does not exist. The API is POST /graphql."), request.id);
    return reply.code(status).send(body);
  });
  app.setErrorHandler((error: FastifyError | HttpRefusal, request, reply) => {
    // Fastify's own refusals (a body that is too large, an invalid content length, …) have a status below 500 and a message that is safe to show to
    // clients.
    const isRefusal = error instanceof HttpRefusal || (error.statusCode !== undefined && error.statusCode < 500);
    const failure = isRefusal ? new HttpRefusal(error.statusCode ?? 400, error.message) : error;
    const { unexpected, status, body } = answerToFailure(failure, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
    setRetryAfter(reply, body.errors);
    return reply.code(status).header("content-type", mediaTypeOf(request.headers.accept)).send(body);
  });
}
