import { identified, LimitExceeded, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { OperationTypeNode } from "graphql";
import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLError, GraphQLFormattedError, OperationDefinitionNode } from "graphql";
import { makeServer } from "graphql-ws";
import type { Server } from "graphql-ws";
import type { OperationContext } from "../context.js";
import type { Operation, OperationResult } from "../executor.js";
import { countFieldUses } from "../field-usage/counting-field-uses.js";
import { assertOn } from "../flags/switched.js";
import { answerToFailure } from "../http/answer.js";
import type { AnsweredOperation } from "../operation-log.js";
import { parseOperation } from "../http/requests/graphql-request.js";
import type { SentOperation } from "../http/requests/graphql-request.js";
import { assertWithinLimits } from "../limits/limits.js";
import { type CostReport, costReport, withCost } from "../limits/rates/cost-report.js";
import { MeasuredOperation } from "../limits/rates/measured-operation.js";
import type { Quota } from "../limits/rates/quota.js";
import { withQuotas } from "../limits/rates/operation-rate.js";
import { assertMayIntrospect } from "../limits/restricting-introspection.js";
import { parseDocument, resolveOperation } from "../operations.js";
import { maxAgeSince } from "../viewer/viewers.js";
import { connect } from "./connections/connect.js";
import { ConnectionEnded } from "./connections/connection.js";
import type { Connection } from "./connections/connection.js";
import type { TenantFeed } from "./feeds/tenant-feed.js";
import { type Ending, withEnding } from "./subscriptions/ending.js";
import type { ProtocolOptions } from "./options.js";
import type { AskedConsistency } from "../consistency/asked.js";
import type { ReachedState } from "../consistency/consistency.js";
import { consistentStart } from "./subscriptions/consistent-start.js";
import { prepareLive } from "./subscriptions/prepare.js";
import type { Live } from "./subscriptions/prepare.js";
import { asError, asExecutionResult, assertSendable } from "./subscriptions/results.js";
import { SingleResult } from "./subscriptions/single-result.js";
import type { RunOnce } from "./subscriptions/single-result.js";
import { openStream } from "./subscriptions/stream.js";
import { ValidDocuments } from "./valid-documents.js";

/** An operation that was checked, to be executed. */
export interface Prepared {
  readonly connection: Connection;
  /** The client's ID of the operation. */
  readonly id: string;
  readonly operation: Operation;
  readonly consistency: AskedConsistency | undefined;
  /** What the operation learns of its limits. */
  readonly counted: Pick<OperationContext, "rateQuotas">;
  /** What it costs, if the client asks for it. */
  readonly cost: CostReport | undefined;
  /** Called when it was executed. */
  readonly accepted: () => void;
  /** Releases the place among the socket's subscriptions. */
  readonly release: () => void;
  /** Logs the operation. Only the first call does, apart from that of a beginning. */
  readonly log: (errors?: AnsweredOperation["errors"], answered?: Pick<AnsweredOperation, "hasData" | "phase">) => void;
  readonly live?: Live;
}

/** An operation as it arrived over a connection. */
export interface Arrived {
  /** The client's ID of the operation. */
  readonly id: string;
  readonly operationName: unknown;
  /** Reads it. Throws the reason for a refusal. */
  readonly read: () => SentOperation;
  /** Finds its text. Undefined: nobody has looked for it yet. */
  readonly find?: (viewer: Viewer) => Promise<Operation>;
  /** Cursor of the last event that the client has got of this subscription. */
  readonly lastEventId?: string | undefined;
}

interface Refused extends Pick<Prepared, "connection" | "release" | "log" | "cost"> {
  readonly isRefused?: true;
}

/** What is logged of an operation. Its document is set as soon as it is known. */
interface Logged {
  document: DocumentNode | undefined;
  readonly operationName: unknown;
}

/** Implements the protocol graphql-transport-ws with our viewer, our limits, and subscriptions that are answered by queries. */
export function createSocketProtocol(protocol: Protocol, options: ProtocolOptions): Server<Connection> {
  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: 3_000,
    onConnect: ({ connectionParams, extra: connection }) => connect(connection, connectionParams, options),
    onSubscribe: ({ extra: connection }, id, payload) =>
      protocol.prepare(connection, { id, operationName: payload.operationName, read: () => parseOperation(payload) }),
    execute: ({ contextValue }: ExecutionArgs) => protocol.execute(contextValue as Prepared),
    subscribe: ({ contextValue }: ExecutionArgs) => protocol.subscribe(contextValue as Prepared),
  });
}

/** Runs the operations of connections, over any transport. */
export class Protocol {
  readonly #options: ProtocolOptions;
  readonly #documents: ValidDocuments;

  constructor(options: ProtocolOptions) {
    this.#options = options;
    this.#documents = new ValidDocuments(options);
  }

