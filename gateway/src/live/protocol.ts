import { identified, LimitExceeded, Unauthenticated, newId, turnOf } from "@weft/shared";
import { OperationTypeNode, specifiedRules, validate } from "graphql";
import type { DocumentNode, ExecutionArgs, GraphQLError, GraphQLFormattedError, OperationDefinitionNode } from "graphql";
import { makeServer } from "graphql-ws";
import type { Server } from "graphql-ws";
import type { Operation, OperationResult } from "../executor.js";
import { validationFailed } from "../errors/validation-failed.js";
import { answerToFailure } from "../http/answer.js";
import type { AnsweredOperation } from "../operation-log.js";
import { parseOperation } from "../http/requests/graphql-request.js";
import { assertWithinLimits } from "../limits/limits.js";
import { noIntrospection } from "../limits/no-introspection.js";
import { knownDocument, parseDocument, resolveOperation } from "../operations.js";
import type { Waiting } from "../limits/planning.js";
import { connect } from "./connections/connect.js";
import { ConnectionEnded } from "./connections/connection.js";
import type { Connection } from "./connections/connection.js";
import { withEnding } from "./subscriptions/ending.js";
import type { ProtocolOptions } from "./options.js";
import { prepareLive } from "./subscriptions/prepare.js";
import type { Live } from "./subscriptions/prepare.js";
import { asError, asExecutionResult, assertSendable } from "./subscriptions/results.js";
import { SingleResult } from "./subscriptions/single-result.js";
import type { RunOnce } from "./subscriptions/single-result.js";
import { openStream } from "./subscriptions/stream.js";

/** What `onSubscribe` passes to the execution. */
interface Prepared {
  readonly connection: Connection;
  /** The client's ID of the operation. */
  readonly id: string;
  readonly operation: Operation;
  /** Releases the place among the socket's subscriptions. */
  readonly release: () => void;
  /** Logs the operation. Only the first call does. */
  readonly log: (error?: AnsweredOperation["error"]) => void;
  readonly live?: Live;
}

