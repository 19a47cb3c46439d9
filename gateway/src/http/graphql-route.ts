import type { IncomingHttpHeaders } from "node:http";
import { Abandoned, QueryLimitExceeded, RateLimited, ServiceUnavailable, Unauthenticated, type WeftError } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { turnOf } from "@weft/platform/fairness";
import { contained } from "@weft/platform/logging";
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from "fastify";
import { OperationTypeNode } from "graphql";
import type { SessionCookies } from "../cookies/session-cookies.js";
import { ClientGone } from "../context.js";
import type { Executor, Operation } from "../executor.js";
import type { Anonymous } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import type { RefusalPace } from "../limits/refusal-pace.js";
import type { Metrics } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import { knownDocument, parseDocument, resolveOperation, runOperation } from "../operations.js";
import type { Authenticate, Authenticated } from "../viewer/authenticate.js";
import { announcedBytes, boundedBody } from "./requests/anonymous-body.js";
import { answerToFailure, mediaTypeOf, setRetryAfter } from "./answer.js";
import type { Answer } from "./answer.js";
import { assertNotForged } from "./origins/csrf.js";
import { parseOperation, parseQueryString } from "./requests/graphql-request.js";
import type { SentOperation } from "./requests/graphql-request.js";
import { isInProcess, isInternalRequest } from "./in-process-fetch.js";
import type { Sender, StoredOperations } from "../stored-operations/stored-operations.js";
import { originRefusal } from "./origins/origins.js";
import type { OriginCheck } from "./origins/origins.js";
import { HttpRefusal } from "./refusal.js";
import { traceIdOf } from "./requests/request-id.js";
import { watchSending } from "./unsent-answers.js";
import type { UnsentAnswers } from "./unsent-answers.js";

export interface GraphqlRouteOptions {
  readonly executor: Executor;
  readonly authenticate: Authenticate;
  readonly limits: Limits & { readonly anonymousBodyBytes: number };
  readonly anonymous: Anonymous;
  readonly pace: RefusalPace;
  readonly metrics: Metrics;
  readonly logOperation: OperationLog;
  readonly requestTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly unsent: UnsentAnswers;
  readonly isOriginAllowed: OriginCheck;
  readonly cookies: SessionCookies;
  readonly stored: StoredOperations;
}

/** Path of the API. */
export const graphqlPath = "/graphql";

/** A path of the API: every operation with POST, and queries with GET too, for clients that send short queries that way. */
export function graphqlRoute(app: FastifyInstance, url: string, options: GraphqlRouteOptions): void {
  const { pace } = options;
  app.route({
    method: ["GET", "POST"],
    url,
    // HEAD would run the query and discard the response.
    exposeHeadRoute: false,
    // Before the body is read: callers without a valid token can send less.
    preParsing: async (request, reply, payload) => {
      try {
        return await admit(request, payload, options);
      } catch (error) {
        const answer = answerToFailure(error, request.id);
        options.metrics.operation({ transport: "http", code: codeOf(answer), seconds: 0 });
        const refused = { operationName: undefined, document: undefined, viewer: null, address: request.ip, durationMs: 0 };
        const [refusal] = answer.body.errors ?? [];
        // Metrics count floods. Logging each request would add to the load.
        options.logOperation(
          { transport: "http", requestId: request.id, ...refused, error: refusal },
          error instanceof RateLimited ? "debug" : "info",
        );
        // The rest of the body is not worth reading.
        if (error instanceof HttpRefusal || announcedBytes(request.headers, Infinity) > worthReading)
          void reply.header("connection", "close");
        await pace.hold(request.ip, answer);
        throw error;
      }
    },
    handler: async (request, reply) => {
      const started = performance.now();
      const answer = await answerTo(request, reply, options);
      const { operationName } = (asked(request) ?? {}) as { operationName?: unknown };
      const viewer = (await asking.get(request)?.catch(() => null))?.viewer ?? null;
      const durationMs = performance.now() - started;
      options.metrics.operation({ transport: "http", code: codeOf(answer), seconds: durationMs / 1_000 });
      options.logOperation(
        {
          transport: "http",
          requestId: request.id,
          operationName,
          document: knownDocument(running.get(request)?.query, options.limits),
          viewer,
          address: request.ip,
          durationMs,
          error: answer.body.errors?.[0],
        },
        isInProcess() ? "debug" : "info",
      );
      await pace.hold(request.ip, answer, viewer === null);
      if (answer.status === 405) void reply.header("allow", "POST");
      return send(request, reply, answer, { ...options, account: turnOf({ viewer, address: request.ip }) });
    },
  });
  app.route({
    method: ["HEAD", "PUT", "PATCH", "DELETE"],
    url,
    handler: async (_request, reply) => {
      void reply.header("allow", "GET, POST");
      throw new HttpRefusal(
        405,
        "Send operations with POST, queries with POST or GET, and subscriptions over WebSocket (graphql-transport-ws). The explorer is at /explorer.",
      );
    },
  });
}