  /** Checks an operation and its limits. Returns what is executed, or the errors with which it is refused. */
  async prepare(connection: Connection, { id, operationName, read, find, lastEventId }: Arrived): Promise<ExecutionArgs | GraphQLError[]> {
    const { executor, limits, requestTimeoutMs, rate, fieldUses, stored, flags, flag, allowIntrospection } = this.#options;
    // Counted before the first await: a burst of messages must not get past the cap.
    const release = this.#countSubscription(connection);
    const logged: Logged = { document: undefined, operationName };
    const log = this.#logOnce(connection, logged);
    let cost: CostReport | undefined;
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
      const sent = read();
      return await withEnding({ timeoutMs: requestTimeoutMs, onClosed: connection.onClosed }, async (ending) => {
        const { viewer, reached } = await this.#reach(connection, sent.consistency, ending);
        const { address, application, client } = connection;
        const sender = { viewer, address, application, client: client.name };
        const operation = await (find ? find(viewer) : stored.operationOf(sent, sender));
        const document = (logged.document = parseDocument(operation.query, limits));
        if (!allowIntrospection) assertMayIntrospect(operation, viewer, limits);
        assertWithinLimits(executor.schema, document, operation.operationName, operation.variables, limits);
        // As over HTTP: after the limits, and before the validation.
        const measured = new MeasuredOperation(executor.schema, document, operation);
        const onQuotas = (told: readonly Quota[]): void => void (cost = sent.asksForCost && costReport(measured.cost, told));
        const quotas = await rate.count({ viewer, address }, measured, onQuotas);
        const definition = resolveOperation(document, operation.operationName);
        const isSubscription = definition.operation === OperationTypeNode.SUBSCRIPTION;
        // Before the validation, which can wait for its turn: what commits later than this is delivered.
        const consistent = isSubscription && reached ? await consistentStart(connection, reached, this.#options) : undefined;
        // The supergraph can be replaced before the subscription begins.
        const checkedAt = this.#options.reloads.count;
        const invalid = await this.#documents.errorsOf(operation.query, document, { viewer, address: connection.address, ...ending });
        if (invalid.length > 0) return this.#refuse(invalid, { connection, release, log, cost });
        if (flag !== undefined) await assertOn(flags, flag, viewer);
        if (isSubscription) await assertOn(flags, "live-subscriptions", viewer);
        const returnsToken = sent.consistency?.returnsToken === true;
        const subscribed = { connection, operation, start, lastEventId, consistent, returnsToken, checkedAt, ending };
        const live = isSubscription
          ? await prepareLive({ ...subscribed, ...this.#forEvents(document, operation) }, this.#options)
          : undefined;
        if (live && "errors" in live) return this.#refuse(live.errors, { connection, release, log, cost });
        if (live) countFieldUses(executor.schema, operation, { viewer, client: connection.client }, { uses: fieldUses, limits });
        const accepted = (): void => stored.accepted(sent, sender);
        if (live) accepted();
        const counted = withQuotas({}, measured, quotas);
        const contextValue: Prepared = {
          connection,
          id,
          operation,
          consistency: sent.consistency,
          counted,
          cost,
          accepted,
          release,
          log,
          ...(live && { live }),
        };
        return {
          schema: executor.schema,
          document,
          operationName: operation.operationName ?? null,
          variableValues: operation.variables,
          contextValue,
        };
      });
    } catch (error) {
      return this.#refuse([error], { connection, release, log, cost, isRefused: true });
    }
  }

  /** Executes a query or a mutation. */
  execute({ connection, operation, consistency: asked, counted, cost, accepted, release, log }: Prepared): SingleResult {
    const { metrics, pace } = this.#options;
    const run: RunOnce = async (onEnded) => {
      const started = performance.now();
      const result = await executeOnce(operation, connection, { ...this.#options, asked, counted, onEnded }).catch((error: unknown) => ({
        errors: [this.#mask(error)],
      }));
      if ("data" in result && result.data !== undefined) accepted();
      await pace.hold(connection.address, { body: result, isRefused: !("status" in result) });
      release();
      log(result.errors, { hasData: "data" in result && (result.data ?? null) !== null });
      const code = result.errors?.[0]?.extensions?.["code"];
      metrics.operation({
        transport: connection.transport,
        code: typeof code === "string" ? code : "OK",
        seconds: (performance.now() - started) / 1_000,
      });
      return asExecutionResult(withCost(result, cost));
    };
    const unused = (): void => {
      release();
      log(undefined, { hasData: false });
    };
    return new SingleResult(run, unused);
  }

  /** Opens the stream of a subscription. */
  async subscribe({ connection, id, live, release, log }: Prepared): Promise<ReturnType<typeof openStream> | ExecutionResult> {
    if (!live) throw new Error("A subscription was not prepared.");
    const maskAndLog = (error: unknown): GraphQLFormattedError => {
      const masked = this.#mask(error);
      log([masked], { phase: "ended" });
      return masked;
    };
    let leave = (): void => undefined;
    const end = (): void => {
      leave();
      release();
      log(undefined, { phase: "ended" });
    };
    try {
      const joined = await this.#join(live, connection);
      leave = joined.leave;
      log(undefined, { phase: "begun" });
      return openStream(live, connection, { ...this.#options, feed: joined.feed, id, release: end, mask: maskAndLog });
    } catch (error) {
      leave();
      release();
      return asExecutionResult({ errors: [maskAndLog(error)] });
    }
  }

  /** Returns the feed that a subscription follows. That of events is the connection's. */
  async #join({ field, viewer }: Live, { feed }: Connection): Promise<{ readonly feed: TenantFeed; readonly leave: () => void }> {
    const { log = "events" } = field;
    return log === "events" ? { feed, leave: () => undefined } : this.#options.logs[log].feeds.join(viewer.tenantId);
  }

  /** Waits for the state of the tokens, and for a viewer that is not older. @throws as `Consistency.reach` and `Connection.viewer` */
  async #reach(
    connection: Connection,
    asked: AskedConsistency | undefined,
    ending: Ending,
  ): Promise<{ readonly viewer: Viewer; readonly reached?: ReachedState }> {
    const viewer = await connection.viewer();
    const reached = asked && (await this.#options.consistency.reach(asked, viewer.tenantId, ending));
    return reached ? { viewer: await connection.viewer(maxAgeSince(reached.since)), reached } : { viewer };
  }

  /** Returns the document of a subscription and its operation, as the executor of events needs them. */
  #forEvents(document: DocumentNode, { operationName }: Operation): { document: DocumentNode; definition: OperationDefinitionNode } {
    const prepared = this.#options.prepareDocument?.(document) ?? document;
    return { document: prepared, definition: resolveOperation(prepared, operationName) };
  }

  #countSubscription(connection: Connection): () => void {
    const { onSubscriptions } = this.#options;
    connection.subscriptions++;
    onSubscriptions(1);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      connection.subscriptions--;
      onSubscriptions(-1);
    };
  }