/** Implements the protocol graphql-transport-ws with our viewer, our limits, and subscriptions that are answered by queries. */
export function createProtocol(options: ProtocolOptions): Server<Connection> {
  const { executor, limits, requestTimeoutMs, allowIntrospection, log, metrics, rate, planning, pace } = options;
  /** Parsed documents are cached. Each is validated once while it is in the cache. */
  const valid = new WeakSet<DocumentNode>();
  const validating = new Map<string, Promise<unknown>>();
  const rules = allowIntrospection ? specifiedRules : [...specifiedRules, noIntrospection];

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 3_000,
    onConnect: ({ connectionParams, extra: connection }) => connect(connection, connectionParams, options),
    onSubscribe: async ({ extra: connection }, id, payload) => {
      // Counted before the first await: a burst of messages must not get past the cap.
      const release = countSubscription(connection);
      const log = logOnce(connection, payload);
      try {
        // Also before the first await: the events include everything that the client does after subscribing.
        const start = connection.feed.position;
        if (connection.subscriptions > limits.subscriptionsPerSocket) {
          throw new LimitExceeded({
            limit: "subscriptionsPerSocket",
            used: limits.subscriptionsPerSocket,
            allowed: limits.subscriptionsPerSocket,
          });
        }
        const operation = parseOperation(payload);
        const document = parseDocument(operation.query, limits);
        assertWithinLimits(executor.schema, document, operation.operationName, operation.variables, limits);
        return await withEnding({ timeoutMs: requestTimeoutMs, onClosed: connection.onClosed }, async (ending) => {
          const viewer = await connection.viewer();
          await rate.count(viewer);
          const invalid = await validated(operation.query, document, { viewer, address: connection.address, ...ending });
          if (invalid.length > 0) return refuse(invalid, { connection, release, log });
          const definition = resolveOperation(document, operation.operationName);
          const live =
            definition.operation === OperationTypeNode.SUBSCRIPTION
              ? await prepareLive({ connection, operation, ...asked(document, operation), start, ending }, options)
              : undefined;
          if (live && "errors" in live) return refuse(live.errors, { connection, release, log });
          const contextValue: Prepared = { connection, id, operation, release, log, ...(live && { live }) };
          return {
            schema: executor.schema,
            document,
            operationName: operation.operationName ?? null,
            variableValues: operation.variables,
            contextValue,
          };
        });
      } catch (error) {
        return refuse([error], { connection, release, log });
      }
    },
    execute: ({ contextValue }: ExecutionArgs) => {
      const { connection, operation, release, log: logThis } = contextValue as Prepared;
      const run: RunOnce = async (onEnded) => {
        const started = performance.now();
        const result = await executeOnce(operation, connection, {
          executor,
          requestTimeoutMs,
          maxResponseBytes: options.maxResponseBytes,
          onEnded,
        }).catch((error: unknown) => ({
          errors: [mask(error)],
        }));
        await pace.hold(connection.address, { body: result });
        release();
        logThis(result.errors?.[0]);
        const code = result.errors?.[0]?.extensions?.["code"];
        metrics.operation({
          transport: "websocket",
          code: typeof code === "string" ? code : "OK",
          seconds: (performance.now() - started) / 1_000,
        });
        return asExecutionResult(result);
      };
      const unused = (): void => {
        release();
        logThis();
      };
      return new SingleResult(run, unused);
    },
    subscribe: async ({ contextValue }: ExecutionArgs) => {
      const { connection, id, live, release, log: logThis } = contextValue as Prepared;
      if (!live) throw new Error("A subscription was not prepared.");
      const maskAndLog = (error: unknown): GraphQLFormattedError => {
        const masked = mask(error);
        logThis(masked);
        return masked;
      };
      const end = (): void => {
        release();
        logThis();
      };
      try {
        return openStream(live, connection, { ...options, id, release: end, mask: maskAndLog });
      } catch (error) {
        release();
        return asExecutionResult({ errors: [maskAndLog(error)] });
      }
    },
  });

  /** Returns the document of a subscription and its operation, as the executor of events needs them. */
  function asked(document: DocumentNode, { operationName }: Operation): { document: DocumentNode; definition: OperationDefinitionNode } {
    const prepared = options.prepareDocument?.(document) ?? document;
    return { document: prepared, definition: resolveOperation(prepared, operationName) };
  }

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

  /**
   * Returns the errors of a document. A new document waits for its turn; one that was found valid does not. If the same text arrives over many
   * sockets of a tenant at the same time, for example after a restart, it waits only once.
   */
  async function validated(query: string, document: DocumentNode, waiting: Waiting): Promise<readonly unknown[]> {
    const key = `${turnOf(waiting)} ${query}`;
    for (let same = validating.get(key); same && !valid.has(document); same = validating.get(key)) await same.catch(() => undefined);
    if (valid.has(document)) return [];
    const validation = planning
      .turn(waiting, () => validate(executor.schema, document, rules, { maxErrors: 20 }))
      .finally(() => validating.delete(key));
    validating.set(key, validation);
    const errors = await validation;
    if (errors.length === 0) valid.add(document);
    // An error with a cause is a refusal of ours, with its own code.
    return errors.map((error) => (error.originalError ? mask(error) : validationFailed(error, allowIntrospection)));
  }

  /** Keeps the place among the socket's subscriptions while the refusal is delayed, so that a flood of refusals reaches the cap. */
  async function refuse(
    errors: readonly unknown[],
    { connection, release, log: logThis }: Pick<Prepared, "connection" | "release" | "log">,
  ): Promise<GraphQLError[]> {
    const refused = errors.map((error) => asError(isMasked(error) ? error : mask(error)));
    logThis(refused[0]);
    await pace.hold(connection.address, { body: { errors: refused.map((error) => error.toJSON()) } });
    release();
    return refused;
  }

  function logOnce({ authenticated, address }: Connection, payload: { query?: unknown; operationName?: unknown }): Prepared["log"] {
    const started = performance.now();
    let isLogged = false;
    return (error) => {
      if (isLogged) return;
      isLogged = true;
      const requestId = error?.extensions?.["requestId"];
      options.logOperation({
        transport: "websocket",
        requestId: typeof requestId === "string" ? requestId : newId(),
        operationName: payload.operationName,
        document: knownDocument(payload.query, limits),
        viewer: authenticated?.viewer ?? null,
        address,
        durationMs: performance.now() - started,
        error,
      });
    };
  }

  /** Masks an error as HTTP does. Bugs are logged with the ID that the client sees. */
  function mask(error: unknown): GraphQLFormattedError {
    const requestId = newId();
    const { body, unexpected } = answerToFailure(error instanceof ConnectionEnded ? new Unauthenticated() : error, requestId);
    if (unexpected !== undefined) log.error({ err: unexpected, requestId }, "an operation over WebSocket failed unexpectedly");
    return body.errors?.[0] ?? { message: "An internal error occurred.", extensions: identified("INTERNAL", requestId) };
  }
}

const isMasked = (error: unknown): error is GraphQLFormattedError => !(error instanceof Error);

async function executeOnce(
  operation: Operation,
  connection: Connection,
  {
    executor,
    requestTimeoutMs: timeoutMs,
    maxResponseBytes,
    onEnded,
  }: Pick<ProtocolOptions, "executor" | "requestTimeoutMs" | "maxResponseBytes"> & { readonly onEnded: Set<() => void> },
): Promise<OperationResult> {
  const { address, userAgent } = connection;
  return withEnding({ timeoutMs, onClosed: onEnded }, async (ending) => {
    const viewer = await connection.viewer();
    const result = await executor.execute(operation, { viewer, requestId: newId(), address, userAgent, traceId: null, ...ending });
    assertSendable(result, maxResponseBytes);
    return result;
  });
}
