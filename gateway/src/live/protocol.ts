import { LimitExceeded, ServiceUnavailable, Unauthenticated, newId } from "@weft/shared";
import type { EventCursors, EventEnvelope, Logger } from "@weft/shared";
import { GraphQLError, NoSchemaIntrospectionCustomRule, OperationTypeNode, getVariableValues, specifiedRules, validate } from "graphql";
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLFormattedError, OperationDefinitionNode } from "graphql";
import { makeServer } from "graphql-ws";
import type { Server } from "graphql-ws";
import { maskError } from "../errors/mask.js";
import type { Executor, Operation, OperationResult } from "../executor.js";
import { answerToFailure } from "../http/answer.js";
import { parseOperation } from "../http/graphql-request.js";
import { assertWithinLimits } from "../limits/limits.js";
import type { Limits } from "../limits/limits.js";
import type { Metrics } from "../metrics.js";
import { parseDocument, resolveOperation } from "../operations.js";
import type { Authenticate } from "../viewer/authenticate.js";
import type { CappedCounts } from "./counts.js";
import { closeCodes } from "./close-codes.js";
import { ConnectionEnded, closeReasonOf } from "./connection.js";
import type { Connection } from "./connection.js";
import type { ExecuteMirror } from "./event-execution.js";
import type { Feeds } from "./feeds.js";
import type { LiveField, LiveFields } from "./live-fields.js";
import { toMirror } from "./mirror.js";
import type { Mirror } from "./mirror.js";
import { EventLost, openSubscription } from "./subscription.js";

export interface ProtocolOptions {
  readonly executor: Executor;
  readonly executeMirror: ExecuteMirror;
  readonly authenticate: Authenticate;
  readonly feeds: Feeds;
  readonly liveFields: LiveFields;
  readonly cursors: EventCursors;
  readonly limits: Limits & { readonly subscriptionsPerSocket: number };
  readonly byUser: CappedCounts;
  readonly byTenant: CappedCounts;
  readonly allowIntrospection: boolean;
  readonly requestTimeoutMs: number;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly onSubscriptions: (change: 1 | -1) => void;
}

/** A subscription whose rights were checked. */
interface Live {
  readonly mirror: Mirror;
  readonly field: LiveField;
  /** Position of the cursor that it was started with, or where the tenant was at that moment. */
  readonly after: number;
  readonly tenantId: string;
}

/** What `onSubscribe` hands to the execution. */
interface Prepared {
  readonly connection: Connection;
  readonly operation: Operation;
  /** Gives the place among the socket's subscriptions back. */
  readonly release: () => void;
  readonly live?: Live;
}

/** Events that may wait for one subscription. */
const maxWaiting = 1_000;

/** The protocol graphql-transport-ws, with our viewer, our limits, and subscriptions that are answered by queries. */
export function createProtocol(options: ProtocolOptions): Server<Connection> {
  const { executor, authenticate, feeds, limits, allowIntrospection, byUser, byTenant, log, metrics } = options;
  const rules = allowIntrospection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 3_000,
    onConnect: async ({ connectionParams, extra: connection }) => {
      try {
        const authenticated = await authenticate(authorizationOf(connectionParams));
        if (!authenticated) throw new Unauthenticated();
        const { userId, tenantId } = authenticated.viewer;
        if (connection.socket.isClosing) return false;
        for (const [counts, key] of [
          [byUser, userId],
          [byTenant, tenantId],
        ] as const) {
          if (!counts.take(key)) {
            connection.socket.closeFor(closeCodes.tooMany);
            return false;
          }
          connection.onClosed.add(() => counts.release(key));
        }
        const { feed, leave } = await feeds.join(tenantId);
        connection.onClosed.add(leave);
        // Closed while we waited: nobody would call it any more.
        if (connection.socket.isClosing) leave();
        connection.begin(authenticated, feed);
        return true;
      } catch (error) {
        connection.socket.closeFor(closeReasonOf(error));
        return false;
      }
    },
    onSubscribe: async ({ extra: connection }, _id, payload) => {
      // Counted before the first await: a burst of messages must not slip past the cap.
      const release = countSubscription(connection);
      try {
        // Before the first await too: what the client does after it has subscribed is among the events.
        const start = connection.feed.position;
        if (connection.subscriptions > limits.subscriptionsPerSocket) {
          throw new LimitExceeded({ limit: "subscriptionsPerSocket", max: limits.subscriptionsPerSocket });
        }
        const operation = parseOperation(payload);
        const document = parseDocument(operation.query, limits);
        assertWithinLimits(executor.schema, document, operation.operationName, operation.variables, limits);
        const invalid = validate(executor.schema, document, rules, { maxErrors: 20 });
        if (invalid.length > 0)
          return refuse(
            invalid.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED")),
            release,
          );
        const definition = resolveOperation(document, operation.operationName);
        const live =
          definition.operation === OperationTypeNode.SUBSCRIPTION
            ? await prepareLive({ connection, operation, document, definition, start }, options)
            : undefined;
        if (live && "errors" in live) return refuse(live.errors, release);
        const contextValue: Prepared = { connection, operation, release, ...(live && { live }) };
        return {
          schema: executor.schema,
          document,
          operationName: operation.operationName ?? null,
          variableValues: operation.variables,
          contextValue,
        };
      } catch (error) {
        return refuse([error], release);
      }
    },
    execute: async ({ contextValue }: ExecutionArgs) => {
      const { connection, operation, release } = contextValue as Prepared;
      const started = performance.now();
      const result = await executeOnce(operation, connection, options).catch((error: unknown) => ({ errors: [mask(error)] }));
      release();
      const code = result.errors?.[0]?.extensions?.["code"];
      metrics.operation({
        transport: "websocket",
        code: typeof code === "string" ? code : "OK",
        seconds: (performance.now() - started) / 1_000,
      });
      return asExecutionResult(result);
    },
    subscribe: async ({ contextValue }: ExecutionArgs) => {
      const { connection, live, release } = contextValue as Prepared;
      if (!live) throw new Error("A subscription was not prepared.");
      try {
        return endWith(openStream(live, connection, options), connection, release, mask);
      } catch (error) {
        release();
        return asExecutionResult({ errors: [mask(error)] });
      }
    },
  });

  function countSubscription(connection: Connection): () => void {
    connection.subscriptions++;
    options.onSubscriptions(1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      connection.subscriptions--;
      options.onSubscriptions(-1);
    };
  }

  function refuse(errors: readonly unknown[], release: () => void): GraphQLError[] {
    release();
    return errors.map((error) => asError(isMasked(error) ? error : mask(error)));
  }

  /** As HTTP would answer; a bug is logged under the id that the client sees. */
  function mask(error: unknown): GraphQLFormattedError {
    const requestId = newId();
    const { body, unexpected } = answerToFailure(error instanceof ConnectionEnded ? new Unauthenticated() : error, requestId);
    if (unexpected !== undefined) log.error({ err: unexpected, requestId }, "An operation over WebSocket failed unexpectedly.");
    return body.errors?.[0] ?? { message: "Something went wrong on our side.", extensions: { code: "INTERNAL", requestId } };
  }
}

