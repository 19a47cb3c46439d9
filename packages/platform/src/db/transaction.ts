import { PostgresJsTransaction } from "drizzle-orm/postgres-js/session";
import type { PendingQuery, Row, Sql, TransactionSql } from "@weft/pg-driver";
import { beginsWith } from "./began-at.js";
import type { Tx } from "./database.js";
import { FastDialect } from "./drizzle/fast-dialect.js";
import { FastSession } from "./drizzle/fast-session.js";
import { Turns } from "./turns.js";

const dialect = new FastDialect();

/**
 * Creates drizzle's transaction from the driver's. drizzle sends all statements unprepared, which costs one more round trip each, so statements with
 * parameters are prepared here.
 */
export function drizzleTransaction(raw: TransactionSql, onStatement: (text: string, params: readonly unknown[]) => void): Tx {
  // drizzle types its session with a pool's client, but uses only what a transaction also has: `unsafe` and `savepoint`.
  const turns = new Turns();
  const client = preparing(raw, onStatement, turns) as unknown as Sql;
  return new Outermost(dialect, new FastSession(client, dialect, turns) as never, undefined);
}

/** drizzle's transaction. Its savepoints, which drizzle makes by itself, have begun with it. */
class Outermost extends PostgresJsTransaction<Record<string, never>, Record<string, never>> {
  override transaction<T>(fn: (savepoint: Tx) => Promise<T>): Promise<T> {
    return super.transaction((savepoint) => fn(begunWith(this, savepoint)));
  }
}

function begunWith(tx: Tx, savepoint: Tx): Tx {
  beginsWith(tx, savepoint);
  const nested = savepoint.transaction.bind(savepoint);
  // Not in a class: drizzle does not let others choose that of a savepoint.
  savepoint.transaction = (fn) => nested((inner) => fn(begunWith(savepoint, inner)));
  return savepoint;
}

function preparing(raw: TransactionSql, onStatement: (text: string, params: readonly unknown[]) => void, turns: Turns): TransactionSql {
  const unsafe = raw.unsafe.bind(raw);
  const savepoint = raw.savepoint.bind(raw);
  const wrapped: Pick<TransactionSql, "unsafe"> = {
    unsafe: ((text: string, params: never[] = [], options = {}) => {
      // The driver sends the opening of the transaction through here if its first statement has to wait for it.
      const isOpening = text.startsWith("begin ");
      if (!isOpening) onStatement(text, params);
      const given = params.length > 0 ? { ...options, prepare: true } : options;
      return turns.isTaken && !isOpening ? new Waiting(turns.free(), () => unsafe(text, params, given)) : unsafe(text, params, given);
    }) as TransactionSql["unsafe"],
  };
  const nested = (fn: (inner: TransactionSql) => Promise<unknown>) => savepoint((inner) => fn(preparing(inner, onStatement, turns)));
  return Object.assign(raw, wrapped, { savepoint: nested });
}

/** A statement that is sent later, with what drizzle uses of the driver's. */
class Waiting implements PromiseLike<unknown> {
  readonly #free: Promise<void>;
  readonly #send: () => PendingQuery<Row[]>;

  constructor(free: Promise<void>, send: () => PendingQuery<Row[]>) {
    this.#free = free;
    this.#send = send;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- the driver's statements are thenables, too
  then<A, B>(
    onRows?: ((rows: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#sent((query) => query).then<A, B>(onRows, onError);
  }

  values(): Promise<unknown> {
    return this.#sent((query) => query.values());
  }

  async #sent(answer: (query: PendingQuery<Row[]>) => PromiseLike<unknown>): Promise<unknown> {
    await this.#free;
    return answer(this.#send());
  }
}
