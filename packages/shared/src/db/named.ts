import { sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";

/** A query of drizzle's builder: it can be awaited and has a session that prepares it. */
interface BuiltQuery extends PromiseLike<unknown> {
  getSQL(): SQL;
}

interface PreparingSession {
  prepareQuery(query: { sql: string; params: unknown[] }, ...rest: unknown[]): unknown;
}

const namePattern = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Puts the store function's name as a comment before a statement, so that the slow-query log and the code meet. Takes raw SQL
 * (`tx.execute(named("findUsers", sql`…`))`) or a built query (`await named("findUsers", tx.select(…).from(users))`).
 */
export function named(name: string, statement: SQL): SQL;
export function named<Q extends BuiltQuery>(name: string, statement: Q): Q;
export function named(name: string, statement: SQL | BuiltQuery): SQL | BuiltQuery {
  if (!namePattern.test(name)) throw new Error(`${JSON.stringify(name)} cannot name a statement: use the function's name.`);
  if (!("then" in statement)) return sql`${sql.raw(`/* ${name} */ `)}${statement}`;
  const built = statement as unknown as { session: PreparingSession };
  built.session = new NamedSession(name, built.session);
  return statement;
}

/**
 * The builder gives its text to its session; this one adds the comment there, and leaves mapping and types as they are. A class, since an object made from
 * the session, or a function put in its place, would have V8 hold the whole transaction until the next full collection.
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

/** `column = any(ids)`: one parameter however many ids, so one prepared statement (a list would be another for each length). */
export function among(column: AnyColumn | SQL, uuids: readonly string[]): SQL {
  return sql`${column} = any(${sql.param([...uuids])}::uuid[])`;
}

/**
 * From here to the end of the transaction statements are planned for the values that they are given. For those whose best way depends on them so much that
 * a plan for any values is far from it: a word that nobody has, and one that everybody has.
 */
export async function planForValues(tx: { execute(statement: SQL): PromiseLike<unknown> }): Promise<void> {
  await tx.execute(named("planForValues", sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`));
}
