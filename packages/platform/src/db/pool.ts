import { socketAddress } from "@weft/drizzle";
import { postgres, type TransactionSql } from "@weft/pg-driver";
import { chaos, isArmable } from "../chaos/chaos.js";
import type { Database, DatabaseRole, StatementOptions, TransactionMode, TransactionOptions, Tx } from "./database.js";
import { leaveToDrizzle } from "./drizzle/left-to-drizzle.js";
import { isConnectionLoss, isRefusedLogin, mapDatabaseError } from "./errors.js";
import { begins } from "./began-at.js";
import { assertNotEnded, canEnd, sendLast } from "./last-statement.js";
import { Permits } from "./permits.js";
import type { Timeouts } from "./settings.js";
import { drizzleTransaction } from "./transaction.js";

const timestamptz = 1184;

/** The driver would send a text without parameters as a simple query, which PostgreSQL parses and plans each time. */
const prepared = { prepare: true, simple: false };

/**
 * Plans of the worker use indexes. Queues are usually empty when they are analyzed, so a sequential scan looks free to the planner. A connection keeps such
 * a plan, and it reads whatever the queue has had since the last vacuum, once for each tenant that is looked up.
 */
const queuePlans = { enable_seqscan: "off" };

/** How often a statement is sent again because its connection was dead, or was lost before it answered anything. */
const maxResends = 3;

/** Time in which the transactions on replaced credentials must end. Only the terms of leaders take longer; others then lead. */
const DRAIN_MS = 60_000;

export interface PoolOptions {
  readonly url: string;
  readonly size: number;
  readonly timeouts: Timeouts;
  /** Asks for other credentials, because the server has refused these. Returns whether there are some, which `replaceUrl` was called with. */
  readonly askForUrl?: (() => Promise<boolean>) | undefined;
}

/** A pool whose URL can be replaced. */
export interface ReplaceableDatabase extends Database {
  /** Opens new connections with another URL. Resolves when the former ones are closed: their transactions go on until they end. */
  replaceUrl(url: string, options?: { readonly drainMs?: number }): Promise<void>;
}

/** Opens a pool lazily: connections are established when they are needed. */
export function openPool(role: DatabaseRole, { url, size, timeouts, askForUrl }: PoolOptions): ReplaceableDatabase {
  const connect = (to: string): postgres.Sql => openClient(role, to, { size, timeouts });
  return new Pool(role, { connect, url, size, waitMs: timeouts.waitTimeoutMs, askForUrl });
}

function openClient(role: DatabaseRole, url: string, { size, timeouts }: Pick<PoolOptions, "size" | "timeouts">): postgres.Sql {
  const address = socketAddress(url);
  const client = postgres(address.url, {
    ...address.options,
    max: size,
    connect_timeout: timeouts.connectTimeoutMs / 1000,
    // The driver's default backoff grows to 20 s and uses a counter shared by all connections, so the pool would hang after a restart.
    backoff: () => 0.05 + Math.random() * 0.2,
    onnotice: () => undefined,
    connection: {
      application_name: `weft ${role}`,
      TimeZone: "UTC",
      // Compiling takes some 80 ms, far longer than any statement here; with many rows the planner chooses it even for one that reads a page.
      jit: "off",
      ...(role === "worker" && queuePlans),
      statement_timeout: timeouts.statementTimeoutMs,
      lock_timeout: timeouts.lockTimeoutMs,
      idle_in_transaction_session_timeout: timeouts.idleInTransactionTimeoutMs,
    },
  });
  // The parser for times must be set after that.
  leaveToDrizzle(client);
  client.options.parsers[timestamptz] = (text: string) => text.replace(" ", "T").replace(/\+00$/, "Z");
  return client;
}

const beginTexts: Readonly<Record<TransactionMode, string>> = {
  // One snapshot for all reads of a request. It cannot fail to serialize, because it writes nothing.
  read: "begin isolation level repeatable read read only",
  write: "begin isolation level read committed read write",
};

/** Connections with one URL, and the transactions that use them. */
interface Generation {
  readonly client: postgres.Sql;
  uses: number;
  /** Called when the last use ends. */
  onUnused: (() => void) | undefined;
}

interface PoolParts {
  readonly connect: (url: string) => postgres.Sql;
  readonly url: string;
  readonly size: number;
  readonly waitMs: number;
  readonly askForUrl: PoolOptions["askForUrl"];
}

class Pool implements ReplaceableDatabase {
  readonly role: DatabaseRole;
  onStatement: ((text: string, params: readonly unknown[]) => void) | undefined;
  readonly #connect: PoolParts["connect"];
  readonly #askForUrl: PoolParts["askForUrl"];
  readonly #permits: Permits;
  readonly #size: number;
  readonly #former = new Set<postgres.Sql>();
  #current: Generation;
  #isClosed = false;

