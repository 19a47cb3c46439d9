import compress from "@fastify/compress";
import cors from "@fastify/cors";
import type { Config, Keys, Logger } from "@weft/shared";
import { LogController, fastify } from "fastify";
import type { FastifyError, FastifyInstance } from "fastify";
import { explorerRoutes } from "../explorer/explorer.js";
import type { ExplorerOptions } from "../explorer/explorer.js";
import { plainPageRoutes } from "../explorer/plain-page.js";
import type { HealthCheck } from "../health.js";
import { landingRoutes } from "../landing/landing.js";
import { linkPageRoutes } from "../link-pages/link-pages.js";
import { publicJwks } from "../viewer/token.js";
import { answerToFailure, mediaTypeOf } from "./answer.js";
import { capConnections } from "./connections.js";
import { graphqlRoute } from "./graphql-route.js";
import type { GraphqlRouteOptions } from "./graphql-route.js";
import { healthRoutes, metricsRoute } from "./health-routes.js";
import { refuseOtherHosts } from "./hosts.js";
import type { HostCheck } from "./hosts.js";
import { allowedHeaders, exposedHeaders } from "./cors-headers.js";
import { acceptJsonOnly } from "./json-body.js";
import { HttpRefusal } from "./refusal.js";
import { requestIdOf } from "./request-id.js";

export interface AppOptions extends GraphqlRouteOptions {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly isHostAllowed: HostCheck;
  /** Whether metrics and the parts of readiness are here too; else they are on the management port, or nowhere. */
  readonly hasManagement: boolean;
  /** `plain`: a page that only says where the API is; undefined: nothing. */
  readonly explorer: ExplorerOptions | "plain" | undefined;
}

/** The HTTP side of the gateway: timeouts and sizes of the connection, headers, and the routes. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, keys, log, checks, metrics, explorer, isOriginAllowed, isHostAllowed, hasManagement } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    // Nobody's forwarding header is believed but those of proxies that the configuration names.
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.limits.bodyBytes,
    // Against connections that send nothing, or a byte now and then.
    requestTimeout: 10_000,
    keepAliveTimeout: 65_000,
    // Against connections that take nothing of their answer: longer than any answer is worked at.
    connectionTimeout: config.requestTimeoutMs + 5_000,
    http: { maxHeaderSize: 16_384, headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    return503OnClosing: true,
    forceCloseConnections: "idle",
    // "/constructor" and the like are names of nothing here.
    onProtoPoisoning: "error",
  }) as unknown as FastifyInstance;

  capConnections(app.server, {
    perAddress: config.limits.connectionsPerAddress,
    trustedProxies: config.trustedProxies,
    metrics,
    log,
  });
  acceptJsonOnly(app);
  answerErrorsAsGraphql(app);
  app.addHook("onSend", async (request, reply) => {
    void reply.headers({
      "x-request-id": request.id,
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      // No page of another origin embeds what we answer. Calls by CORS are not affected.
      "cross-origin-resource-policy": "same-origin",
      ...(config.mode === "production" && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
    });
    if (!reply.hasHeader("content-security-policy"))
      void reply.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  });
  refuseOtherHosts(app, isHostAllowed);
  await app.register(cors, {
    delegator: (request, done) => {
      const isAllowed = isOriginAllowed(request.headers.origin, request.headers.host);
      done(null, {
        origin: isAllowed && request.headers.origin !== undefined ? request.headers.origin : false,
        methods: ["GET", "POST"],
        allowedHeaders: [...allowedHeaders],
        exposedHeaders: [...exposedHeaders],
        maxAge: 600,
      });
    },
  });
  // Answers only: a compressed request is refused, it could be a bomb.
  await app.register(compress, { global: true, globalDecompression: false, threshold: 2_048, encodings: ["gzip", "deflate"] });

  healthRoutes(app, { checks, shows: hasManagement ? "parts" : "status" });
  if (hasManagement) metricsRoute(app, metrics);
  app.get("/.well-known/jwks.json", async (_request, reply) =>
    reply.header("cache-control", "public, max-age=300").send({ keys: publicJwks(keys) }),
  );
  if (explorer === "plain") plainPageRoutes(app);
  else if (explorer) {
    landingRoutes(app, options.executor.schema);
    explorerRoutes(app, explorer);
  }
  linkPageRoutes(app);
  graphqlRoute(app, options);
  return app;
}

/** One shape of errors on every path, without a word about what is inside. */
function answerErrorsAsGraphql(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const { status, body } = answerToFailure(new HttpRefusal(404, "There is nothing here. The API is POST /graphql."), request.id);
    return reply.code(status).send(body);
  });
  app.setErrorHandler((error: FastifyError | HttpRefusal, request, reply) => {
    // Fastify's own refusals (too large a body, a bad content length, …) have a status below 500 and a message that is fit for the client.
    const isRefusal = error instanceof HttpRefusal || (error.statusCode !== undefined && error.statusCode < 500);
    const failure = isRefusal ? new HttpRefusal(error.statusCode ?? 400, error.message) : error;
    const { unexpected, status, body } = answerToFailure(failure, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "A request failed unexpectedly.");
    return reply.code(status).header("content-type", mediaTypeOf(request.headers.accept)).send(body);
  });
}
