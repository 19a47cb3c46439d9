import type { PostgresJsTransaction } from "drizzle-orm/postgres-js/session";

/**
 * A transaction: drizzle's query builder and `execute(sql`…`)`. Statements with parameters are prepared on their connection. Times are returned as
 * ISO 8601 text with microseconds (`2026-01-31T08:05:01.123456Z`), `bigint` in raw SQL as text, and jsonb parsed.
 */
export type Tx = PostgresJsTransaction<Record<string, never>, Record<string, never>>;

/** Database role that a pool logs in as. `health` is `app` with its own connections. */
export type DatabaseRole = "app" | "worker" | "auth" | "health";

/** Reads use one snapshot and cannot write. */
export type TransactionMode = "read" | "write";

/** Tenant, user and vendor of a transaction. All IDs are UUIDs. */
export interface TenantContext {
  readonly tenantId: string;
  readonly userId?: string | undefined;
  /** Set exactly if a vendor's user acts. Row-level security then shows only what the vendor was given. */
  readonly vendorId?: string | null | undefined;
}

export interface TransactionOptions {
  /** Maximum wait for a connection, if shorter than the pool's own limit: the time that the caller has left. */
  readonly waitMs?: number | undefined;
  readonly mode: TransactionMode;
  /** Tenant whose turn it is among the callers that wait for a connection. If omitted, no tenant in particular. */
  readonly tenantId?: string;
  /** Statements that are sent with `begin` and the first statement of the transaction. If one fails, none of the others takes effect. */
  readonly setUp?: readonly string[];
}

export type StatementOptions = Pick<TransactionOptions, "mode" | "tenantId">;

/** A pool of connections of one role. Connections are only used for transactions. */
export interface Database {
  readonly role: DatabaseRole;
  /**
   * Runs a transaction without a tenant. It sees only the rows that a cross-tenant policy of the role lists. Default mode: write.
   *
   * @throws ServiceUnavailable if the database cannot be reached, or no connection becomes free in time
   */
  begin<T>(fn: (tx: Tx) => Promise<T>, mode?: TransactionMode): Promise<T>;
  /**
   * Like `begin`. For `asTenant`, which validates the contents of `setUp`. The transaction begins with its first statement, and one without a statement
   * uses no connection. If the connection is lost before the first statement is answered, the statement is sent again on another connection: nothing
   * was committed. If the server refuses the login and there are other credentials, `fn` is called once more with them: what it does before the answer to
   * its first statement must be repeatable.
   */
  transact<T>(options: TransactionOptions, fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs one statement as its own transaction, in one round trip instead of the two of `transact`. It has no tenant unless it sets one first, as
   * functions of the schema `engine` do; `tenantId` only determines whose turn it is. A read is repeated if its connection was lost. A write is not,
   * because it is then unknown whether it took effect.
   * @throws ServiceUnavailable like `begin`
   */
  statement<Row>(text: string, params: readonly unknown[], options: StatementOptions): Promise<readonly Row[]>;
  /** Called with each statement except begin, context and commit. The test kit uses it to count statements. */
  onStatement: ((text: string, params: readonly unknown[]) => void) | undefined;
  /** Connections in use, and callers waiting for one. */
  load(): { readonly inUse: number; readonly waiting: number; readonly size: number };
  close(): Promise<void>;
}

/** URLs of the roles that a process has. */
export interface RoleUrls {
  readonly appUrl?: string | undefined;
  readonly workerUrl?: string | undefined;
  readonly authUrl?: string | undefined;
}

export interface Databases {
  readonly app: Database;
  readonly worker: Database;
  readonly auth: Database;
  /** One or two connections that other work cannot exhaust. */
  readonly health: Database;
  /** Opens new connections with other URLs. Resolves when the former connections are closed: their transactions go on until they end. */
  replaceUrls(urls: RoleUrls): Promise<void>;
  close(): Promise<void>;
}
