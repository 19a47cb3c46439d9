import { and, count, eq, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { BadUserInput, Conflict, type Problem, quote } from "@weft/shared/errors";
import { type IdType, withArticle } from "@weft/shared/ids";
import type { Tx } from "./database.js";
import { mapDatabaseError } from "./errors.js";
import { named } from "./named.js";

/** Common parts of the statements of simple aggregates. A store calls these functions, and contains only what is specific to it. */

/** A table whose rows have an ID and a version. */
interface VersionedTable {
  readonly id: AnyColumn;
  readonly version: AnyColumn;
}

/** For `set`: increments the version and sets the time of the change. */
export const nextVersion = ({ version }: VersionedTable): { version: SQL; updatedAt: SQL } => ({
  version: sql`${version} + 1`,
  updatedAt: sql`now()`,
});

/** For `where`: selects the row, unless it has changed since that version. */
export const atVersion = ({ id, version }: VersionedTable, rowId: string, seen: number): SQL =>
  sql`${and(eq(id, rowId), eq(version, seen))}`;

/** Returns the type in words, for example `request type`. */
const wordsOf = (type: IdType): string => withArticle(type).replace(/^an? /, "");

/** Creates the error for a change based on an outdated version. */
export const changedMeanwhile = (type: IdType, currentVersion: number): Conflict =>
  new Conflict(`The ${wordsOf(type)} was changed by somebody else. Read it again.`, { currentVersion });

/** A field of an input whose value must be unique in the tenant. */
interface UniqueField {
  readonly type: IdType;
  readonly field: string;
  readonly value: string | undefined;
}

/** Problems to report, by the name of the violated constraint: a unique field for the standard message, or a complete problem. */
type UniqueConstraints = Readonly<Record<string, UniqueField | Problem>>;

/**
 * Returns the row written by a statement with `returning()`. Null if it writes none.
 * @throws BadUserInput if a value is already taken
 */
export async function writtenRow<Row>(statement: PromiseLike<Row[]>, unique: UniqueConstraints = {}): Promise<Row | null> {
  try {
    const [row] = await statement;
    return row ?? null;
  } catch (error) {
    const taken = Object.entries(unique).map(([constraint, field]) => [constraint, () => new BadUserInput([problemOf(field)])] as const);
    throw mapDatabaseError(error, Object.fromEntries(taken));
  }
}

/** Like `writtenRow`, for an insert, which always writes a row or fails. */
export async function insertedRow<Row>(statement: PromiseLike<Row[]>, unique?: UniqueConstraints): Promise<Row> {
  const row = await writtenRow(statement, unique);
  if (row === null) throw new Error("The inserted row was not returned.");
  return row;
}

function problemOf(taken: UniqueField | Problem): Problem {
  if ("path" in taken) return taken;
  const { type, field, value = "" } = taken;
  return { path: `input.${field}`, message: `The ${wordsOf(type)} ${field} ${quote(value)} is already taken. Choose another one.` };
}

/** Counts the rows that match the condition. */
export async function countRows(
  tx: Tx,
  { name, table, where }: { readonly name: string; readonly table: PgTable; readonly where: SQL | undefined },
): Promise<number> {
  const [row] = await named(name, tx.select({ count: count() }).from(table).where(where));
  return row?.count ?? 0;
}
