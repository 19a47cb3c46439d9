import { PostgresJsTransaction } from "drizzle-orm/postgres-js";
import type { Sql, TransactionSql } from "postgres";
import type { Tx } from "./database.js";
import { FastDialect } from "./drizzle/fast-dialect.js";
import { FastSession } from "./drizzle/fast-session.js";

const dialect = new FastDialect();

/**
 * Creates drizzle's transaction from the driver's. drizzle sends all statements unprepared, which costs one more round trip each, so statements with
 * parameters are prepared here.
 */
export function drizzleTransaction(raw: TransactionSql, onStatement: (text: string, params: readonly unknown[]) => void): Tx {
  // drizzle types its session with a pool's client, but uses only what a transaction also has: `unsafe` and `savepoint`.
  const client = preparing(raw, onStatement) as unknown as Sql;
  return new PostgresJsTransaction(dialect, new FastSession(client, dialect) as never, undefined);
}

function preparing(raw: TransactionSql, onStatement: (text: string, params: readonly unknown[]) => void): TransactionSql {
  const unsafe = raw.unsafe.bind(raw);
  const savepoint = raw.savepoint.bind(raw);
  const wrapped: Pick<TransactionSql, "unsafe"> = {
    unsafe: ((text: string, params: never[] = [], options = {}) => {
      // The driver sends the opening of the transaction through here if its first statement has to wait for it.
      if (!text.startsWith("begin ")) onStatement(text, params);
      return unsafe(text, params, params.length > 0 ? { ...options, prepare: true } : options);
    }) as TransactionSql["unsafe"],
  };
  const nested = (fn: (inner: TransactionSql) => Promise<unknown>) => savepoint((inner) => fn(preparing(inner, onStatement)));
  return Object.assign(raw, wrapped, { savepoint: nested });
}
