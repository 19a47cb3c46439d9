import type { PostgresJsTransaction } from "drizzle-orm/postgres-js";

/**
 * A transaction: drizzle's query builder and `execute(sql`…`)`. Statements with parameters are prepared on their connection.
 * Times come as ISO 8601 text with microseconds (`2026-01-31T08:05:01.123456Z`), `bigint` of raw SQL as text, jsonb parsed.
 */
export type Tx = PostgresJsTransaction<Record<string, never>, Record<string, never>>;

/** Which role of the database a pool logs in as; `health` is `app` on connections of its own. */
export type DatabaseRole = "app" | "worker" | "auth" | "health";

/** Reads are one snapshot and cannot write. */
export type TransactionMode = "read" | "write";

/** As whom a transaction runs. All ids are UUIDs. */
export interface TenantContext {
  readonly tenantId: string;
  readonly userId?: string | undefined;
  /** Given exactly when a vendor's user acts: row-level security then shows only what the vendor was given. */
  readonly vendorId?: string | null | undefined;
}

export interface TransactionOptions {
  /** Waits no longer for a connection, if that is less than the pool's own bound: how long the caller itself has. */
  readonly waitMs?: number | undefined;
  readonly mode: TransactionMode;
  /** Whose turn among those that wait for a connection it is; absent: nobody's in particular. */
  readonly tenantId?: string;
  /** Sent together with the first statement. */
  readonly setUp?: string;
}

export type StatementOptions = Required<Pick<TransactionOptions, "mode" | "tenantId">>;

/** A pool of connections of one role. Nobody takes a connection but for a transaction. */
export interface Database {
  readonly role: DatabaseRole;
  /**
   * A transaction without a tenant: it sees only what a cross-tenant policy of the role lists. Default mode: write.
   *
   * @throws ServiceUnavailable when the database cannot be reached, or no connection becomes free in time
   */
  begin<T>(fn: (tx: Tx) => Promise<T>, mode?: TransactionMode): Promise<T>;
  /** As `begin`. For `asTenant`, which validates what stands in `setUp`. */
  transact<T>(options: TransactionOptions, fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * One statement that is a transaction by itself, in one round trip where `transact` takes four. It runs under no tenant unless it sets one first, as functions of
   * the schema `engine` do: `tenantId` says whose turn it is, no more. A read goes again when its connection was lost; of a write nobody knows then whether it was done.
   * @throws ServiceUnavailable as `begin`
   */
  statement<Row>(text: string, params: readonly unknown[], options: StatementOptions): Promise<readonly Row[]>;
  /** Told each statement but begin, context and commit. The test kit counts with it. */
  onStatement: ((text: string, params: readonly unknown[]) => void) | undefined;
  /** Connections in use, and callers that wait for one. */
  load(): { readonly inUse: number; readonly waiting: number; readonly size: number };
  close(): Promise<void>;
}

export interface Databases {
  readonly app: Database;
  readonly worker: Database;
  readonly auth: Database;
  /** One or two connections that nobody else can exhaust. */
  readonly health: Database;
  close(): Promise<void>;
}
