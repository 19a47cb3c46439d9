import { personalColumns, personalData, rolePrivileges, tables } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";

/** Rows of one table. */
export const MAX_ROWS_OF_PERSON = 50_000;

/** Columns that identify the person whom a row is about, in tables that list no personal values, too: roles, teams, notifications. */
const aboutPerson: ReadonlySet<string> = new Set(["user_id", "person_id"]);

/** A table with rows of a person, and the column that identifies the person. */
export interface PersonTable {
  /** As `schema.table`. */
  readonly table: string;
  readonly person: string;
  /** Columns that an export shows: all but secrets and the tenant. */
  readonly columns: readonly string[];
  /** Columns of the primary key after the tenant, by which the rows are read in order. */
  readonly key: readonly string[];
}

/** Returns every table of tenants with rows about people, or written by them. Those of the same table follow each other. */
export const tablesOfPeople: readonly PersonTable[] = tables.map(getTableConfig).flatMap(({ schema, name, columns, primaryKeys }) => {
  const table = `${schema}.${name}`;
  // Weft itself cannot read the other tables: they contain only secrets, such as hashes of login names.
  if (!columns.some((column) => column.name === "tenant_id") || !rolePrivileges.app[table]?.includes("select")) return [];
  const listed = personalColumns.flatMap((each) => (each.table === table ? [each.person] : []));
  const persons = new Set([...listed, ...columns.flatMap((column) => (aboutPerson.has(column.name) ? [column.name] : []))]);
  const classes = personalData[table] ?? {};
  const shown = columns.map((column) => column.name).filter((column) => column !== "tenant_id" && classes[column] !== "secret");
  const key = (primaryKeys[0]?.columns ?? []).map((column) => column.name).filter((column) => column !== "tenant_id");
  return [...persons].map((person) => ({ table, person, columns: shown, key }));
});

/** Returns the number of the person's rows of a table, at most one more than `MAX_ROWS_OF_PERSON`. */
export async function countRowsOfPerson(tx: Tx, { table, person }: PersonTable, personId: string): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countRowsOfPerson",
      sql`select count(*)::int as count from (
            select from ${sql.raw(table)} t where t.tenant_id = app.tenant() and t.${sql.raw(person)} = ${personId}::uuid limit ${MAX_ROWS_OF_PERSON + 1}::int
          ) counted`,
    ),
  );
  return row?.count ?? 0;
}

/** Rows of a person, and the key of the last one, after which the next page begins. Null: none. */
export interface PageOfPerson {
  readonly rows: readonly Record<string, unknown>[];
  readonly after: string | null;
}

interface Page {
  readonly personId: string;
  readonly after: string | null;
  readonly limit: number;
}

/**
 * Returns the next rows of the person in a table, in the order of its key, without secrets, the tenant, and what the rows say about others or others have
 * written. Values are as PostgreSQL writes them as JSON.
 */
export async function findRowsOfPerson(
  tx: Tx,
  { table, person, key }: PersonTable,
  { personId, after, limit }: Page,
): Promise<PageOfPerson> {
  const keyOf = (alias: string): string => key.map((column) => `${alias}.${column}`).join(", ");
  const isAfter =
    after === null
      ? sql``
      : sql` and (${sql.raw(keyOf("t"))}) > (select ${sql.raw(keyOf("k"))} from jsonb_populate_record(null::${sql.raw(table)}, ${after}::text::jsonb) k)`;
  const hidden = Object.entries(personalData[table] ?? {}).flatMap(([column, kind]) => (kind === "secret" ? [column] : []));
  const found = await tx.execute<{ row: Record<string, unknown>; key: string }>(
    named(
      "findRowsOfPerson",
      sql`select to_jsonb(t) - array(select jsonb_array_elements_text(${JSON.stringify(["tenant_id", ...hidden])}::text::jsonb)) as row,
            jsonb_build_object(${sql.raw(key.map((column) => `'${column}', t.${column}`).join(", "))})::text as key
          from ${sql.raw(table)} t
         where t.tenant_id = app.tenant() and t.${sql.raw(person)} = ${personId}::uuid${isAfter}
         order by ${sql.raw(keyOf("t"))} limit ${limit}::int`,
    ),
  );
  const personal = personalColumns.filter((each) => each.table === table);
  const rows = found.map(({ row }) => {
    const ofOthers = new Set(personal.filter((each) => row[each.person] !== personId).map(({ column }) => column));
    return Object.fromEntries(Object.entries(row).filter(([column]) => !ofOthers.has(column)));
  });
  return { rows, after: found.at(-1)?.key ?? null };
}
