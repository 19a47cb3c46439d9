import type { SQL } from "drizzle-orm";
import type { Database, Tx } from "./database.js";
import { FastDialect } from "./drizzle/fast-dialect.js";

/** Executes statements: a transaction, or what `alone` returns. */
export type Executes = Pick<Tx, "execute">;

const dialect = new FastDialect();

/**
 * Runs each statement as its own transaction without a tenant, in one round trip instead of the two of `db.begin`. Only for statements that read, because
 * they are repeated if their connection is lost.
 */
export function alone(db: Database): Executes {
  const execute = (statement: SQL): Promise<readonly unknown[]> => {
    const { sql, params } = dialect.sqlToQuery(statement);
    return db.statement(sql, params, { mode: "read" });
  };
  // drizzle's type also promises a query that has not been sent. Only its rows are used.
  return { execute: execute as unknown as Executes["execute"] };
}
