import { RateLimited } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { turnOf } from "@weft/platform/fairness";
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from "fastify";
import { OperationTypeNode } from "graphql";
import type { SessionCookies } from "../cookies/session-cookies.js";
import type { OperationContext } from "../context.js";
import type { Executor, Operation, OperationResult } from "../executor.js";
import type { Anonymous } from "../limits/anonymous.js";
import type { Limits } from "../limits/limits.js";
import { type CostReport, withCost } from "../limits/rates/cost-report.js";
import type { RefusalPace } from "../limits/refusal-pace.js";
import type { Metrics } from "../metrics.js";
import type { OperationLog } from "../operation-log.js";
import { answeredDocument, parseDocument, resolveOperation, runOperation } from "../operations.js";
import type { Authenticate } from "../viewer/authenticate.js";
import { announcedBytes, worthReading } from "./requests/anonymous-body.js";
import { answerToFailure, mediaTypeOf, setRetryAfter } from "./answer.js";
import type { Answer } from "./answer.js";
import { assertNotForged } from "./origins/csrf.js";
import { consistencyTokenHeader, withConsistencyHeaders } from "../consistency/asked.js";
import type { Consistency } from "../consistency/consistency.js";
import { programOf } from "./requests/program.js";
import { admitCaller, callerOf, callerSince, knownCaller } from "./requests/caller.js";
import { parseOperation, parseQueryString } from "./requests/graphql-request.js";
import type { SentOperation } from "./requests/graphql-request.js";
import { isInProcess, isInternalRequest } from "./in-process-fetch.js";
import type { Sender, StoredOperations } from "../stored-operations/stored-operations.js";
import type { OriginCheck } from "./origins/origins.js";
import { HttpRefusal } from "./refusal.js";
import { withinRequest } from "./requests/within-request.js";
import { acceptedBy } from "../live/streams/accept.js";
import { distinctEvents } from "../live/streams/event-stream.js";
import { tokenOf } from "../live/streams/stream-requests.js";
import type { InRequest, StreamRequests } from "../live/streams/stream-requests.js";
import { beginSending, type SendingOptions } from "./unsent-answers.js";
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
  readonly consistency: Consistency;
  readonly streamRequests: StreamRequests;
}

/** Path of the API. */
export const graphqlPath = "/graphql";

/**
 * A path of the API: every operation with POST, and queries with GET too, for clients that send short queries that way. Subscriptions, and what else a
 * client wants to get through a stream, are answered by `streamRequests`.
 */
export function graphqlRoute(app: FastifyInstance, url: string, options: GraphqlRouteOptions): void {
  const { pace, streamRequests } = options;
  const admission = createAdmission(options);
  app.route({
    method: ["GET", "POST"],
    url,
    // HEAD would run the query and discard the response.
    exposeHeadRoute: false,
    preParsing: admission,
    handler: async (request, reply) => {
      const started = performance.now();
      const inRequest = operationIn(request, options);
      const read = (): SentOperation => withHeaders(request, inRequest.read());
      const streamed = await streamRequests.answer(request, reply, { ...inRequest, read, path: url, asked: asked(request) });
      if (streamed === "answered") return reply;
      const answer = streamed === "other" ? await answerTo(request, reply, { ...options, ...inRequest }) : streamed;
      const { operationName } = (asked(request) ?? {}) as { operationName?: unknown };
      const viewer = await knownCaller(request);
      const durationMs = performance.now() - started;
      options.metrics.operation({ transport: "http", code: codeOf(answer), seconds: durationMs / 1_000 });
      options.logOperation(
        {
          transport: "http",
          requestId: request.id,
          operationName,
          document: answeredDocument(running.get(request)?.query, options.limits, { isExecuted: answer.body.data !== undefined }),
          viewer,
          address: request.ip,
          ...programOf(request),
          durationMs,
          hasData: (answer.body.data ?? null) !== null,
          error: answer.body.errors?.[0],
          errors: answer.body.errors,
        },
        isInProcess() ? "debug" : "info",
      );
      await pace.hold(request.ip, answer, viewer === null);
      if (answer.status === 405) void reply.header("allow", "POST");
      return send(request, reply, answer, { ...options, account: turnOf({ viewer, address: request.ip }) });
    },
  });
  for (const [method, run] of [
    ["PUT", streamRequests.reserve.bind(streamRequests)],
    ["DELETE", streamRequests.stop.bind(streamRequests)],
  ] as const)
    app.route({
      method,
      url,
      preParsing: admission,
      handler: async (request, reply) => {
        try {
          return await run(request, reply, url);
        } catch (error) {
          await pace.hold(request.ip, answerToFailure(error, request.id));
          throw error;
        }
      },
    });
  app.route({
    method: ["HEAD", "PATCH"],
    url,
    handler: async (_request, reply) => {
      void reply.header("allow", "GET, POST, PUT, DELETE");
      throw new HttpRefusal(
        405,
        "Send operations with POST, queries with POST or GET, and subscriptions over WebSocket (graphql-transport-ws) or with POST and Accept: text/event-stream. The explorer is at /explorer.",
      );
    },
  });
}

