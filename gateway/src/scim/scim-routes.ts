/** `/scim/v2/…`: SCIM 2.0 (RFC 7644), with which identity providers create, change and deactivate users and teams. */
import { Forbidden, Unauthenticated } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import type { Config } from "@weft/platform/config";
import { turnOf } from "@weft/platform/fairness";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Operation, OperationResult } from "../executor.js";
import type { GraphqlRouteOptions } from "../http/graphql-route.js";
import { originRefusal } from "../http/origins/origins.js";
import { recordRequest } from "../http/record-request.js";
import { asRefusal, HttpRefusal } from "../http/refusal.js";
import { withinRequest } from "../http/requests/within-request.js";
import { beginSending } from "../http/unsent-answers.js";
import { parseDocument, runOperation } from "../operations.js";
import { errorBodyOf, failureOf, failureOfError } from "./scim-refusal.js";
import type { ScimFailure } from "./scim-refusal.js";

export interface ScimRoutesOptions extends GraphqlRouteOptions {
  readonly config: Config;
}

/** Path of the endpoint. */
export const scimPath = "/scim/v2";

const mediaType = "application/scim+json; charset=utf-8";
const jsonType = /^application\/(?:scim\+)?json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const fields = "httpStatus body etag location retryAfter";
const reading = `query ScimRead($path: String!, $parameters: ScimParametersInput) { response: scim(path: $path, parameters: $parameters) { ${fields} } }`;
const writing = `mutation ScimWrite($input: SendScimRequestInput!) { sent: sendScimRequest(input: $input) { response { ${fields} } } }`;

interface ScimResponse {
  readonly httpStatus: number;
  readonly body: unknown;
  readonly etag: string | null;
  readonly location: string | null;
  readonly retryAfter: number | null;
}

type Query = Readonly<Record<string, unknown>>;

/** The caller of a request, whose key is valid. */
const callers = new WeakMap<FastifyRequest, Viewer>();

/** Only for API keys of service accounts. The key is checked before the body is read. What a request does is an operation of the API, with its limits. */
export function scimRoutes(app: FastifyInstance, options: ScimRoutesOptions): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser<Buffer>("*", { parseAs: "buffer", bodyLimit: options.config.limits.bodyBytes }, (request, body, done) => {
      const encoding = request.headers["content-encoding"];
      if (encoding !== undefined && encoding !== "identity") done(new HttpRefusal(415, "Send the body uncompressed."));
      else if (!jsonType.test(request.headers["content-type"] ?? ""))
        done(new HttpRefusal(415, "Send the body as application/scim+json or application/json, in UTF-8."));
      else {
        try {
          done(null, body.byteLength === 0 ? undefined : JSON.parse(utf8.decode(body)));
        } catch {
          done(new HttpRefusal(400, "The body is not valid JSON in UTF-8."));
        }
      }
    });
    scope.setErrorHandler(async (error, request, reply) => refuse(request, reply, failureOf(asRefusal(error), request.id), options));
    scope.addHook("onRequest", async (request) => admit(request, options));
    scope.route<{ Params: { "*": string }; Querystring: Query }>({
      method: ["GET", "POST", "PUT", "PATCH", "DELETE"],
      url: `${scimPath}/*`,
      exposeHeadRoute: false,
      bodyLimit: options.config.limits.bodyBytes,
      handler: async (request, reply) => {
        const result = await run(request, reply, options);
        const { data, errors } = result;
        const [error] = errors ?? [];
        if (error) return refuse(request, reply, failureOfError(error), options);
        const response = (data?.["response"] ?? (data?.["sent"] as { response?: unknown } | undefined)?.response) as
          | ScimResponse
          | undefined;
        if (!response) throw new Error("A SCIM request got no response.");
        record(
          request,
          reply,
          options,
          response.httpStatus < 400 ? undefined : { message: "", extensions: { code: codeOf(response.httpStatus) } },
        );
        return send(request, reply, response, options);
      },
    });
  });
}

