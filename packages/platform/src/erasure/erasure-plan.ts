import { erasureExceptions, personalColumns, rolePrivileges } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import { erased } from "../privacy/keyring.js";

/**
 * ANONYMISE replaces what identifies a person: values of rows about the person, and all values in audit entries. ERASE also replaces what the person
 * has written, and deletes the person's files.
 */
export type ErasureKind = "ANONYMISE" | "ERASE";

/** What the catalog says about a column with personal values. */
export interface ColumnFacts extends Record<string, unknown> {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly isNullable: boolean;
  /** Whether a unique index covers it. */
  readonly isUnique: boolean;
  /** Whether a constraint says when it is null. */
  readonly isNullChecked: boolean;
}

/** What happens to the rows of a table that are about a person, or that the person has written. */
export interface TablePlan {
  /** As `schema.table`. */
  readonly table: string;
  /** Column that identifies the person. */
  readonly person: string;
  readonly relation: "SUBJECT" | "AUTHOR";
  readonly columns: readonly string[];
  /** DELETE: the rows would say nothing or something else without the values, or two rows would be the same. */
  readonly action: "DELETE" | "REPLACE";
  /** New values, as SQL, by column. Empty for DELETE. */
  readonly values: Readonly<Record<string, string>>;
  /** Condition, as SQL, of rows that stay as they are. */
  readonly keeps: string | null;
}

/** Reads what the catalog says about all columns with personal values in plain text. */
export async function readColumnFacts(tx: Tx): Promise<ColumnFacts[]> {
  const columns = personalColumns.filter(({ isCiphertext }) => !isCiphertext).map(({ table, column }) => ({ table, column }));
  return tx.execute<ColumnFacts>(
    named(
      "readPersonalColumns",
      sql`select g."table", g."column", format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as "isNullable",
            exists (select from pg_index i join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
              where i.indrelid = a.attrelid and i.indisunique and (a.attnum = any(i.indkey)
                or (d.refobjid = a.attrelid and d.refobjsubid = a.attnum and i.indexprs is not null))) as "isUnique",
            exists (select from pg_constraint c where c.conrelid = a.attrelid and c.contype = 'c'
              and pg_get_constraintdef(c.oid) ~* ('\\m' || g."column" || ' is (not )?null')) as "isNullChecked"
          from jsonb_to_recordset(${JSON.stringify(columns)}::text::jsonb) as g ("table" text, "column" text)
          join pg_attribute a on a.attrelid = g."table"::regclass and a.attname = g."column"
         where exists (select from pg_attribute t where t.attrelid = a.attrelid and t.attname = 'tenant_id' and not t.attisdropped)`,
    ),
  );
}

/** Returns what an erasure does, in its order: rows that identify the person come last, so that an interrupted erasure still finds the person. */
export function planErasure(kind: ErasureKind, facts: readonly ColumnFacts[]): TablePlan[] {
  const factsOf = new Map(facts.map((each) => [`${each.table}.${each.column}`, each]));
  const groups = Map.groupBy(
    personalColumns.filter(
      ({ table, column, relation }) => factsOf.has(`${table}.${column}`) && (kind === "ERASE" || relation === "SUBJECT"),
    ),
    ({ table, person }) => `${table} ${person}`,
  );
  const plans = [...groups.values()].flatMap((columns) => {
    const [first] = columns;
    return first
      ? [
          planOf(
            first,
            columns.flatMap(({ table, column }) => factsOf.get(`${table}.${column}`) ?? []),
          ),
        ]
      : [];
  });
  return plans.toSorted((one, other) => Number(one.person === "id") - Number(other.person === "id"));
}

type Place = Pick<TablePlan, "table" | "person" | "relation">;

function planOf({ table, person, relation }: Place, facts: readonly ColumnFacts[]): TablePlan {
  const exception = erasureExceptions.get(table);
  const plan = { table, person, relation, columns: facts.map(({ column }) => column), keeps: exception?.keeps ?? null };
  const canDelete = rolePrivileges.app[table]?.includes("delete") === true;
  const isMeaningless = exception?.deletes === true || facts.some(({ isUnique }) => isUnique);
  if (person !== "id" && canDelete && isMeaningless) return { ...plan, action: "DELETE", values: {} };
  return { ...plan, action: "REPLACE", values: Object.fromEntries(facts.map((each) => [each.column, replacementOf(each, person)])) };
}

/** Returns the new value of a column, as SQL. */
function replacementOf({ column, type, isNullable, isUnique, isNullChecked }: ColumnFacts, person: string): string {
  if (isNullable && !isNullChecked) return "null";
  if (type === "jsonb") return `'{}'::jsonb`;
  if (isUnique) return `'erased-' || ${person}${column === "email" ? ` || '@erased.invalid'` : ""}`;
  // Empty texts say nothing, and some have to stay empty.
  return `case when ${column} is null or ${column} = '' then ${column} else '${erased}' end`;
}
