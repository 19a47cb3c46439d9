import { sql } from "drizzle-orm";
import type { AnyColumn, SQL, SQLWrapper } from "drizzle-orm";

/** A query of drizzle's builder. It can be awaited and has a session that prepares it. */
interface BuiltQuery extends PromiseLike<unknown> {
  getSQL(): SQL;
}

interface PreparingSession {
  prepareQuery(query: { sql: string; params: unknown[] }, ...rest: unknown[]): unknown;
}

const namePattern = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Adds the store function's name as a comment before a statement, so that entries of the slow-query log can be traced to the code. Takes raw SQL
 * (`tx.execute(named("findUsers", sql`…`))`) or a built query (`await named("findUsers", tx.select(…).from(users))`).
 */
export function named(name: string, statement: SQL): SQL;
export function named<Q extends BuiltQuery>(name: string, statement: Q): Q;
export function named(name: string, statement: SQL | BuiltQuery): SQL | BuiltQuery {
  if (!namePattern.test(name)) throw new Error(`${JSON.stringify(name)} is not a valid statement name. Use the function's name.`);
  if (!("then" in statement)) return sql`${sql.raw(`/* ${name} */ `)}${statement}`;
  const built = statement as unknown as { session: PreparingSession };
  built.session = new NamedSession(name, built.session);
  return statement;
}

/**
 * The builder passes its text to its session. This session adds the comment and leaves mapping and types unchanged. It is a class because an object
 * derived from the session, or a function in its place, would make V8 retain the whole transaction until the next full collection.
 */
class NamedSession implements PreparingSession {
  readonly #name: string;
  readonly #session: PreparingSession;

  constructor(name: string, session: PreparingSession) {
    this.#name = name;
    this.#session = session;
  }

  prepareQuery(query: { sql: string; params: unknown[] }, ...rest: unknown[]): unknown {
    return this.#session.prepareQuery({ ...query, sql: `/* ${this.#name} */ ${query.sql}` }, ...rest);
  }
}

/** `column = any(ids)`: one parameter for any number of IDs, and therefore one prepared statement (a list would need another one for each length). */
export function among(column: AnyColumn | SQL, uuids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...uuids])}::uuid[])`;
}

/**
 * `column = any(array(query))`: the rows that a query with a limit has locked, to change them. The query runs once. PostgreSQL runs that of `column in
 * (query)` again for each row if it joins row by row, and with `skip locked` each run takes further rows.
 */
export const amongLocked = (column: AnyColumn, query: SQLWrapper): SQL => sql`${column} = any(array${query})`;

/**
 * An array whose length the planner does not see, such as in `unnest(…)` or `= any((…)::uuid[])`. Otherwise a plan for the few elements of a small array
 * always looks cheaper than the one for all arrays, so the statement is planned again at each execution, which can take longer than the execution.
 */
export const arrayOf = (values: readonly (string | number)[], type: "bigint" | "integer" | "text" | "uuid"): SQL =>
  sql`(select ${sql.param([...values])}::${sql.raw(type)}[])`;

/** Like `among`, for statements that are worth a plan for all lengths: see `arrayOf`. */
export const amongAny = (column: AnyColumn | SQL, uuids: readonly string[]): SQL => sql`${column} = any(${arrayOf(uuids, "uuid")}::uuid[])`;

/**
 * Plans the remaining statements of the transaction for their actual parameter values. For statements whose best plan depends heavily on the values,
 * such as a search for a rare or a very common word, a generic plan would be much slower.
 */
export async function planForValues(tx: { execute(statement: SQL): PromiseLike<unknown> }): Promise<void> {
  await tx.execute(named("planForValues", sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`));
}

/**
 * Plans the remaining statements of the transaction with the indexes that have their rows in order, however small the tables are at present. For statements
 * that look up the next row hundreds of times. A plan that was made from statistics of a small table reads and sorts all of its rows at each look-up, and a
 * connection keeps it until the table is analyzed again, even if it has grown since.
 */
export async function planWithIndexes(tx: { execute(statement: SQL): PromiseLike<unknown> }): Promise<void> {
  await tx.execute(named("planWithIndexes", sql`select set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`));
}
