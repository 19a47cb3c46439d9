import type { IncomingMessage } from "node:http";
import { quote } from "@weft/shared/errors";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { problemMediaType, problemOf } from "../rest/problem.js";
import { restPath } from "../rest/rest-routes.js";
import { answerToFailure, mediaTypeOf, setRetryAfter } from "./answer.js";
import type { GraphqlRouteOptions } from "./graphql-route.js";
import { recordRequest } from "./record-request.js";
import { asRefusal, HttpRefusal } from "./refusal.js";
import { announcedBytes, worthReading } from "./requests/anonymous-body.js";
import { admitCaller, knownCaller } from "./requests/caller.js";

/** Longest part of a path that stands for a parameter. Tokens in links to files are longer than parameters usually are. */
export const maxParamLength = 200;

const messages: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: "is not valid. Encode each character of its parts in UTF-8, for example a percent sign as %25.",
  FST_ERR_MAX_PARAM_LENGTH: `has a part that is longer than ${maxParamLength} characters. No object has such an ID.`,
};

/** Path of the route that answers requests without a valid path. Nothing exists there for other requests. */
const refusalPath = "/.not-a-valid-path";

/** A request that Fastify has refused. */
interface Refused {
  /** As the client has sent it, without the query string. */
  readonly path: string;
  readonly error: Error;
}

const refusedRequests = new WeakMap<IncomingMessage, Refused>();

/**
 * Fastify refuses some requests before it has found a route, and so before all hooks. This passes them on to a route for them, where they are checked, limited
 * and counted as all others.
 */
export function passOnRefused(app: FastifyInstance, error: FastifyError, { raw }: FastifyRequest, reply: FastifyReply): void {
  const [whole = ""] = (raw.url ?? "").split("?");
  const [origin = ""] = /^[a-z]+:\/\/[^/]*/i.exec(whole) ?? [];
  const path = whole.slice(origin.length);
  const message = messages[error.code];
  const refusal = message === undefined ? error : new HttpRefusal(error.statusCode ?? 400, `The path ${quote(path)} ${message}`);
  refusedRequests.set(raw, { path, error: refusal });
  // The host of an absolute URL is checked, too.
  raw.url = `${origin}${refusalPath}`;
  app.routing(raw, reply.raw);
}

type RefusalOptions = Pick<
  GraphqlRouteOptions,
  "authenticate" | "anonymous" | "limits" | "isOriginAllowed" | "pace" | "metrics" | "logOperation"
>;

/** Answers the requests that Fastify has refused: under the path of the REST API with a problem, and elsewhere with an error of the API. */
export function refusalRoute(app: FastifyInstance, options: RefusalOptions): void {
  void app.register(async (scope) => {
    scope.setErrorHandler(async (error, request, reply) => {
      const refused = refusedRequests.get(request.raw);
      if (!refused) throw error;
      return answer(request, reply, { error: asRefusal(error), path: refused.path }, options);
    });
    scope.all(refusalPath, {
      // Before the body is read.
      preParsing: async (request, reply, payload) => {
        const refused = refusedRequests.get(request.raw);
        if (!refused) return payload;
        if (announcedBytes(request.headers, Infinity) > worthReading) void reply.header("connection", "close");
        await admitCaller({ request, reply }, payload, { ...options, cookies: undefined });
        throw refused.error;
      },
      handler: (_request, reply) => reply.callNotFound(),
    });
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { error, path }: { readonly error: unknown; readonly path: string },
  options: RefusalOptions,
): Promise<FastifyReply> {
  const { unexpected, status, body } = answerToFailure(error, request.id);
  if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
  const [first] = body.errors ?? [];
  const isRest = first !== undefined && path.startsWith(`${restPath}/`);
  const viewer = await knownCaller(request);
  const transport = isRest ? "rest" : "http";
  recordRequest(request, reply, { transport, operationName: undefined, document: undefined, viewer, error: first }, options);
  await options.pace.hold(request.ip, { body, isRefused: true }, viewer === null);
  setRetryAfter(reply, body.errors);
  return reply
    .code(status)
    .header("content-type", isRest ? problemMediaType : mediaTypeOf(request.headers.accept))
    .header("cache-control", "no-store")
    .send(JSON.stringify(isRest ? problemOf(first, status, path) : body));
}