  /**
   * Keeps the place among the socket's subscriptions while the refusal is delayed, so that a flood of refusals reaches the cap.
   * @param by `isRefused`: whether the operation was refused before anything of it was executed
   */
  async #refuse(errors: readonly unknown[], by: Refused): Promise<GraphQLError[]> {
    const { connection, release, log, cost, isRefused } = by;
    const masked = errors.map((error) => (isMasked(error) ? error : this.#mask(error)));
    // The message `error` of the protocol has nothing but errors.
    const refused = masked.map((error, place) => asError(place === 0 ? withCost(error, cost) : error));
    log(refused);
    await this.#options.pace.hold(connection.address, { body: { errors: refused.map((error) => error.toJSON()) }, isRefused });
    release();
    return refused;
  }

  #logOnce({ authenticated, address, client, userAgent, transport }: Connection, logged: Logged): Prepared["log"] {
    const { logOperation } = this.#options;
    const started = performance.now();
    let isLogged = false;
    return (errors, { hasData, phase } = {}) => {
      if (isLogged) return;
      isLogged = phase !== "begun";
      const error = errors?.[0];
      const requestId = error?.extensions?.["requestId"];
      logOperation({
        transport,
        requestId: typeof requestId === "string" ? requestId : newId(),
        operationName: logged.operationName,
        document: logged.document,
        viewer: authenticated?.viewer ?? null,
        address,
        client,
        userAgent,
        durationMs: performance.now() - started,
        error,
        errors,
        ...(hasData !== undefined && { hasData }),
        ...(phase && { phase }),
      });
    };
  }

  /** Masks an error as HTTP does. Bugs are logged with the ID that the client sees. */
  #mask(error: unknown): GraphQLFormattedError {
    const requestId = newId();
    const { body, unexpected } = answerToFailure(error instanceof ConnectionEnded ? new Unauthenticated() : error, requestId);
    if (unexpected !== undefined)
      this.#options.log.error({ err: unexpected, requestId }, "an operation of a connection failed unexpectedly");
    return body.errors?.[0] ?? { message: "An internal error occurred.", extensions: identified("INTERNAL", requestId) };
  }
}

const isMasked = (error: unknown): error is GraphQLFormattedError => !(error instanceof Error);

async function executeOnce(
  operation: Operation,
  connection: Connection,
  {
    executor,
    consistency,
    requestTimeoutMs: timeoutMs,
    maxResponseBytes,
    asked,
    counted,
    onEnded,
  }: Pick<ProtocolOptions, "executor" | "consistency" | "requestTimeoutMs" | "maxResponseBytes"> &
    Pick<Prepared, "counted"> & {
      readonly asked: AskedConsistency | undefined;
      readonly onEnded: Set<() => void>;
    },
): Promise<OperationResult> {
  const { address, userAgent, client } = connection;
  return withEnding({ timeoutMs, onClosed: onEnded }, async (ending) => {
    const viewer = await connection.viewer();
    const result = await consistency.execute(asked, {
      context: { viewer, requestId: newId(), address, userAgent, client, traceId: null, ...counted, ...ending },
      viewerSince: (since) => connection.viewer(maxAgeSince(since)),
      execute: (context) => executor.execute(operation, context),
    });
    assertSendable(result, maxResponseBytes);
    return result;
  });
}
