import { socketAddress } from "@weft/drizzle";
import { postgres, type TransactionSql } from "@weft/pg-driver";
import { chaos, isArmable } from "../chaos/chaos.js";
import type { Database, DatabaseRole, StatementOptions, TransactionMode, TransactionOptions, Tx } from "./database.js";
import { leaveToDrizzle } from "./drizzle/left-to-drizzle.js";
import { isConnectionLoss, mapDatabaseError } from "./errors.js";
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

/** Opens a pool lazily: connections are established when they are needed. */
export function openPool(role: DatabaseRole, url: string, size: number, timeouts: Timeouts): Database {
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
  return new Pool(role, client, size, timeouts.waitTimeoutMs);
}

const beginTexts: Readonly<Record<TransactionMode, string>> = {
  // One snapshot for all reads of a request. It cannot fail to serialize, because it writes nothing.
  read: "begin isolation level repeatable read read only",
  write: "begin isolation level read committed read write",
};

class Pool implements Database {
  readonly role: DatabaseRole;
  onStatement: ((text: string, params: readonly unknown[]) => void) | undefined;
  readonly #client: postgres.Sql;
  readonly #permits: Permits;
  readonly #size: number;

  constructor(role: DatabaseRole, client: postgres.Sql, size: number, waitMs: number) {
    this.role = role;
    this.#client = client;
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
      if (isArmable) chaos(`${this.role}.begin`);
      let last: Promise<unknown> | undefined;
      const result = (await this.#client.begin({ lead: [beginTexts[mode], ...setUp], resend }, async (raw: TransactionSql) => {
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
          const rows = await this.#client.unsafe(text, params as never[], prepared);
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

  close(): Promise<void> {
    return this.#client.end({ timeout: 5 });
  }
}
