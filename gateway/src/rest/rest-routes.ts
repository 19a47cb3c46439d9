/** `/api/v1/…`: the operations of the graph as a REST API. */
import type { Viewer } from "@weft/shared/viewer";
import { turnOf } from "@weft/platform/fairness";
import createRouter, { type HTTPMethod } from "find-my-way";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GraphQLFormattedError } from "graphql";
import { answerToFailure } from "../http/answer.js";
import type { GraphqlRouteOptions } from "../http/graphql-route.js";
import { HttpRefusal } from "../http/refusal.js";
import { admitCaller, callerOf, knownCaller } from "../http/requests/caller.js";
import { withinRequest } from "../http/requests/within-request.js";
import { beginSending } from "../http/unsent-answers.js";
import { knownDocument, runOperation } from "../operations.js";
import { problemMediaType, problemOf } from "./problem.js";
import type { Query } from "./query-parameters.js";
import { entityTagOf, linksOf, responseOf, type RestFailure, type RestResponse } from "./response.js";
import { variablesOf } from "./rest-variables.js";
import type { RestRoute } from "./route.js";

/** Path of the REST API. */
export const restPath = "/api/v1";

const jsonMediaType = "application/json; charset=utf-8";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const methods = ["GET", "POST", "PUT", "DELETE"] as const;

/** A request and its address in the table. */
interface Found {
  readonly route: RestRoute;
  readonly params: Readonly<Record<string, string | undefined>>;
}

const found = new WeakMap<FastifyRequest, Found>();

/**
 * Serves the table. All addresses are one route of the server, with a router of their own, so that unknown addresses and methods get the same kind of
 * answer as all others.
 */
export function restApi(app: FastifyInstance, routes: readonly RestRoute[], options: GraphqlRouteOptions): void {
  const find = finderOf(routes);
  void app.register(async (scope) => {
    acceptJsonAndForms(scope);
    scope.setErrorHandler(async (error, request, reply) => refuse(request, reply, failureOf(readable(error), request), options));
    scope.route({
      method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
      url: `${restPath}/*`,
      preParsing: async (request, reply, payload) => {
        const { params, route, allowed } = find(request);
        const admitted = await admitCaller(request, payload, { ...options, cookies: undefined });
        if (route === undefined) {
          if (allowed.length === 0) throw new HttpRefusal(404, "This address does not exist. The addresses are listed at /docs/api.");
          void reply.header("allow", allowed.join(", "));
          throw new HttpRefusal(405, `This address takes ${allowed.join(", ")}.`);
        }
        found.set(request, { route, params });
        return admitted;
      },
      handler: async (request, reply) => {
        const address = found.get(request);
        if (address === undefined) throw new Error("A request has no address in the table.");
        const response = await answer(request, reply, address, options);
        if ("error" in response) return refuse(request, reply, { ...response, status: statusFor(request, response) }, options);
        await record(request, reply, options);
        return send(request, reply, response, { ...options, viewer: await knownCaller(request) });
      },
    });
  });
}

interface Lookup {
  readonly route: RestRoute | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Methods that the address takes, if it does not take this one. */
  readonly allowed: readonly string[];
}

function finderOf(routes: readonly RestRoute[]): (request: FastifyRequest) => Lookup {
  const router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 200 });
  for (const route of routes) router.on(route.operation.row.method, route.operation.row.path, () => undefined, route);
  return ({ method, url }) => {
    const path = url.slice(restPath.length);
    const known = router.find((method === "HEAD" ? "GET" : method) as HTTPMethod, path);
    if (known) return { route: known.store as RestRoute, params: known.params, allowed: [] };
    return { route: undefined, params: {}, allowed: methods.filter((one) => router.find(one, path) !== null) };
  };
}

/** Bodies are JSON. A form is read only where the address takes one. */
function acceptJsonAndForms(scope: FastifyInstance): void {
  const jsonType = /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;
  const formType = /^application\/x-www-form-urlencoded\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (request, body, done) => {
    const type = request.headers["content-type"] ?? "";
    const encoding = request.headers["content-encoding"];
    const isForm = formType.test(type) && found.get(request)?.route.adapter.takesForm === true;
    if (encoding !== undefined && encoding !== "identity") return done(new HttpRefusal(415, "Send the body uncompressed."));
    if (!isForm && !jsonType.test(type)) return done(new HttpRefusal(415, "Send the body as Content-Type: application/json, in UTF-8."));
    if (body.byteLength === 0) return done(null, undefined);
    try {
      const text = utf8.decode(body);
      done(null, isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text));
    } catch {
      done(new HttpRefusal(400, "The body is not valid JSON in UTF-8."));
    }
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, params }: Found,
  options: GraphqlRouteOptions,
): Promise<RestResponse | RestFailure> {
  const { executor, requestTimeoutMs: timeoutMs } = options;
  const { text, name } = route.operation;
  const variables = variablesOf(route, {
    params,
    query: request.query as Query,
    body: request.body,
    idempotencyKey: headerOf(request, "idempotency-key"),
    ifMatch: headerOf(request, "if-match"),
  });
  const result = await withinRequest(request, { viewer: callerOf(request, options), timeoutMs, reply }, (context) =>
    runOperation(executor, options, { query: text, operationName: name, variables }, context),
  );
  return responseOf(route, result);
}

