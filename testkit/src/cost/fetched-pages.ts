import { AsyncLocalStorage } from "node:async_hooks";
import type { Database, Databases, Tx } from "@weft/platform/db";
import type { postgres } from "@weft/pg-driver";

/** Databases that count the pages of their statements. */
export interface CountingDatabases {
  readonly databases: Databases;
  /** Pages that the most expensive execution of each statement has fetched so far, by statement name. */
  readonly pages: ReadonlyMap<string, number>;
}

// The server counts per relation and transaction: tables, indexes, and what triggers and foreign keys read. Plans do not show the latter.
const countSql = `select coalesce(sum(pg_stat_get_xact_blocks_fetched(c.oid)), 0)::int as pages from pg_class c
  where c.relnamespace in (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')`;

/**
 * Counts the pages that each statement fetches, from the cache or the disk, while the real code runs with its own connections and prepared statements.
 * Unlike times, page counts are the same on every machine. Statements outside of transactions are not counted.
 */
export function countPages(databases: Databases): CountingDatabases {
  const pages = new Map<string, number>();
  return {
    databases: { ...databases, app: counting(databases.app, pages), worker: counting(databases.worker, pages) },
    pages,
  };
}

function counting(database: Database, pages: Map<string, number>): Database {
  const current = new AsyncLocalStorage<Transaction>();
  database.onStatement = (text) => current.getStore()?.before(text);
  const transact: Database["transact"] = (options, fn) =>
    database.transact(options, (tx) => {
      const transaction = new Transaction(tx, pages);
      return current.run(transaction, () => fn(tx)).finally(() => transaction.end());
    });
  return new Proxy(database, {
    get: (target, key) => {
      if (key === "transact") return transact;
      if (key === "begin") return ((fn, mode = "write") => transact({ mode }, fn)) satisfies Database["begin"];
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Reads the transaction's counters before each statement and at the end. The differences belong to the statements in between. */
class Transaction {
  readonly #client: postgres.TransactionSql;
  readonly #pages: Map<string, number>;
  #last: { readonly name: string; readonly counted: Promise<number | null> } | undefined;

  constructor(tx: Tx, pages: Map<string, number>) {
    this.#client = (tx as unknown as { session: { client: postgres.TransactionSql } }).session.client;
    this.#pages = pages;
  }

  before(text: string): void {
    if (text === countSql) return;
    // Sent before the statement, on the same connection.
    const counted = this.#count();
    this.#settle(counted);
    this.#last = { name: /^\/\* (\w+) \*\//.exec(text)?.[1] ?? text.slice(0, 60), counted };
  }

  async end(): Promise<void> {
    const counted = this.#count();
    this.#settle(counted);
    await counted;
  }

  #count(): Promise<number | null> {
    return this.#client
      .unsafe<{ pages: number }[]>(countSql)
      .execute()
      .then(
        ([row]) => row?.pages ?? null,
        // A statement has failed before it.
        () => null,
      );
  }

  #settle(counted: Promise<number | null>): void {
    const last = this.#last;
    if (last === undefined) return;
    void Promise.all([last.counted, counted]).then(([from, to]) => {
      if (from !== null && to !== null) this.#pages.set(last.name, Math.max(to - from, this.#pages.get(last.name) ?? 0));
    });
  }
}
