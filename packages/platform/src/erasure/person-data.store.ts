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
  readonly table: string;
  readonly person: string;
}

/** Returns every table of tenants with rows about people, or written by them. */
export const tablesOfPeople: readonly PersonTable[] = tables.map(getTableConfig).flatMap(({ schema, name, columns }) => {
  const table = `${schema}.${name}`;
  // Weft itself cannot read the other tables: they contain only secrets, such as hashes of login names.
  if (!columns.some((column) => column.name === "tenant_id") || !rolePrivileges.app[table]?.includes("select")) return [];
  const listed = personalColumns.flatMap((each) => (each.table === table ? [each.person] : []));
  const persons = new Set([...listed, ...columns.flatMap((column) => (aboutPerson.has(column.name) ? [column.name] : []))]);
  return [...persons].map((person) => ({ table, person }));
});

/**
 * Returns the person's rows of a table, at most one more than `MAX_ROWS_OF_PERSON`, without secrets, the tenant, and what the rows say about others or others have written. Values are as PostgreSQL
 * writes them as JSON.
 */
export async function findRowsOfPerson(tx: Tx, { table, person }: PersonTable, personId: string): Promise<Record<string, unknown>[]> {
  const hidden = Object.entries(personalData[table] ?? {}).flatMap(([column, classification]) =>
    classification === "secret" ? [column] : [],
  );
  const rows = await tx.execute<{ row: Record<string, unknown> }>(
    named(
      "findRowsOfPerson",
      sql`select to_jsonb(t) - array(select jsonb_array_elements_text(${JSON.stringify(["tenant_id", ...hidden])}::text::jsonb)) as row from ${sql.raw(table)} t
          where t.tenant_id = app.tenant() and t.${sql.raw(person)} = ${personId}::uuid limit ${MAX_ROWS_OF_PERSON + 1}::int`,
    ),
  );
  const personal = personalColumns.filter((each) => each.table === table);
  return rows.map(({ row }) => {
    const ofOthers = new Set(personal.filter((each) => row[each.person] !== personId).map(({ column }) => column));
    return Object.fromEntries(Object.entries(row).filter(([column]) => !ofOthers.has(column)));
  });
}