/** @throws Unauthenticated, RateLimited, Forbidden, HttpRefusal */
async function admit(request: FastifyRequest, { authenticate, anonymous, isOriginAllowed }: ScimRoutesOptions): Promise<void> {
  const { headers, ip, url } = request;
  if (!isOriginAllowed(headers.origin, headers.host)) throw new HttpRefusal(403, originRefusal(headers.origin));
  try {
    const claims = await authenticate.claimsOf(headers.authorization);
    if (claims === null) throw new Unauthenticated("Send the API key as: Authorization: Bearer weft_….");
    const { viewer } = await authenticate.viewerOf(claims, ip);
    if (viewer.apiKey === null || viewer.userType !== "SERVICE") throw new Forbidden("Use an API key of a service account.");
    callers.set(request, viewer);
  } catch (error) {
    if (error instanceof Unauthenticated) await anonymous.count(ip, url.length);
    throw error;
  }
}

/** Runs the operation that the request stands for. */
function run(
  request: FastifyRequest<{ Params: { "*": string }; Querystring: Query }>,
  reply: FastifyReply,
  options: ScimRoutesOptions,
): Promise<OperationResult> {
  const { executor, requestTimeoutMs: timeoutMs } = options;
  return withinRequest(request, { viewer: callers.get(request) ?? null, timeoutMs, reply }, async (context) =>
    runOperation(executor, options, operationOf(request), context),
  );
}

function operationOf({ method, params, query, body, headers }: FastifyRequest<{ Params: { "*": string }; Querystring: Query }>): Operation {
  const path = params["*"];
  const selection = { attributes: one(query, "attributes"), excludedAttributes: one(query, "excludedAttributes") };
  if (method !== "GET") {
    const input = { method, path, body: body ?? null, ifMatch: headers["if-match"] ?? null, ...selection };
    return { query: writing, variables: { input }, isInternal: true };
  }
  const parameters = { filter: one(query, "filter"), startIndex: one(query, "startIndex"), count: one(query, "count"), ...selection };
  return { query: reading, variables: { path, parameters } };
}

/** @throws HttpRefusal if a parameter occurs more than once */
function one(query: Query, name: string): string | null {
  const value = query[name];
  if (Array.isArray(value)) throw new HttpRefusal(400, `The parameter ${name} occurs more than once.`);
  return typeof value === "string" ? value : null;
}

/** The code of the API that corresponds to a status, for metrics and logs. */
function codeOf(status: number): string {
  if (status === 404) return "NOT_FOUND";
  if (status === 403) return "LIMIT_EXCEEDED";
  return status === 409 || status === 412 || status === 503 ? "CONFLICT" : "BAD_USER_INPUT";
}

type Failed = ScimFailure["error"];

/** Counts and logs an answered request. */
function record(request: FastifyRequest, reply: FastifyReply, options: ScimRoutesOptions, error?: Failed): void {
  const [operationName, text] = request.method === "GET" ? (["ScimRead", reading] as const) : (["ScimWrite", writing] as const);
  const document = parseDocument(text, options.limits);
  recordRequest(request, reply, { transport: "http", operationName, document, viewer: callers.get(request) ?? null, error }, options);
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: ScimFailure,
  options: ScimRoutesOptions,
): Promise<FastifyReply> {
  const { status, error, retryAfter, unexpected } = failure;
  if (unexpected !== undefined) request.log.error({ err: unexpected }, "a SCIM request failed unexpectedly");
  record(request, reply, options, error);
  await options.pace.hold(request.ip, { body: { errors: [error] } }, !callers.has(request));
  if (status === 401) void reply.header("www-authenticate", 'Bearer realm="weft"');
  if (retryAfter !== undefined) void reply.header("retry-after", String(retryAfter));
  return reply
    .code(status)
    .header("content-type", mediaType)
    .header("cache-control", "no-store")
    .send(JSON.stringify(errorBodyOf(failure)));
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { httpStatus: status, body, etag, location, retryAfter }: ScimResponse,
  options: ScimRoutesOptions,
): FastifyReply {
  void reply.code(status).header("cache-control", "no-store");
  if (etag !== null) void reply.header("etag", etag);
  if (retryAfter !== null) void reply.header("retry-after", String(retryAfter));
  if (location !== null) void reply.header(status === 201 ? "location" : "content-location", location);
  if (body === null) return reply.send();
  const encoded = Buffer.from(JSON.stringify(body));
  beginSending(reply.raw, encoded, { ...options, account: turnOf({ viewer: callers.get(request) ?? null, address: request.ip }) });
  return reply.header("content-type", mediaType).send(encoded);
}
