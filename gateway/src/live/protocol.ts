import { LimitExceeded, Unauthenticated, newId, turnOf } from "@weft/shared";
import { GraphQLError, OperationTypeNode, specifiedRules, validate } from "graphql";
import type { DocumentNode, ExecutionArgs, GraphQLFormattedError } from "graphql";
import { makeServer } from "graphql-ws";
import type { Server } from "graphql-ws";
import type { Operation, OperationResult } from "../executor.js";
import { answerToFailure } from "../http/answer.js";
import type { AnsweredOperation } from "../operation-log.js";
import { parseOperation } from "../http/graphql-request.js";
import { assertWithinLimits } from "../limits/limits.js";
import { noIntrospection } from "../limits/no-introspection.js";
import { knownDocument, parseDocument, resolveOperation } from "../operations.js";
import type { Waiting } from "../limits/planning.js";
import { connect } from "./connect.js";
import { ConnectionEnded } from "./connection.js";
import type { Connection } from "./connection.js";
import { withEnding } from "./ending.js";
import type { ProtocolOptions } from "./options.js";
import { prepareLive } from "./prepare.js";
import type { Live } from "./prepare.js";
import { asError, asExecutionResult, assertSendable } from "./results.js";
import { endWith, openStream } from "./stream.js";

/** What `onSubscribe` hands to the execution. */
interface Prepared {
  readonly connection: Connection;
  readonly operation: Operation;
  /** Gives the place among the socket's subscriptions back. */
  readonly release: () => void;
  /** Writes the operation's line into the log; only the first call does. */
  readonly log: (error?: AnsweredOperation["error"]) => void;
  readonly live?: Live;
}

/** The protocol graphql-transport-ws, with our viewer, our limits, and subscriptions that are answered by queries. */
export function createProtocol(options: ProtocolOptions): Server<Connection> {
  const { executor, limits, requestTimeoutMs, allowIntrospection, log, metrics, rate, planning, pace } = options;
  /** Parsed documents are kept: each is validated once while it is. */
  const valid = new WeakSet<DocumentNode>();
  const validating = new Map<string, Promise<unknown>>();
  const rules = allowIntrospection ? specifiedRules : [...specifiedRules, noIntrospection];

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 3_000,
    onConnect: ({ connectionParams, extra: connection }) => connect(connection, connectionParams, options),
    onSubscribe: async ({ extra: connection }, _id, payload) => {
      // Counted before the first await: a burst of messages must not slip past the cap.
      const release = countSubscription(connection);
      const log = logOnce(connection, payload);
      try {
        // Before the first await too: what the client does after it has subscribed is among the events.
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
          await rate.count(viewer.tenantId);
          const invalid = await validated(operation.query, document, { viewer, address: connection.address, ...ending });
          if (invalid.length > 0) return refuse(invalid, { connection, release, log });
          const definition = resolveOperation(document, operation.operationName);
          const live =
            definition.operation === OperationTypeNode.SUBSCRIPTION
              ? await prepareLive({ connection, operation, document, definition, start, ending }, options)
              : undefined;
          if (live && "errors" in live) return refuse(live.errors, { connection, release, log });
          const contextValue: Prepared = { connection, operation, release, log, ...(live && { live }) };
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
    execute: async ({ contextValue }: ExecutionArgs) => {
      const { connection, operation, release, log: logThis } = contextValue as Prepared;
      const started = performance.now();
      const result = await executeOnce(operation, connection, options).catch((error: unknown) => ({ errors: [mask(error)] }));
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
    },
    subscribe: async ({ contextValue }: ExecutionArgs) => {
      const { connection, live, release, log: logThis } = contextValue as Prepared;
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
        return endWith(openStream(live, connection, options), {
          connection,
          release: end,
          mask: maskAndLog,
          maxBytes: options.maxResponseBytes,
        });
      } catch (error) {
        release();
        return asExecutionResult({ errors: [maskAndLog(error)] });
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

  /**
   * What is wrong with a document: a new one waits for its turn, one that was found valid does not. A text that comes over many sockets of a tenant at the
   * same moment, as after a restart, is one that waits.
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
    // What has a cause is a refusal of ours, with a code of its own.
    return errors.map((error) => (error.originalError ? mask(error) : validationFailed(error, allowIntrospection)));
  }

  /** Its place among the socket's subscriptions is held for as long as the refusal is: a flood of refusals reaches the cap. */
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

  function logOnce({ authenticated }: Connection, payload: { query?: unknown; operationName?: unknown }): Prepared["log"] {
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
        durationMs: performance.now() - started,
        error,
      });
    };
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
  { executor, requestTimeoutMs: timeoutMs, maxResponseBytes }: ProtocolOptions,
): Promise<OperationResult> {
  const { address, userAgent, onClosed } = connection;
  return withEnding({ timeoutMs, onClosed }, async (ending) => {
    const viewer = await connection.viewer();
    const result = await executor.execute(operation, { viewer, requestId: newId(), address, userAgent, traceId: null, ...ending });
    assertSendable(result, maxResponseBytes);
    return result;
  });
}

/** As Apollo Server does over HTTP: the code, and without introspection no hints at names either. */
function validationFailed(error: GraphQLError, mayHint: boolean): GraphQLError {
  const message = mayHint ? error.message : error.message.replace(/ ?Did you mean(.+?)\?$/, "");
  return new GraphQLError(message, { ...(error.nodes && { nodes: error.nodes }), extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
}
