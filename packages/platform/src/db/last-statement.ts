import type { SQL } from "drizzle-orm";
import type { TransactionSql } from "@weft/pg-driver";
import type { Tx } from "./database.js";
import { FastDialect } from "./drizzle/fast-dialect.js";

const dialect = new FastDialect();

/** What a transaction ends with. */
class Ending {
  statement: { readonly text: string; readonly params: readonly unknown[] } | undefined;
}

/** Transactions of pools, without the savepoints in them. */
const endings = new WeakMap<Tx, Ending>();

/** Lets a transaction have a last statement. */
export const canEnd = (tx: Tx): void => void endings.set(tx, new Ending());

/**
 * Makes the statement the last one of its transaction: it is sent together with the commit, which saves a round trip. If it fails, PostgreSQL rolls the
 * transaction back instead of committing it, and the transaction throws the error. Nothing can read the result, and no other statement can follow. In a
 * savepoint, the statement is executed at once.
 *
 * The statement must fail in a transaction without a tenant, as those functions of the schema `engine` do that change what the transaction has locked: if the
 * server has lost its plan, the driver sends it again, after the end of the transaction.
 */
export async function executeLast(tx: Tx, statement: SQL): Promise<void> {
  const ending = endings.get(tx);
  if (!ending) {
    await tx.execute(statement);
    return;
  }
  if (ending.statement) throw new Error("The transaction has a last statement already.");
  const { sql: text, params } = dialect.sqlToQuery(statement);
  ending.statement = { text, params };
}

/** @throws Error if the transaction has a last statement, which another one would precede */
export function assertNotEnded(tx: Tx): void {
  if (endings.get(tx)?.statement) throw new Error("A statement follows the last one of its transaction.");
}

/**
 * Sends the last statement of the transaction, if it has one, and returns its end. The commit must follow at once: the driver sends both without waiting
 * for an answer in between.
 */
export function sendLast(raw: TransactionSql, tx: Tx): Promise<unknown> | undefined {
  const ending = endings.get(tx);
  if (!ending?.statement) return undefined;
  const { text, params } = ending.statement;
  ending.statement = undefined;
  // Not sent when it is awaited, as the driver's statements are in general, but now, so that it comes before the commit.
  const sent: Promise<unknown> = raw.unsafe(text, params as never[]).execute();
  // The commit waits for it, too. Without this, an error that comes before that would be unhandled.
  sent.catch(() => undefined);
  return sent;
}
