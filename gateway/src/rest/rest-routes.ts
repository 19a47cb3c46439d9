/** `/api/v1/…`: the operations of the graph as a REST API. */
import { quote } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { turnOf } from "@weft/platform/fairness";
import createRouter, { type HTTPMethod } from "find-my-way";
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from "fastify";
import type { GraphQLFormattedError, GraphQLSchema } from "graphql";
import { consistencyTokenHeader, withConsistencyHeaders } from "../consistency/asked.js";
import { tokenOf } from "../consistency/consistency.js";
import { keptForLast } from "../federation/kept-for-last.js";
import { answerToFailure, setRetryAfter } from "../http/answer.js";
import type { GraphqlRouteOptions } from "../http/graphql-route.js";
import { recordRequest } from "../http/record-request.js";
import { asRefusal, HttpRefusal } from "../http/refusal.js";
import { announcedBytes, worthReading } from "../http/requests/anonymous-body.js";
import { admitCaller, callerOf, callerSince, knownCaller } from "../http/requests/caller.js";
import { withinRequest } from "../http/requests/within-request.js";
import { beginSending } from "../http/unsent-answers.js";
import { answeredDocument, runOperation } from "../operations.js";
import { problemMediaType, problemOf } from "./problem.js";
import type { Query } from "./query-parameters.js";
import { entityTagOf, linksOf, namesTag, responseOf, type RestFailure, type RestResponse } from "./response.js";
import { variablesOf } from "./rest-variables.js";
import { type RestRoute, restRoutes } from "./route.js";
import type { Json } from "./source-bodies.js";

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
export function restApi(app: FastifyInstance, options: GraphqlRouteOptions): void {
  const current = keptForLast((schema: GraphQLSchema) => finderOf(restRoutes(schema)));
  const find = (request: FastifyRequest): Lookup => current(options.executor.schema)(request);
  void app.register(async (scope) => {
    acceptJsonAndForms(scope);
    scope.setErrorHandler(async (error, request, reply) =>
      refuse(request, reply, { ...failureOf(asRefusal(error), request), isRefused: true }, options),
    );
    scope.route({
      method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
      url: `${restPath}/*`,
      preParsing: async (request, reply, payload) => {
        try {
          return await admit(request, reply, payload, find(request), options);
        } catch (error) {
          // The rest of the body is not worth reading.
          if (error instanceof HttpRefusal || announcedBytes(request.headers, Infinity) > worthReading)
            void reply.header("connection", "close");
          throw error;
        }
      },
      handler: async (request, reply) => {
        const address = found.get(request);
        if (address === undefined) throw new Error("A request has no address in the table.");
        const response = await answer(request, reply, address, options);
        if ("error" in response) return refuse(request, reply, { ...response, status: statusFor(request, response) }, options);
        const viewer = await knownCaller(request);
        send(request, reply, { ...response, isKept: address.route.isKept }, { ...options, viewer });
        await record(request, reply, options, response.failure);
        return reply;
      },
    });
  });
}

/** Allows the body to be read. @throws HttpRefusal, Unauthenticated, RateLimited */
async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
  { params, route, allowed }: Lookup,
  options: GraphqlRouteOptions,
): Promise<RequestPayload> {
  const admitted = await admitCaller({ request, reply }, payload, { ...options, cookies: undefined });
  if (route !== undefined) {
    found.set(request, { route, params });
    return admitted;
  }
  if (allowed.length === 0) throw new HttpRefusal(404, "This address does not exist. The addresses are listed at /docs/api.");
  void reply.header("allow", allowed.join(", "));
  throw new HttpRefusal(405, `This address takes ${allowed.join(", ")}.`);
}

interface Lookup {
  readonly route: RestRoute | undefined;
  readonly params: Readonly<Record<string, string | undefined>>;
  /** Methods that the address takes, if it does not take this one. */
  readonly allowed: readonly string[];
}

function finderOf(routes: readonly RestRoute[]): (request: FastifyRequest) => Lookup {
  const router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 200 });
  for (const route of routes) router.on(route.operation.row.method, `${restPath}${route.operation.row.path}`, () => undefined, route);
  return ({ method, url }) => {
    const known = router.find((method === "HEAD" ? "GET" : method) as HTTPMethod, url);
    if (known) return { route: known.store as RestRoute, params: known.params, allowed: [] };
    const allowed = methods.filter((one) => router.find(one, url) !== null);
    return { route: undefined, params: {}, allowed: allowed.flatMap((one) => (one === "GET" ? [one, "HEAD"] : [one])) };
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
      done(null, isForm ? formOf(text) : JSON.parse(text));
    } catch (error) {
      done(error instanceof HttpRefusal ? error : new HttpRefusal(400, "The body is not valid JSON in UTF-8."));
    }
  });
}

