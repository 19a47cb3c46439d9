import { columnsWithCopies, erasureExceptions } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { among, named } from "../db/named.js";
import type { Batch, Step } from "./erase-rows.store.js";
import { identifying, isDistinctive, patternOf, replaceInJson, replaceInText } from "./identifying-values.js";

/** Tables with copies, and their columns with their types. */
export interface CopiesTable {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly isJson: boolean }[];
  /** Condition, as SQL, of rows that stay as they are. */
  readonly keeps: string | null;
}

/** Returns the values by which copies are found: see `isDistinctive`. */
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

/** Returns the tables with copies, from the catalog. */
export async function findTablesWithCopies(tx: Tx): Promise<CopiesTable[]> {
  const rows = await tx.execute<{ table: string; column: string; isJson: boolean }>(
    named(
      "findTablesWithCopies",
      sql`select g."table", g."column", a.atttypid = 'jsonb'::regtype as "isJson"
          from jsonb_to_recordset(${JSON.stringify(columnsWithCopies)}::text::jsonb) as g ("table" text, "column" text)
          join pg_attribute a on a.attrelid = g."table"::regclass and a.attname = g."column"
         order by g."table"`,
    ),
  );
  return [...Map.groupBy(rows, ({ table }) => table)].map(([table, columns]) => ({
    table,
    columns: columns.map(({ column, isJson }) => ({ name: column, isJson })),
    keeps: erasureExceptions.get(table)?.keeps ?? null,
  }));
}

interface Search extends Batch {
  readonly values: readonly string[];
}

/** Values as texts, by column. */
type Row = Readonly<Record<string, string | null>> & { readonly id: string };

/** Bytes of rows with copies that a transaction reads, unless a single row has more. Rows of events and answers of webhooks can be large. */
const MAX_BYTES = 8_000_000;

/**
 * Replaces the values in the next `limit` rows of a table, in the order of their IDs, or in fewer if many of them are large. The database finds the rows that
 * contain one of the values somewhere; `replaceInText` and `replaceInJson` decide what is a value of the person. Runs as the purge role.
 */
export async function replaceSomeCopies(tx: Tx, { table, columns, keeps }: CopiesTable, { values, after, limit }: Search): Promise<Step> {
  const matches = columns.map(({ name: column, isJson }) => sql`t.${sql.raw(`${column}::text`)} ~* ${patternOf(values, isJson)}`);
  const last = await findLast(tx, table, { after, limit });
  const matching = await tx.execute<{ id: string; bytes: number }>(
    named(
      "findCopies",
      sql`select t.id::text as id, (${sql.raw(columns.map(({ name }) => `coalesce(octet_length(t.${name}::text), 0)`).join(" + "))})::float8 as bytes from ${sql.raw(table)} t
           where t.tenant_id = app.tenant() and (${after}::uuid is null or t.id > ${after}::uuid) and (${last.id}::uuid is null or t.id <= ${last.id}::uuid)
             and (${sql.join(matches, sql` or `)})${keeps === null ? sql`` : sql.raw(` and not (${keeps})`)}
           order by t.id`,
    ),
  );
  const ids = firstOf(matching, MAX_BYTES).map(({ id }) => id);
  const found = ids.length === 0 ? [] : await lockRows(tx, { table, columns, keeps }, ids);
  const changed = found.flatMap((row) => {
    const replaced: Row = { ...row, ...Object.fromEntries(columns.map((column) => [column.name, withoutCopies(column, row, values)])) };
    return columns.some(({ name }) => replaced[name] !== row[name]) ? [replaced] : [];
  });
  if (changed.length > 0) await writeCopies(tx, { table, columns, keeps }, changed);
  const isCut = ids.length < matching.length;
  return { changed: changed.length, isDone: last.isEnd && !isCut, after: (isCut ? ids.at(-1) : last.id) ?? after };
}

/** Returns the first rows whose bytes are at most `max` together, and at least one. */
function firstOf<T extends { readonly bytes: number }>(rows: readonly T[], max: number): readonly T[] {
  let bytes = 0;
  const end = rows.findIndex((row, at) => (bytes += row.bytes) > max && at > 0);
  return end === -1 ? rows : rows.slice(0, end);
}

/** Returns the rows with their columns as texts, and locks them. */
const lockRows = (tx: Tx, { table, columns, keeps }: CopiesTable, ids: readonly string[]): Promise<Row[]> =>
  tx.execute<Row>(
    named(
      "lockCopies",
      sql`select t.id::text as id, ${sql.raw(columns.map(({ name }) => `t.${name}::text as ${name}`).join(", "))} from ${sql.raw(table)} t
           where t.tenant_id = app.tenant() and ${among(sql`t.id`, ids)}${keeps === null ? sql`` : sql.raw(` and not (${keeps})`)}
           for update`,
    ),
  );

function withoutCopies({ name, isJson }: CopiesTable["columns"][number], row: Row, values: readonly string[]): string | null {
  const text = row[name] ?? null;
  if (text === null) return null;
  return isJson ? replaceInJson(text, values) : replaceInText(text, values);
}

/** Returns the last of the next `limit` IDs, and whether no others follow. */
async function findLast(tx: Tx, table: string, { after, limit }: Batch): Promise<{ readonly id: string | null; readonly isEnd: boolean }> {
  const [row] = await tx.execute<{ id: string | null; read: number }>(
    named(
      "findLastOfCopies",
      sql`select max(id::text) as id, count(*)::int as read from (
            select id from ${sql.raw(table)} where tenant_id = app.tenant() and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${limit}::int
          ) next`,
    ),
  );
  return { id: row?.id ?? null, isEnd: (row?.read ?? 0) < limit };
}

/** JSON is sent as text, so that the database reads its numbers with all of their digits. */
async function writeCopies(tx: Tx, { table, columns }: CopiesTable, rows: readonly Row[]): Promise<void> {
  const names = columns.map(({ name }) => `${name} text`).join(", ");
  const changes = columns.map(({ name, isJson }) => `${name} = c.${name}${isJson ? "::jsonb" : ""}`).join(", ");
  await tx.execute(
    named(
      "replaceCopies",
      sql`update ${sql.raw(table)} t set ${sql.raw(changes)}
            from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as c (id uuid, ${sql.raw(names)})
           where t.tenant_id = app.tenant() and t.id = c.id`,
    ),
  );
}