  constructor(role: DatabaseRole, { connect, url, size, waitMs, askForUrl }: PoolParts) {
    this.role = role;
    this.#connect = connect;
    this.#askForUrl = askForUrl;
    this.#current = { client: connect(url), uses: 0, onUnused: undefined };
    this.#size = size;
    this.#permits = new Permits(size, waitMs);
  }

  begin<T>(fn: (tx: Tx) => Promise<T>, mode: TransactionMode = "write"): Promise<T> {
    return this.transact({ mode }, fn);
  }

  async transact<T>({ mode, tenantId, setUp = [], waitMs }: TransactionOptions, fn: (tx: Tx) => Promise<T>): Promise<T> {
    const waiting = this.#permits.take(tenantId, waitMs);
    if (waiting) await waiting;
    let resends = 0;
    const resend = (error: unknown): boolean => isConnectionLoss(error) && resends++ < maxResends;
    try {
      return await this.#loggedIn(async (client) => {
        if (isArmable) chaos(`${this.role}.begin`);
        let last: Promise<unknown> | undefined;
        const result = (await client.begin({ lead: [beginTexts[mode], ...setUp], resend }, async (raw: TransactionSql) => {
          const tx = drizzleTransaction(raw, (text, params) => {
            assertNotEnded(tx);
            this.#sending(text, params);
          });
          canEnd(tx);
          begins(tx);
          const done = await fn(tx);
          if (isArmable) chaos(`${this.role}.commit`);
          last = sendLast(raw, tx);
          return done;
        })) as T;
        // If it has failed, the commit has rolled everything back.
        if (last) await last;
        if (isArmable) chaos(`${this.role}.committed`);
        return result;
      });
    } catch (error) {
      throw mapDatabaseError(error);
    } finally {
      this.#permits.release(tenantId);
    }
  }

  async statement<Row>(text: string, params: readonly unknown[], { mode, tenantId }: StatementOptions): Promise<readonly Row[]> {
    const waiting = this.#permits.take(tenantId);
    if (waiting) await waiting;
    try {
      for (let lost = 0; ; lost++) {
        try {
          this.#sending(text, params);
          const rows = await this.#loggedIn((client) => client.unsafe(text, params as never[], prepared));
          if (isArmable && mode === "write") chaos(`${this.role}.committed`);
          return rows as unknown as readonly Row[];
        } catch (error) {
          if (mode === "write" || lost === maxResends || !isConnectionLoss(error)) throw mapDatabaseError(error);
        }
      }
    } finally {
      this.#permits.release(tenantId);
    }
  }

  #sending(text: string, params: readonly unknown[]): void {
    this.onStatement?.(text, params);
    if (isArmable) chaos(`${this.role}.${/^\/\* (\w+) \*\//.exec(text)?.[1] ?? "statement"}`);
  }

  load(): { inUse: number; waiting: number; size: number } {
    return { inUse: this.#permits.inUse, waiting: this.#permits.waiting, size: this.#size };
  }

  replaceUrl(url: string, { drainMs = DRAIN_MS }: { readonly drainMs?: number } = {}): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const former = this.#current;
    this.#current = { client: this.#connect(url), uses: 0, onUnused: undefined };
    return this.#drained(former, drainMs);
  }

  async #drained(former: Generation, drainMs: number): Promise<void> {
    this.#former.add(former.client);
    try {
      if (former.uses > 0) {
        await new Promise<void>((resolve) => {
          // A transaction that has not sent anything uses no connection yet, so that the driver would refuse it from now on.
          former.onUnused = resolve;
          setTimeout(resolve, drainMs).unref();
        });
      }
      await former.client.end({ timeout: former.uses > 0 ? 0.001 : 1 });
    } finally {
      this.#former.delete(former.client);
    }
  }

  /**
   * Runs work on the current connections. If the server refuses their login, nothing was sent, so that the work starts over with other credentials if
   * there are some.
   */
  async #loggedIn<T>(work: (client: postgres.Sql) => PromiseLike<T>): Promise<T> {
    const used = this.#current;
    try {
      return await this.#using(used, work);
    } catch (error) {
      if (this.#askForUrl === undefined || !isRefusedLogin(error)) throw error;
      if (used === this.#current && !(await this.#askForUrl())) throw error;
      if (used === this.#current) throw error;
      return this.#using(this.#current, work);
    }
  }

  async #using<T>(generation: Generation, work: (client: postgres.Sql) => PromiseLike<T>): Promise<T> {
    generation.uses++;
    try {
      return await work(generation.client);
    } finally {
      if (--generation.uses === 0) generation.onUnused?.();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#current.client, ...this.#former].map((client) => client.end({ timeout: 5 })));
  }
}