/** Number of bytes of a refused body that are cheaper to read than opening a new connection. */
const worthReading = 16_384;

function codeOf({ body }: Answer): string {
  const code = body.errors?.[0]?.extensions?.["code"];
  return typeof code === "string" ? code : "OK";
}

/** The caller behind the valid token of a request. The lookup starts before the body is read, so that both run at the same time. */
const asking = new WeakMap<FastifyRequest, Promise<Authenticated>>();

/** Allows the body to be read, with a smaller limit for requests without a valid token. @throws HttpRefusal, Unauthenticated, RateLimited */
async function admit(
  request: FastifyRequest,
  payload: RequestPayload,
  { authenticate, anonymous, limits, isOriginAllowed, cookies }: GraphqlRouteOptions,
): Promise<RequestPayload> {
  const { headers, ip, url, method } = request;
  if (!isOriginAllowed(headers.origin, headers.host)) throw new HttpRefusal(403, originRefusal(headers.origin));
  const { anonymousBodyBytes } = limits;
  const count = (): Promise<void> =>
    anonymous.count(ip, url.length + Math.min(announcedBytes(headers, anonymousBodyBytes), anonymousBodyBytes));
  const claims = await authenticate
    .claimsOf(headers.authorization ?? (method === "POST" ? authorizationOf(headers, cookies) : undefined))
    .catch(async (error: unknown) => {
      await count();
      throw error;
    });
  if (claims) {
    const authenticated = authenticate.viewerOf(claims, ip);
    // If reading the body fails, nobody awaits this promise.
    authenticated.catch(() => undefined);
    asking.set(request, authenticated);
    // Anybody can write a text that looks like an API key. Until it has proved to be one, it counts as no token.
    if (!authenticate.isProven(claims))
      await authenticated.catch(async (error: unknown) => {
        if (error instanceof Unauthenticated) await count();
        throw error;
      });
    return payload;
  }
  await count();
  return boundedBody(payload, headers, anonymousBodyBytes);
}

/** Returns the authorization by a cookie, which counts only for requests of our own pages. A GET, which links and images cause, is never one. */
function authorizationOf(headers: IncomingHttpHeaders, cookies: SessionCookies): string | undefined {
  const { access } = cookies.tokensOf(headers);
  return access !== undefined && cookies.isOwnRequest(headers) ? `Bearer ${access}` : undefined;
}

/** Returns the caller, or null without a token. A token whose session has ended counts as no token. */
async function viewerOf(request: FastifyRequest, { anonymous }: GraphqlRouteOptions): Promise<Viewer | null> {
  try {
    return (await asking.get(request))?.viewer ?? null;
  } catch (error) {
    if (error instanceof Unauthenticated) await anonymous.count(request.ip, 0);
    throw error;
  }
}

/** The unchecked content of a request: its body, or the query string of a GET. */
const asked = (request: FastifyRequest): unknown => (request.method === "GET" ? request.query : request.body);

const textOf = (header: string | string[] | undefined): string | undefined => (typeof header === "string" ? header : undefined);

/** Returns who sends a request, and what the client calls itself: the application, or a name as clients of Apollo and others send it. */
const senderOf = ({ headers, ip }: FastifyRequest, viewer: Viewer | null): Sender => ({
  viewer,
  address: ip,
  application: textOf(headers["weft-application"]),
  client: textOf(headers["graphql-client-name"]) ?? textOf(headers["apollographql-client-name"]),
  isInProcess: isInProcess(),
});