function headerOf({ headers }: FastifyRequest, name: "idempotency-key" | "if-match" | "if-none-match"): string | undefined {
  const value: unknown = headers[name];
  return typeof value === "string" ? value : undefined;
}

/** A version that `If-Match` names and the object no longer has is what 412 stands for. */
function statusFor(request: FastifyRequest, { status, error }: RestFailure): number {
  const isOutdated = status === 409 && error.extensions?.["currentVersion"] !== undefined && headerOf(request, "if-match") !== undefined;
  return isOutdated ? 412 : status;
}

/** Fastify's own refusals, such as a body that is too large, are safe to show. */
function readable(error: unknown): unknown {
  const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message?: unknown };
  return typeof statusCode === "number" && statusCode < 500 ? new HttpRefusal(statusCode, String(message)) : error;
}

function failureOf(thrown: unknown, request: FastifyRequest): RestFailure {
  const { status, body, unexpected } = answerToFailure(thrown, request.id);
  if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
  return { status, error: body.errors?.[0] ?? { message: "An internal error occurred." } };
}

/** Counts and logs an answered request. */
async function record(
  request: FastifyRequest,
  { elapsedTime: durationMs }: FastifyReply,
  options: GraphqlRouteOptions,
  error?: GraphQLFormattedError,
): Promise<void> {
  const operation = found.get(request)?.route.operation;
  const given = error?.extensions?.["code"];
  const code = error === undefined ? "OK" : typeof given === "string" ? given : "BAD_REQUEST";
  options.metrics.operation({ transport: "rest", code, seconds: durationMs / 1_000 });
  options.logOperation(
    {
      transport: "rest",
      requestId: request.id,
      operationName: operation?.name,
      document: knownDocument(operation?.text, options.limits),
      viewer: await knownCaller(request),
      address: request.ip,
      durationMs,
      error,
    },
    code === "RATE_LIMITED" ? "debug" : "info",
  );
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, error }: RestFailure,
  options: GraphqlRouteOptions,
): Promise<FastifyReply> {
  await record(request, reply, options, error);
  await options.pace.hold(request.ip, { body: { errors: [error] } }, (await knownCaller(request)) === null);
  const retryAfter = error.extensions?.["retryAfter"];
  if (status === 401) void reply.header("www-authenticate", 'Bearer realm="weft"');
  if (typeof retryAfter === "number") void reply.header("retry-after", String(Math.max(1, Math.ceil(retryAfter))));
  const [path = ""] = request.url.split("?");
  return reply
    .code(status)
    .header("content-type", problemMediaType)
    .header("cache-control", "no-store")
    .send(JSON.stringify(problemOf(error, status, path)));
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, body, location, version, pages }: RestResponse,
  options: GraphqlRouteOptions & { readonly viewer: Viewer | null },
): FastifyReply {
  void reply.code(status);
  if (location !== undefined) void reply.header("location", `${restPath}${location}`);
  if (body === undefined) return reply.header("cache-control", "no-store").send();
  const encoded = Buffer.from(JSON.stringify(body));
  const isRead = request.method === "GET" || request.method === "HEAD";
  const tag = isRead || version !== undefined ? entityTagOf(encoded, version) : undefined;
  if (tag !== undefined) void reply.header("etag", tag);
  // Whoever keeps an answer must ask again whether it is still true, and whether the caller may still see it.
  void reply.header("cache-control", isRead ? "private, no-cache" : "no-store").header("vary", "authorization");
  const links = pages && linksOf(request.url, pages);
  if (links !== undefined) void reply.header("link", links);
  if (isRead && tag !== undefined && headerOf(request, "if-none-match") === tag) return reply.code(304).send();
  beginSending(reply.raw, encoded, { ...options, account: turnOf({ viewer: options.viewer, address: request.ip }) });
  return reply.header("content-type", jsonMediaType).send(encoded);
}
