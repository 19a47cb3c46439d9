import type { ServerResponse } from "node:http";
import { ApolloServer } from "@apollo/server";
import type { ApolloServerOptionsWithGateway } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import { fastify } from "fastify";
import type { FastifyInstance } from "fastify";
import { GraphQLError } from "graphql";
import type { Registry } from "prom-client";
import { ServiceUnavailable, toClientError } from "@weft/shared/errors";
import type { CallContext } from "@weft/shared/viewer";
import { AdaptiveSemaphore, turnOf } from "@weft/platform/fairness";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "./define-subgraph.js";
import { callVerifier, gatewayHeader } from "./signed-call.js";

/** Sufficient for `_entities` of a large page. */
const bodyLimitBytes = 16 * 1024 * 1024;
/** Sufficient for the signed viewer of a user who leads thousands of teams. */
const maxHeaderBytes = 512 * 1024;

export interface ServedSubgraph {
  /** URL of its GraphQL endpoint. */
  readonly url: string;
  /** Stops accepting new calls and completes current calls. */
  drain(): Promise<void>;
}

interface ServerContext {
  readonly call: CallContext;
  /** Aborted if the gateway closes the connection before the response, because the client disconnected or the gateway gave up the call. */
  readonly signal: AbortSignal;
}

declare module "fastify" {
  interface FastifyRequest {
    call: CallContext | null;
  }
}

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  /** Metrics of the process. Without them, `/metrics` is not found. */
  readonly metrics?: Registry;
}

/**
 * Serves a subgraph over HTTP, only to its gateway: `POST /graphql` with a signed call; and to operators `GET /health/live`, and `GET /metrics` in the
 * Prometheus format.
 */
export async function serveSubgraph(
  subgraph: Subgraph,
  services: Services,
  { port, host, metrics }: ServeOptions,
): Promise<ServedSubgraph> {
  const apollo = new ApolloServer<ServerContext>({
    gateway: asGateway(subgraph, services),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
      // It would wrap every field of the schema, although nothing of a subgraph is cached.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    formatError: (_formatted, error) => toClientError(error, "").client,
  });
  await apollo.start();
  const server = fastify({
    bodyLimit: bodyLimitBytes,
    http: { maxHeaderSize: maxHeaderBytes },
    forceCloseConnections: "idle",
    keepAliveTimeout: 10_000,
  });
  readVerifiedBodies(server, subgraph.name, services);
  server.get("/health/live", () => ({ status: "live", subgraph: subgraph.name }));
  if (metrics) server.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  server.route({
    method: "POST",
    url: "/graphql",
    handler: fastifyApolloHandler(apollo, {
      context: ({ call }, reply) =>
        call
          ? Promise.resolve({ call, signal: untilClosed(reply.raw) })
          : Promise.reject(new Error("a call reached the handler without verification")),
    }),
  });
  const url = await server.listen({ port, host });
  return {
    url: `${url}/graphql`,
    drain: async () => {
      await server.close();
      await apollo.stop();
    },
  };
}

function untilClosed(response: ServerResponse): AbortSignal {
  const ending = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) ending.abort(new Error("The gateway closed the connection."));
  });
  return ending.signal;
}

/**
 * Returns an Apollo Server gateway with a custom executor, so that the same code runs in process and over HTTP. Tenants take turns here too, because
 * this process can be busy while the gateway's process is not.
 */
function asGateway(subgraph: Subgraph, services: Services): ApolloServerOptionsWithGateway<ServerContext>["gateway"] {
  const places = new AdaptiveSemaphore({
    size: services.config.limits.operationsInFlight,
    maxPerKey: services.config.limits.operationsInFlightPerTenant,
    refusal: ({ waiting }) => new ServiceUnavailable(subgraph.name, new Error(`${waiting} calls are waiting.`)),
  });
  return {
    load: () =>
      Promise.resolve({
        executor: async ({ request, context }) => {
          const { call, signal } = context as ServerContext;
          const { query = "", variables, operationName } = request;
          const run = () => subgraph.execute({ services, call, query, variables, operationName, signal });
          const response = await places.run(turnOf(call), run, { signal });
          // Apollo Server only accepts errors of graphql-js.
          const errors = response.errors?.map(
            ({ message, path, extensions }) => new GraphQLError(message, { path: path ?? null, extensions: extensions ?? null }),
          );
          return { ...(response.data !== undefined && { data: response.data }), ...(errors && { errors }) };
        },
      }),
    onSchemaLoadOrUpdate: (tell) => {
      tell({ apiSchema: subgraph.schema, coreSupergraphSdl: "" });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

/** Reads bodies as text, verifies exactly the bytes that were signed, and only then parses them. Only JSON is accepted. */
function readVerifiedBodies(server: FastifyInstance, name: string, services: Services): void {
  const verify = callVerifier({ key: services.keys.internalCall, subgraph: name });
  server.decorateRequest("call", null);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    try {
      request.call = verify(request.headers[gatewayHeader], body.toString());
      done(null, JSON.parse(body.toString()));
    } catch (error) {
      done(error as Error);
    }
  });
  server.setErrorHandler((error, request, reply) => {
    const { client, logLevel, cause } = toClientError(error, request.call?.requestId ?? request.id);
    const isOfFastify = !(error instanceof GraphQLError) && typeof (error as { statusCode?: unknown }).statusCode === "number";
    const status = isOfFastify
      ? (error as { statusCode: number }).statusCode
      : client.extensions?.["code"] === "UNAUTHENTICATED"
        ? 401
        : error instanceof SyntaxError
          ? 400
          : 500;
    if (status >= 500) services.log[logLevel]({ err: cause, subgraph: name }, "a call failed");
    void reply.code(status).send({ errors: [client] });
  });
  server.setNotFoundHandler(
    (_request, reply) =>
      void reply.code(404).send({
        errors: [{ message: "Only POST /graphql, GET /health/live and GET /metrics are supported.", extensions: { code: "BAD_REQUEST" } }],
      }),
  );
}