/** The operation of a request, as soon as its text is known. */
const running = new WeakMap<FastifyRequest, Operation>();

/** Returns what a request contains, depending on its method. Throws the reason for a refusal. */
function sentWith(request: FastifyRequest): SentOperation {
  if (request.method !== "GET") return parseOperation(asked(request));
  assertNotForged(request.headers);
  return parseQueryString(asked(request));
}

/** Returns the operation of a request with its text. Throws the reason for a refusal. */
async function operationOf(
  request: FastifyRequest,
  { sent, sender }: { readonly sent: SentOperation; readonly sender: Sender },
  { stored, limits }: GraphqlRouteOptions,
): Promise<Operation> {
  const found = await stored.operationOf(sent, sender);
  const operation: Operation = isInternalRequest() ? { ...found, isInternal: true } : found;
  running.set(request, operation);
  if (request.method !== "GET") return operation;
  // Parsed documents are cached, so reading the document again later costs nothing.
  const { operation: kind } = resolveOperation(parseDocument(operation.query, limits), operation.operationName);
  if (kind !== OperationTypeNode.MUTATION) return operation;
  throw new HttpRefusal(405, "Send mutations with POST. GET requests are read-only, so that links cannot change data.");
}

async function answerTo(request: FastifyRequest, reply: FastifyReply, options: GraphqlRouteOptions): Promise<Answer> {
  const { executor, requestTimeoutMs } = options;
  // One controller and a timer that is cleared: AbortSignal.timeout and any() would outlive the request by the whole deadline.
  const ending = new AbortController();
  const began = performance.now();
  let isLate = false;
  const onLate = contained("the deadline of a request", () => {
    isLate = true;
    ending.abort(new Error(`No response within ${requestTimeoutMs} ms.`));
  });
  const deadline = setTimeout(onLate, requestTimeoutMs);
  const onClose = contained("the end of a response", () => {
    if (!reply.raw.writableFinished) ending.abort(new ClientGone());
  });
  reply.raw.once("close", onClose);
  try {
    const sent = sentWith(request);
    const sender = senderOf(request, await viewerOf(request, options));
    const operation = await operationOf(request, { sent, sender }, options);
    const result = await runOperation(executor, options, operation, {
      viewer: sender.viewer,
      requestId: request.id,
      address: request.ip,
      userAgent: request.headers["user-agent"]?.slice(0, 300) ?? null,
      traceId: traceIdOf(request.headers["traceparent"]),
      signal: ending.signal,
      deadline: began + requestTimeoutMs,
    });
    // Without data, the text was refused: it is invalid, or beyond a limit.
    if (result.data !== undefined) options.stored.accepted(sent, sender);
    const { status, ...body } = result;
    return { status, body };
  } catch (error) {
    const failure = isLate ? new ServiceUnavailable("gateway", error) : error instanceof ClientGone ? new Abandoned(error) : error;
    const { unexpected, ...answer } = answerToFailure(failure, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
    return answer;
  } finally {
    clearTimeout(deadline);
  }
}

interface Sending extends Pick<GraphqlRouteOptions, "maxResponseBytes" | "unsent"> {
  /** The account charged for the memory of the response until it has been sent. */
  readonly account: string;
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer, { maxResponseBytes, unsent, account }: Sending): FastifyReply {
  // Encoded once: as a string, every layer below would count its bytes again.
  let encoded = Buffer.from(JSON.stringify(answer.body));
  let code = answer.status;
  let { errors } = answer.body;
  const refuse = (error: WeftError): void => {
    const refusal = answerToFailure(error, request.id);
    code = refusal.status;
    ({ errors } = refusal.body);
    encoded = Buffer.from(JSON.stringify(refusal.body));
  };
  const actual = encoded.byteLength;
  if (actual > maxResponseBytes) refuse(new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxResponseBytes }));
  else {
    const sent = unsent.begin(account, actual);
    if (sent) watchSending(reply.raw, actual, sent);
    else refuse(new RateLimited({ retryAfter: 5 }, "Too many responses to your organization have not been read yet."));
  }
  if (code === 429) setRetryAfter(reply, errors);
  return reply.code(code).header("content-type", mediaTypeOf(request.headers.accept)).header("cache-control", "no-store").send(encoded);
}
