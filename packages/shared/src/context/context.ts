import DataLoader from "dataloader";
import { chaos } from "../chaos/chaos.js";
import { Computing } from "../computing/computing.js";
import { asTenant } from "../db/as-tenant.js";
import type { Tx } from "../db/database.js";
import { databaseFaultOf, isInFailedTransaction, isRefusedByPolicy, mapDatabaseError } from "../db/errors.js";
import { Abandoned, Forbidden, RateLimited, ShareUsed, Unauthenticated } from "../errors/errors.js";
import type { WriteMeta } from "../events/write-meta.js";
import type { Logger } from "../logging/logger.js";
import type { RuleContext } from "../rules/rule.js";
import type { Viewer } from "../viewer/viewer.js";
import type { CallContext } from "./call-context.js";
import { openRead } from "./read-transaction.js";
import type { ReadTransaction } from "./read-transaction.js";
import type { Services } from "./services.js";

/** Loads the values of many keys in one statement; keys without a value are missing from the map. */
export type Batch<K, V> = (tx: Tx, keys: readonly K[]) => Promise<ReadonlyMap<K, V>>;

/** What resolvers and services of one request share. */
export interface Context extends RuleContext {
  /** Who asks. @throws Unauthenticated when nobody is logged in */
  readonly viewer: Viewer;
  readonly maybeViewer: Viewer | null;
  readonly requestId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
  /** The tenant's last event before anything of the operation was read; undefined where the operation does not ask for it. */
  readonly livePosition: number | undefined;
  readonly services: Services;
  /** Carries the request id and the tenant. */
  readonly log: Logger;
  /** Goes into every history row, event and audit entry. @throws Unauthenticated */
  readonly meta: WriteMeta;
  /** The budget of computing that all calls of the operation share. */
  readonly computing: Computing;
  /**
   * A write transaction as the viewer's tenant; commits when `fn` returns. `fn` may run again after a deadlock, so it has no effects outside of
   * `tx`. @throws Forbidden when the database refuses a vendor's user, whatever roles such a one was given
   */
  inTenant<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * For a write that another transaction than the request's own carries, which several requests share: `fn` gives what came of it, or undefined when
   * nothing was written. It holds no connection while it waits.
   */
  joinWrite<T>(fn: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The request's one read transaction: a snapshot opened at first use and closed with the response. Not inside `inTenant`: use its `tx`. */
  read<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /** The request's loader of that name; it batches within `read` and forgets everything at a write. */
  loader<K, V>(name: string, batch: Batch<K, V>): DataLoader<K, V | null>;
}

/** A context with its end: whoever made it closes it once the response is complete. */
export interface OpenContext extends Context {
  close(): Promise<void>;
}

/**
 * @param signal aborts when nobody wants the answer any more: then nothing new is begun. A write that has begun runs to its end, as it would if its caller went away
 * a moment later.
 */
export function openContext(services: Services, call: CallContext, signal?: AbortSignal): OpenContext {
  return new RequestContext(services, call, signal);
}

/** What whoever asks is told of an error: to wait for work of the own organization is no outage. */
export const toldToWait = (error: unknown): Error =>
  error instanceof ShareUsed
    ? new RateLimited({ retryAfter: 1 }, "Other operations of this organization use all the database connections that it can have.")
    : (error as Error);

class RequestContext implements OpenContext {
  readonly services: Services;
  readonly log: Logger;
  readonly computing: Computing;
  readonly #call: CallContext;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number | undefined;
  readonly #loaders = new Map<string, DataLoader<unknown, unknown>>();
  #read: ReadTransaction | null = null;
  /** Why the read transaction takes no more statements. */
  #readFailure: Error | null = null;
  #isWriting = false;
  #isClosed = false;

  constructor(services: Services, call: CallContext, signal: AbortSignal | undefined) {
    this.services = services;
    this.#call = call;
    this.#signal = signal;
    // A tenth is left for what comes after the computation, on a busy machine too.
    const deadline = call.remainingMs === undefined ? undefined : performance.now() + 0.9 * call.remainingMs;
    this.#deadline = deadline;
    this.computing = new Computing(call, services.config.limits.computingMs, {
      signal,
      deadline,
      holdsConnection: () => this.#isWriting || this.#read !== null,
    });
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

  get livePosition(): number | undefined {
    return this.#call.livePosition;
  }

  get meta(): WriteMeta {
    const { tenantId, userId, sessionId } = this.viewer;
    const { requestId, address, traceId } = this.#call;
    return { tenantId, actorId: userId, onBehalfOf: null, sessionId, requestId, address, traceId, keyring: this.services.keyring };
  }

  async inTenant<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    const { viewer } = this;
    this.#assertOpen("inTenant");
    this.#isWriting = true;
    try {
      // Whoever holds a connection never asks for a second one: else as many requests as connections wait for each other for ever.
      await this.#endRead();
      const wanted = (tx: Tx): Promise<T> => {
        this.#assertWanted();
        return fn(tx);
      };
      return await asTenant(this.services.databases.app, viewer, "write", wanted, this.#waiting());
    } catch (error) {
      throw viewer.vendorId !== null && isRefusedByPolicy(error) ? new Forbidden("People of a vendor may not do this.") : toldToWait(error);
    } finally {
      this.#isWriting = false;
      this.#loaders.clear();
      this.#wakeRelay();
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
        this.#wakeRelay();
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
      // The statements of a read transaction fail here, not in the transaction's own promise, which would say what the error means. One that
      // fails takes its siblings with it: they are told why, not that they came too late.
      if (isInFailedTransaction(error)) throw this.#readFailure ?? error;
      const failure = toldToWait(mapDatabaseError(error));
      if (databaseFaultOf(error)) this.#readFailure ??= failure;
      throw failure;
    }
  }

  loader<K, V>(name: string, batch: Batch<K, V>): DataLoader<K, V | null> {
    const known = this.#loaders.get(name);
    if (known) return known as DataLoader<K, V | null>;
    const made = new DataLoader<K, V | null>(async (keys) => {
      const found = await this.read((tx) => batch(tx, keys));
      return keys.map((key) => found.get(key) ?? null);
    });
    this.#loaders.set(name, made);
    return made;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endRead();
  }

  async #endRead(): Promise<void> {
    const read = this.#read;
    this.#read = null;
    this.#readFailure = null;
    this.#loaders.clear();
    await read?.close();
  }

  /** For a connection an operation waits no longer than it has itself: whose work was in its way is told in time. */
  #waiting(): { waitMs?: number } {
    return this.#deadline === undefined ? {} : { waitMs: Math.max(0, this.#deadline - performance.now()) };
  }

  /** @throws Abandoned */
  #assertWanted(): void {
    if (this.#signal?.aborted) throw new Abandoned(this.#signal.reason);
  }

  #assertOpen(what: string): void {
    if (this.#isClosed) throw new Error(`ctx.${what} after the response: something was not awaited.`);
    if (this.#isWriting)
      throw new Error(`ctx.${what} inside ctx.inTenant: use the transaction that it gave, or this request waits for a second connection.`);
  }

  /** A hint; the relay polls too. */
  #wakeRelay(): void {
    this.services.pubsub.publish("outbox", "").catch((error: unknown) => this.log.debug({ err: error }, "the relay was not woken"));
  }
}
