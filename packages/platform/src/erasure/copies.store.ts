import { isDeepStrictEqual } from "node:util";
import { columnsWithCopies } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { identifying, isDistinctive, patternOf, replaceValues } from "./identifying-values.js";

/** Tables with copies, and their columns with their types. */
export interface CopiesTable {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly isJson: boolean }[];
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

interface Search {
  readonly values: readonly string[];
  readonly after: string | null;
  readonly limit: number;
}

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Replaces the values in the next `limit` rows of a table, in the order of their IDs. The database finds the rows that contain one of them somewhere;
 * `replaceValues` decides what is a value of the person. Runs as the purge role.
 */
export async function replaceSomeCopies(tx: Tx, { table, columns }: CopiesTable, { values, after, limit }: Search): Promise<Searched> {
  const name = sql.raw(table);
  const matches = columns.map(({ name: column, isJson }) => sql`t.${sql.raw(`${column}::text`)} ~* ${patternOf(values, isJson)}`);
  const last = await findLast(tx, table, { after, limit });
  const found = await tx.execute<Row>(
    named(
      "findCopies",
      sql`select t.id::text as id, ${sql.raw(columns.map((column) => `t.${column.name}`).join(", "))} from ${name} t
           where t.tenant_id = app.tenant() and (${after}::uuid is null or t.id > ${after}::uuid) and (${last.id}::uuid is null or t.id <= ${last.id}::uuid)
             and (${sql.join(matches, sql` or `)})
           for update`,
    ),
  );
  const changed = found.flatMap((row) => {
    const replaced: Row = {
      ...Object.fromEntries(columns.map((column) => [column.name, replaceValues(row[column.name], values)])),
      id: row.id,
    };
    return columns.some((column) => !isDeepStrictEqual(replaced[column.name], row[column.name])) ? [replaced] : [];
  });
  if (changed.length > 0) await writeCopies(tx, { table, columns }, changed);
  return { after: last.isEnd ? null : last.id, changed: changed.length };
}

/** Returns the last of the next `limit` IDs, and whether no others follow. */
async function findLast(
  tx: Tx,
  table: string,
  { after, limit }: Omit<Search, "values">,
): Promise<{ readonly id: string | null; readonly isEnd: boolean }> {
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

async function writeCopies(tx: Tx, { table, columns }: CopiesTable, rows: readonly Row[]): Promise<void> {
  const types = columns.map(({ name, isJson }) => `${name} ${isJson ? "jsonb" : "text"}`).join(", ");
  const changes = columns.map(({ name }) => `${name} = c.${name}`).join(", ");
  await tx.execute(
    named(
      "replaceCopies",
      sql`update ${sql.raw(table)} t set ${sql.raw(changes)}
            from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as c (id uuid, ${sql.raw(types)})
           where t.tenant_id = app.tenant() and t.id = c.id`,
    ),
  );
}
