import { columnsWithCopies } from "@weft/drizzle";
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { erased } from "../privacy/keyring.js";

/** Columns of a person's row whose values identify the person wherever they are. */
const identifying = ["email", "phone", "name", "username"];

/** Shorter texts are in other words, too. */
const MIN_LENGTH = 5;

/** Tables with copies, and their columns with their types. */
export interface CopiesTable {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly isJson: boolean }[];
}

/**
 * Returns the values by which copies are found: email address, phone number, full name and user name. A single word is not searched for, because it can
 * also be a word of the language: "Grace" would be replaced in "Grace period".
 */
export async function findIdentifyingValues(tx: Tx, table: string, personId: string): Promise<string[]> {
  const rows = await tx.execute<{ row: Record<string, unknown> }>(
    named(
      "findIdentifyingValues",
      sql`select to_jsonb(t) as row from ${sql.raw(table)} t where t.tenant_id = app.tenant() and t.id = ${personId}::uuid`,
    ),
  );
  const values = identifying.map((column) => rows[0]?.row[column]);
  return [...new Set(values.filter((value): value is string => typeof value === "string" && isDistinctive(value)))];
}

const isDistinctive = (value: string): boolean =>
  value.length >= MIN_LENGTH && !/^\p{L}+$/u.test(value) && !value.startsWith(erased) && !value.startsWith("erased-");

/** Returns the pattern that finds the values as whole words, for texts or for the text of JSON. */
const patternOf = (values: readonly string[], isJson: boolean): string => {
  const written = values.map((value) => (isJson ? JSON.stringify(value).slice(1, -1) : value));
  return `(?<![[:alnum:]])(${written.map((value) => value.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|")})(?![[:alnum:]])`;
};

/** Returns the tables with copies, from the catalog. */
export async function findTablesWithCopies(tx: Tx): Promise<CopiesTable[]> {
  const rows = await tx.execute<{ table: string; column: string; isJson: boolean }>(
    named(
      "findTablesWithCopies",
      sql`select g."table", g."column", a.atttypid = 'jsonb'::regtype as "isJson"
          from jsonb_to_recordset(${JSON.stringify(columnsWithCopies)}::text::jsonb) as g ("table" text, "column" text)
          join pg_attribute a on a.attrelid = g."table"::regclass and a.attname = g."column"`,
    ),
  );
  return [...Map.groupBy(rows, ({ table }) => table)].map(([table, columns]) => ({
    table,
    columns: columns.map(({ column, isJson }) => ({ name: column, isJson })),
  }));
}

/** Where a search for copies continues, and how many rows it changed. */
export interface Searched {
  /** Null: at the end. */
  readonly after: string | null;
  readonly changed: number;
}

/** Replaces the values in the next `limit` rows of a table, in the order of their IDs. Runs as the purge role. */
export async function replaceSomeCopies(
  tx: Tx,
  { table, columns }: CopiesTable,
  { values, after, limit }: { readonly values: readonly string[]; readonly after: string | null; readonly limit: number },
): Promise<Searched> {
  const [name, text] = [sql.raw(table), sql.raw("text")];
  const patterns = columns.map(({ name: column, isJson }) => ({ column: sql.raw(column), isJson, pattern: patternOf(values, isJson) }));
  const changes = patterns.map(({ column, isJson, pattern }): SQL => {
    const replaced = sql`regexp_replace(t.${column}::${text}, ${pattern}, ${erased}, 'gi')`;
    return sql`${column} = ${isJson ? sql`${replaced}::jsonb` : replaced}`;
  });
  const matches = patterns.map(({ column, pattern }) => sql`t.${column}::${text} ~* ${pattern}`);
  const rows = await tx.execute<{ last: string | null; read: number; changed: number }>(
    named(
      "replaceSomeCopies",
      sql`with next as (
        select id from ${name} where tenant_id = app.tenant() and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${limit}::int
      ), changed as (
        update ${name} t set ${sql.join(changes, sql`, `)} where t.tenant_id = app.tenant() and t.id in (select id from next)
          and (${sql.join(matches, sql` or `)})
        returning 1
      )
      select (select id::text from next order by id desc limit 1) as last, (select count(*)::int from next) as read, (select count(*)::int from changed) as changed`,
    ),
  );
  const [{ last, read, changed } = { last: null, read: 0, changed: 0 }] = rows;
  return { after: read < limit ? null : last, changed };
}