/** @throws HttpRefusal if a member occurs more than once, which RFC 6749 forbids */
function formOf(text: string): Record<string, string> {
  const members = [...new URLSearchParams(text)];
  const repeated = members.find(([name], index) => members.findIndex(([other]) => other === name) !== index);
  if (repeated) throw new HttpRefusal(400, `The form has the member ${quote(repeated[0])} more than once.`);
  return Object.fromEntries(members);
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { route, params }: Found,
  options: GraphqlRouteOptions,
): Promise<RestResponse | RestFailure> {
  const { executor, requestTimeoutMs: timeoutMs } = options;
  const { text, name } = route.operation;
  // First: a session that has ended gets no hints.
  const viewer = await callerOf(request, options);
  let variables: Json;
  try {
    variables = variablesOf(route, {
      params,
      query: request.query as Query,
      body: request.body,
      idempotencyKey: headerOf(request, "idempotency-key"),
      ifMatch: headerOf(request, "if-match"),
    });
  } catch (error) {
    return { ...failureOf(error, request), isBeforeExecution: true };
  }
  const asked = withConsistencyHeaders(request.headers);
  const result = await withinRequest(request, { viewer, timeoutMs, reply }, (context) =>
    options.consistency.execute(asked, {
      context,
      viewerSince: (since) => callerSince(request, since, options),
      execute: (consistent) => runOperation(executor, options, { query: text, operationName: name, variables }, consistent),
    }),
  );
  const token = tokenOf(result);
  if (token !== undefined) void reply.header(consistencyTokenHeader, token);
  return responseOf(route, result, request.id);
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

function failureOf(thrown: unknown, request: FastifyRequest): RestFailure {
  const { status, body, unexpected } = answerToFailure(thrown, request.id);
  if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
  return { status, error: body.errors?.[0] ?? { message: "An internal error occurred." } };
}

/** Counts and logs an answered request. */
async function record(
  request: FastifyRequest,
  reply: FastifyReply,
  options: GraphqlRouteOptions,
  error?: GraphQLFormattedError,
): Promise<void> {
  const { text, name } = found.get(request)?.route.operation ?? {};
  const document = answeredDocument(text, options.limits, { isExecuted: error === undefined });
  recordRequest(request, reply, { transport: "rest", operationName: name, document, viewer: await knownCaller(request), error }, options);
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, error, isBeforeExecution, isRefused }: RestFailure,
  options: GraphqlRouteOptions,
): Promise<FastifyReply> {
  await record(request, reply, options, error);
  // A flood of what is refused before it costs anything is slowed down, whatever the code is.
  const held = isBeforeExecution ? { ...error, extensions: { code: "BAD_REQUEST" } } : error;
  await options.pace.hold(request.ip, { body: { errors: [held] }, isRefused }, (await knownCaller(request)) === null);
  if (status === 401) void reply.header("www-authenticate", 'Bearer realm="weft"');
  setRetryAfter(reply, [error]);
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
  { status, body, location, version, pages, failure, isKept }: RestResponse & Pick<RestRoute, "isKept">,
  options: GraphqlRouteOptions & { readonly viewer: Viewer | null },
): void {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const encoded = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const tag = encoded && isKept && (isRead || version !== undefined) ? entityTagOf(encoded, version) : undefined;
  const known = headerOf(request, "if-none-match");
  const isKnown = isRead && tag !== undefined && known !== undefined && namesTag(known, tag);
  // Before the headers, because it can refuse the response.
  if (encoded && !isKnown)
    beginSending(reply.raw, encoded, { ...options, account: turnOf({ viewer: options.viewer, address: request.ip }) });
  // Whoever stores an answer must ask again whether it is still true, and whether the caller can still see it.
  void reply.header("cache-control", isRead && isKept ? "private, no-cache" : "no-store");
  const vary = reply.getHeader("vary");
  void reply.header("vary", typeof vary === "string" && vary !== "" ? `${vary}, authorization` : "authorization");
  if (location !== undefined) void reply.header("location", `${restPath}${location}`);
  if (tag !== undefined) void reply.header("etag", tag);
  const links = pages && linksOf(request.url, pages);
  if (links !== undefined) void reply.header("link", links);
  if (failure?.path) void reply.header("weft-incomplete", failure.path.slice(1).join("."));
  if (isKnown) void reply.code(304).send();
  else if (encoded === undefined) void reply.code(status).send();
  else void reply.code(status).header("content-type", jsonMediaType).send(encoded);
}