const isMasked = (error: unknown): error is GraphQLFormattedError => !(error instanceof Error);

async function executeOnce(
  operation: Operation,
  connection: Connection,
  { executor, requestTimeoutMs }: ProtocolOptions,
): Promise<OperationResult> {
  const { address, userAgent } = connection;
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return executor.execute(operation, { viewer: await connection.viewer(), requestId: newId(), address, userAgent, traceId: null, signal });
}

/** Turns the subscription into its mirror query and runs it once, without an event, as a check of the rights. */
async function prepareLive(
  {
    connection,
    operation,
    document,
    definition,
    start,
  }: { connection: Connection; operation: Operation; document: DocumentNode; definition: OperationDefinitionNode; start: number },
  { executor, executeMirror, liveFields, cursors }: ProtocolOptions,
): Promise<Live | { errors: readonly GraphQLFormattedError[] }> {
  const { coerced, errors } = getVariableValues(executor.schema, definition.variableDefinitions ?? [], operation.variables);
  if (errors) return { errors: errors.map((error) => maskError(error, newId()).client) };
  const mirror = toMirror(executor.schema, document, definition, coerced);
  const field = liveFields[mirror.field];
  if (!field) throw new Error(`The subscription ${mirror.field} has no entry among the live fields.`);
  const viewer = await connection.viewer();
  const after = mirror.after === null ? start : cursors.decode(viewer.tenantId, mirror.after);
  const checked = await executeMirror(mirror, { viewer, address: connection.address, userAgent: connection.userAgent }, null);
  return checked.errors?.length ? { errors: checked.errors } : { mirror, field, after, tenantId: viewer.tenantId };
}

function openStream(
  { mirror, field, after, tenantId }: Live,
  connection: Connection,
  options: ProtocolOptions,
): AsyncGenerator<OperationResult, void, void> {
  const { executeMirror, feeds, cursors, metrics } = options;
  const types = new Set(field.eventTypes);
  return openSubscription({
    mirror,
    matches: (event) => types.has(event.type) && field.matches(event, mirror.args),
    cursorOf: (event) => cursors.encode(tenantId, event.position),
    feed: connection.feed,
    readLog: (position, limit) => feeds.read(tenantId, position, limit),
    after,
    execute: executeMirror,
    address: connection.address,
    userAgent: connection.userAgent,
    viewer: () => connection.viewer(),
    maxWaiting,
    onTooSlow: () => connection.socket.closeFor(closeCodes.tooSlow),
    onSent: ({ occurredAt }: EventEnvelope) => metrics.eventLag((Date.now() - Date.parse(occurredAt)) / 1_000),
  });
}

/** Turns what a stream throws into the close of its socket, or into a masked error of this subscription alone. */
function endWith(
  stream: AsyncGenerator<OperationResult, void, void>,
  { socket }: Connection,
  release: () => void,
  mask: (error: unknown) => GraphQLFormattedError,
): AsyncGenerator<ExecutionResult, void, void> {
  async function* results(): AsyncGenerator<ExecutionResult, void, void> {
    try {
      for await (const result of stream) yield asExecutionResult(result);
    } catch (error) {
      if (error instanceof ConnectionEnded) return;
      if (error instanceof EventLost || error instanceof ServiceUnavailable) socket.closeFor(closeCodes.tryAgain);
      else yield asExecutionResult({ errors: [mask(error)] });
    } finally {
      release();
    }
  }
  const generator = results();
  const end = generator.return.bind(generator);
  // As in openSubscription: the stream is ended from outside, for the generator itself waits inside of it or has not begun.
  generator.return = (value) => {
    release();
    stream.return().catch(() => undefined);
    return end(value);
  };
  return generator;
}

/** In the form that graphql-ws sends; of errors without locations, which would be those of the mirror query. */
function asExecutionResult({ data, errors, extensions }: Omit<OperationResult, "status">): ExecutionResult {
  return { ...(data !== undefined && { data }), ...(errors && { errors: errors.map(asError) }), ...(extensions && { extensions }) };
}

const asError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) });

function withCode(error: GraphQLError, code: string): GraphQLError {
  error.extensions["code"] = code;
  return error;
}

/** `authorization`, in whatever case clients write it, as the HTTP header would be. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}
