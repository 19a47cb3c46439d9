import DataLoader from "dataloader";
import { Abandoned, Forbidden, RateLimited, ShareUsed, Unauthenticated } from "@weft/shared/errors";
import type { CallContext, RateQuota, Viewer } from "@weft/shared/viewer";
import { chaos } from "@weft/platform/chaos";
import { positionOfText, requireReads } from "@weft/platform/consistency";
import { Computing, fieldTurns } from "@weft/platform/computing";
import { asTenant, databaseFaultOf, isInFailedTransaction, isRefusedByPolicy, mapDatabaseError, type Tx } from "@weft/platform/db";
import { noOrigin, wakeRelay, type WriteMeta } from "@weft/platform/events";
import type { Logger } from "@weft/platform/logging";
import type { Services } from "@weft/platform/services";
import type { RuleContext } from "../rules/rule.js";
import type { SelectedFields } from "../subgraph/selected-fields.js";
import { openRead } from "./read-transaction.js";
import type { ReadTransaction } from "./read-transaction.js";

/** Loads the values of many keys in one statement. Keys without a value are missing from the map. */
export type Batch<K, V> = (tx: Tx, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;

/** State that the resolvers and services of one request share. */
export interface Context extends RuleContext {
  /**
   * The user who sent the request.
   * @throws Unauthenticated if nobody is logged in
   */
  readonly viewer: Viewer;
  readonly maybeViewer: Viewer | null;
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The program that sent the request. Undefined if it did not name itself. */
  readonly client: CallContext["client"];
  /** Position of the tenant's last event before the operation read anything. Undefined if the operation does not request it. */
  readonly livePosition: number | undefined;
  /** The rates that the operation counts against. Empty if it does not request them, or is not counted. */
  readonly rateQuotas: readonly RateQuota[];
  /** Fields that the operation selects. Undefined outside an operation: then rows are read completely. */
  readonly selected: SelectedFields | undefined;
  readonly services: Services;
  /** Includes the request ID and the tenant in every entry. */
  readonly log: Logger;
  /**
   * Metadata for every history row, event and audit entry.
   * @throws Unauthenticated
   */
  readonly meta: WriteMeta;
  /** Aborts when the response is no longer needed. Undefined: it always is. */
  readonly signal: AbortSignal | undefined;
  /** The computing budget that all calls of the operation share. */
  readonly computing: Computing;
  /**
   * Runs `fn` in a write transaction of the viewer's tenant, which commits when `fn` returns. `fn` can run again after a deadlock, so it must have no
   * effects outside `tx`.
   * @throws Forbidden if the database rejects a write by a vendor's user, regardless of the user's roles
   */
  inTenant<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs a write in another transaction than the request's own, shared by several requests. `fn` returns the result, or undefined if nothing was
   * written. Holds no connection while it waits.
   */
  joinWrite<T>(fn: () => Promise<T | undefined>): Promise<T | undefined>;
  /**
   * Runs `fn` in the request's only read transaction: a snapshot that is opened on first use and closed with the response. Must not be called inside
   * `inTenant`; use its `tx`.
   */
  read<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** Returns the request's loader with that name. It batches within `read` and is cleared by every write. */
  loader<K, V>(name: string, batch: Batch<K, V>): DataLoader<K, V | null>;
}

/** A context that can be closed. The caller that opened it must close it when the response is complete. */
export interface OpenContext extends Context {
  /** Tells which fields the operation selects, before it is executed. */
  select(fields: SelectedFields): void;
  close(): Promise<void>;
}

/**
 * Opens the context of a request.
 * @param signal aborts when the response is no longer needed. Nothing new is started then. A write that has started runs to completion, as it would
 * if its caller disconnected a moment later.
 */
export function openContext(services: Services, call: CallContext, signal?: AbortSignal): OpenContext {
  return new RequestContext(services, call, signal);
}

/** Returns the error to report to the caller. Waiting for the organization's own work is not an outage. */
export const toldToWait = (error: unknown): Error =>
  error instanceof ShareUsed
    ? new RateLimited({ retryAfter: 1 }, "Other operations of this organization use all database connections available to it.")
    : (error as Error);

class RequestContext implements OpenContext {
  readonly services: Services;
  readonly log: Logger;
  readonly computing: Computing;
  readonly #call: CallContext;
  readonly signal: AbortSignal | undefined;
  readonly #deadline: number | undefined;
  readonly #loaders = new Map<string, DataLoader<unknown, unknown>>();
  #selected: SelectedFields | undefined;
  #read: ReadTransaction | null = null;
  /** Error because of which the read transaction accepts no more statements. */
  #readFailure: Error | null = null;
  #isWriting = false;
  #isClosed = false;

  constructor(services: Services, call: CallContext, signal: AbortSignal | undefined) {
    this.services = services;
    this.#call = call;
    this.signal = signal;
    // Reserves a tenth of the time for the work after the computation, also on a busy machine.
    const deadline = call.remainingMs === undefined ? undefined : performance.now() + 0.9 * call.remainingMs;
    this.#deadline = deadline;
    this.computing = new Computing(call, services.config.limits.computingMs, {
      signal,
      deadline,
      holdsConnection: () => this.#isWriting || this.#read !== null,
    });
    const minPosition = call.minPosition === undefined ? undefined : positionOfText(call.minPosition);
    // The gateway has waited for it. What this process has read before can be older.
    if (minPosition && call.viewer) requireReads(call.viewer.tenantId, minPosition);
    this.log = services.log.child({ requestId: call.requestId, ...(call.viewer && { tenantId: call.viewer.tenantId }) });
  }

  get maybeViewer(): Viewer | null {
    return this.#call.viewer;
  }

  get viewer(): Viewer {
    if (!this.#call.viewer) throw new Unauthenticated();
    return this.#call.viewer;
  }

  get requestId(): string {
    return this.#call.requestId;
  }

  get address(): string | null {
    return this.#call.address;
  }

  get userAgent(): string | null {
    return this.#call.userAgent;
  }

  get client(): CallContext["client"] {
    return this.#call.client;
  }

  get livePosition(): number | undefined {
    return this.#call.livePosition;
  }

  get rateQuotas(): readonly RateQuota[] {
    return this.#call.rateQuotas ?? [];
  }

  get selected(): SelectedFields | undefined {
    return this.#selected;
  }

  select(fields: SelectedFields): void {
    this.#selected = fields;
  }

  get meta(): WriteMeta {
    const { tenantId, userId, sessionId, operatorId } = this.viewer;
    const { requestId, address, client, userAgent, traceId, causeId } = this.#call;
    const { keyring } = this.services;
    // The session is the operator's visit. An organization does not learn from where, and with which program, an operator of the platform works.
    const origin = operatorId === null ? { address, client, userAgent } : { ...noOrigin, sessionId };
    return { tenantId, actorId: userId, onBehalfOf: null, sessionId, requestId, ...origin, traceId, causeId, keyring };
  }

  async inTenant<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    const { viewer } = this;
    this.#assertOpen("inTenant");
    this.#isWriting = true;
    try {
      // A request that holds a connection must never request a second one. Otherwise as many requests as there are connections could wait for each
      // other forever.
      await this.#endRead();
      const wanted = (tx: Tx): Promise<T> => {
        this.#assertWanted();
        return fn(tx);
      };
      return await asTenant(this.services.databases.app, viewer, "write", wanted, this.#waiting());
    } catch (error) {
      throw viewer.vendorId !== null && isRefusedByPolicy(error)
        ? new Forbidden("Users of a vendor are not allowed to do this.")
        : toldToWait(error);
    } finally {
      this.#isWriting = false;
      this.#loaders.clear();
      wakeRelay(this.services.pubsub, this.log);
      chaos("context.signalled");
    }
  }

  async joinWrite<T>(fn: () => Promise<T | undefined>): Promise<T | undefined> {
    this.#assertOpen("joinWrite");
    this.#isWriting = true;
    let isWritten = true;
    try {
      await this.#endRead();
      this.#assertWanted();
      const result = await fn();
      isWritten = result !== undefined;
      return result;
    } catch (error) {
      throw toldToWait(error);
    } finally {
      this.#isWriting = false;
      this.#loaders.clear();
      if (isWritten) {
        wakeRelay(this.services.pubsub, this.log);
        chaos("context.signalled");
      }
    }
  }

  async read<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    const { viewer } = this;
    this.#assertOpen("read");
    this.#assertWanted();
    this.#read ??= openRead(this.services.databases.app, viewer, this.#waiting());
    const { tx } = this.#read;
    try {
      const opened = await tx;
      this.#assertWanted();
      return await fn(opened);
    } catch (error) {
      // Statements of a read transaction fail here, not in the transaction's own promise, which would map the error. A failed statement makes its
      // siblings fail too. They report its cause, not that they came after it.
      if (isInFailedTransaction(error)) throw this.#readFailure ?? error;
      const failure = toldToWait(mapDatabaseError(error));
      if (databaseFaultOf(error)) this.#readFailure ??= failure;
      throw failure;
    }
  }

  loader<K, V>(name: string, batch: Batch<K, V>): DataLoader<K, V | null> {
    const known = this.#loaders.get(name);
    if (known) return known as DataLoader<K, V | null>;
    const load = async (keys: readonly K[]): Promise<(V | null)[]> => {
      const found = await this.read((tx) => batch(tx, keys));
      return keys.map((key) => found.get(key) ?? null);
    };
    // Fields can start in several turns of the event loop. Their keys still belong to one statement.
    const made = new DataLoader<K, V | null>(load, { batchScheduleFn: (dispatch) => fieldTurns.afterFields(this, dispatch) });
    this.#loaders.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endRead();
  }

  async #endRead(): Promise<void> {
    const [read, failure] = [this.#read, this.#readFailure];
    this.#read = null;
    this.#readFailure = null;
    this.#loaders.clear();
    const error = await read?.close();
    // The answer is complete: all statements were answered. Failures of statements were already reported to their callers.
    if (error !== undefined && failure === null) this.log.warn({ err: error }, "a read transaction did not end with a commit");
  }

  /**
   * Returns the maximum wait for a connection: the operation's remaining time. A caller blocked by its own organization's work thus learns the reason
   * in time.
   */
  #waiting(): { waitMs?: number } {
    return this.#deadline === undefined ? {} : { waitMs: Math.max(0, this.#deadline - performance.now()) };
  }

  /** @throws Abandoned */
  #assertWanted(): void {
    if (this.signal?.aborted) throw new Abandoned(this.signal.reason);
  }

  #assertOpen(what: string): void {
    if (this.#isClosed) throw new Error(`ctx.${what} was used after the response: something was not awaited.`);
    if (this.#isWriting)
      throw new Error(
        `ctx.${what} was used inside ctx.inTenant. Use the transaction it provides; otherwise this request waits for a second connection.`,
      );
  }
}