type Admission = (request: FastifyRequest, reply: FastifyReply, payload: RequestPayload) => Promise<RequestPayload>;

/** Admits callers before the body is read: those without a valid token can send less. */
function createAdmission(options: GraphqlRouteOptions): Admission {
  return async (request, reply, payload) => {
    try {
      return await admitCaller({ request, reply }, payload, options);
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
      await options.pace.hold(request.ip, answer);
      throw error;
    }
  };
}

function codeOf({ body }: Answer): string {
  const code = body.errors?.[0]?.extensions?.["code"];
  return typeof code === "string" ? code : "OK";
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

/** Adds what the headers ask. @throws BadUserInput */
const withHeaders = ({ headers }: FastifyRequest, sent: SentOperation): SentOperation => ({
  ...sent,
  consistency: withConsistencyHeaders(headers, sent.consistency),
});

const withCostHeader = ({ headers }: FastifyRequest, sent: SentOperation): SentOperation =>
  headers["graphql-cost"] === "report" ? { ...sent, asksForCost: true } : sent;

/** Returns the operation of a request, which is read and found once, whoever asks. */
function operationIn(request: FastifyRequest, options: GraphqlRouteOptions): Pick<InRequest, "read" | "find"> {
  let sent: SentOperation | undefined;
  let found: Promise<Operation> | undefined;
  const read = (): SentOperation => (sent ??= withCostHeader(request, sentWith(request)));
  const find = async (viewer: Viewer | null): Promise<Operation> => {
    found ??= operationOf(request, { sent: read(), sender: senderOf(request, viewer) }, options).catch((error: unknown) => {
      // It can be a document that is stored in the state of the token.
      if (read().consistency || consistencyTokenHeader in request.headers) found = undefined;
      throw error;
    });
    return found;
  };
  return { read, find };
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

async function answerTo(
  request: FastifyRequest,
  reply: FastifyReply,
  options: GraphqlRouteOptions & Pick<InRequest, "read" | "find">,
): Promise<Answer> {
  const { executor, requestTimeoutMs: timeoutMs, read, find } = options;
  let cost: CostReport | undefined;
  const onCost = (report: CostReport): void => void (cost = report);
  try {
    const sent = read();
    const viewerSince = (since: number): Promise<Viewer | null> => callerSince(request, since, options);
    const execute = async (context: OperationContext): Promise<OperationResult> => {
      const operation = await find(context.viewer);
      const answered = await runOperation(executor, options, operation, sent.asksForCost ? { ...context, onCost } : context);
      // Without data, the text was refused: it is invalid, or beyond a limit.
      if (answered.data !== undefined) options.stored.accepted(sent, senderOf(request, context.viewer));
      return answered;
    };
    // The headers are read when the caller is known: after the end of a session, nothing else is refused.
    const result = await withinRequest(request, { viewer: callerOf(request, options), timeoutMs, reply }, (context) =>
      options.consistency.execute(withHeaders(request, sent).consistency, { context, viewerSince, execute }),
    );
    const { status, ...body } = result;
    return { status, body: withCost(body, cost) };
  } catch (error) {
    const { unexpected, ...answer } = answerToFailure(error, request.id);
    if (unexpected !== undefined) request.log.error({ err: unexpected }, "a request failed unexpectedly");
    return { ...answer, body: withCost(answer.body, cost), isRefused: true };
  }
}

function send(request: FastifyRequest, reply: FastifyReply, answer: Answer, sending: SendingOptions): FastifyReply {
  const isEvents = wantsEvents(request, answer);
  // Encoded once: as a string, every layer below would count its bytes again.
  let encoded = Buffer.from(isEvents ? eventsOf(answer) : JSON.stringify(answer.body));
  let code = isEvents ? 200 : answer.status;
  let { errors } = answer.body;
  try {
    beginSending(reply.raw, encoded, sending);
  } catch (error) {
    const refusal = answerToFailure(error, request.id);
    code = refusal.status;
    ({ errors } = refusal.body);
    encoded = Buffer.from(JSON.stringify(refusal.body));
  }
  if (code === 429 || code === 503) setRetryAfter(reply, errors);
  const type = isEvents && code === 200 ? distinctEvents.contentType : mediaTypeOf(request.headers.accept);
  return reply.code(code).header("content-type", type).header("cache-control", "no-store").send(encoded);
}

/** Statuses that tell clients of streams to try again later, or with another method. */
const statusesOfRequests: ReadonlySet<number> = new Set([405, 429, 503]);

/** Whether the client reads the answer from a stream only, where an error with a status would tell it nothing. */
function wantsEvents(request: FastifyRequest, { status }: Answer): boolean {
  if (statusesOfRequests.has(status) || tokenOf(request) !== undefined) return false;
  const { stream, json } = acceptedBy(request.headers.accept);
  return stream === "sse" && !json;
}

const eventsOf = ({ body }: Answer): string => `${distinctEvents.headOf("")}${JSON.stringify(body)}\n\n${distinctEvents.completeOf("")}`;
