import { is } from "drizzle-orm";
import { getTableConfig, getViewConfig, PgTable, type PgView } from "drizzle-orm/pg-core";

/**
 * Classification of a column. `personal` gives the column of the same row that identifies the person: these values are encrypted with the person's
 * key in audit entries and events, included in exports and redacted in logs. `secret` values never leave the database.
 */
export type Classification = "public" | "secret" | { readonly personal: string };

/** Login roles: `app` serves one tenant at a time, `worker` does work in the background, `auth` finds logins and loads viewers. */
export const roleKinds = ["app", "worker", "auth"] as const;
export type RoleKind = (typeof roleKinds)[number];

/** Verbs, for example `select`. A verb can be limited to columns: `select(tenant_id,status)`. */
export type Verbs = readonly string[];

/** Verbs that many tables grant. */
const commonVerbs = {
  read: ["select"],
  append: ["select", "insert"],
  write: ["select", "insert", "update"],
  own: ["select", "insert", "update", "delete"],
  /** Rows are removed with `delete`; `for update skip locked` requires `update`. */
  queue: ["select", "update", "delete"],
} as const;

/** What the erasure of a person does otherwise with the rows of a table. */
export interface ErasureException {
  /** Condition, as SQL, of rows that stay as they are. */
  readonly keeps: string;
  /** Deletes the other rows, because they would mean something else without the values. */
  readonly deletes?: true;
}

/** What Weft declares about a table in addition to its columns. Lists of columns are texts with their names in the database, separated by spaces. */
interface Declaration extends Readonly<Partial<Record<RoleKind, keyof typeof commonVerbs | Verbs>>> {
  readonly public?: string;
  readonly secret?: string;
  /** Columns with personal values, by the column that identifies the person. */
  readonly personal?: Readonly<Record<string, string>>;
  /** Whether the personal values of the table are ciphertexts of the person's key, so that destroying the key erases them. */
  readonly isCiphertext?: true;
  /** Further columns into which Weft copies text that can contain personal values of anybody, such as titles of notifications. */
  readonly copies?: string;
  /** What the erasure of a person does otherwise than with other tables. */
  readonly erasure?: ErasureException;
  /** Command of a permissive policy `using (true)`, with which the worker can access the table without a tenant. */
  readonly acrossTenants?: "select" | "all";
}

/** The facts about a table or a view. */
export class Facts {
  /** Name as `schema.table`. */
  readonly name: string;
  /** Classifications of all columns of a table. A view has none, because it only shows columns of tables. */
  readonly columns: Readonly<Record<string, Classification>>;
  readonly privileges: Readonly<Record<RoleKind, Verbs>>;
  readonly acrossTenants: Declaration["acrossTenants"];
  readonly isCiphertext: boolean;
  /** Names of columns. */
  readonly copies: readonly string[];
  readonly erasure: ErasureException | undefined;

  constructor(name: string, columns: Readonly<Record<string, Classification>>, { acrossTenants, ...declared }: Declaration) {
    const granted = (role: RoleKind): Verbs => {
      const verbs = declared[role] ?? [];
      return typeof verbs === "string" ? commonVerbs[verbs] : verbs;
    };
    this.name = name;
    this.columns = columns;
    this.privileges = { app: granted("app"), worker: granted("worker"), auth: granted("auth") };
    this.acrossTenants = acrossTenants;
    this.isCiphertext = declared.isCiphertext === true;
    this.copies = namesIn(declared.copies);
    this.erasure = declared.erasure;
  }
}

const namesIn = (text = ""): string[] => text.split(/\s+/).filter((word) => word !== "");

/** Public everywhere unless declared otherwise. */
const standard: ReadonlySet<string> = new Set(["version", "created_at", "updated_at"]);

/** Names of columns of the type `uuid` that are IDs, and so are public unless declared otherwise: an ID identifies an object and says nothing about it. */
const idName = /^id$|_(id|by)$|^(on_behalf|replay)_of$/;

/**
 * Declares the classification of the columns of a table, and the privileges of the login roles.
 * @throws on import if a column has no classification or several, or does not exist. No column is public because it was forgotten.
 */
export function facts(relation: PgTable | PgView, declared: Declaration): Facts {
  if (!is(relation, PgTable)) {
    const { schema, name } = getViewConfig(relation);
    return new Facts(`${schema}.${name}`, {}, declared);
  }
  const { schema, name, columns } = getTableConfig(relation);
  const classified = new Map<string, Classification>();
  const assertColumn = (column: string): void => {
    if (!columns.some((each) => each.name === column))
      throw new Error(`The facts of ${schema}.${name} list ${column}, which is not a column of it.`);
  };
  const classify = (names: string, classification: Classification): void => {
    for (const column of namesIn(names)) {
      assertColumn(column);
      if (classified.has(column)) throw new Error(`The facts of ${schema}.${name} list the column ${column} twice.`);
      classified.set(column, classification);
    }
  };
  classify(declared.public ?? "", "public");
  classify(declared.secret ?? "", "secret");
  for (const [person, names] of Object.entries(declared.personal ?? {})) {
    assertColumn(person);
    classify(names, { personal: person });
  }
  for (const column of namesIn(declared.copies)) assertColumn(column);
  for (const column of columns) {
    if (classified.has(column.name)) continue;
    const isPublic = standard.has(column.name) || (column.getSQLType() === "uuid" && idName.test(column.name));
    if (!isPublic)
      throw new Error(`The column ${column.name} of ${schema}.${name} has no classification. List it as public, secret or personal.`);
    classified.set(column.name, "public");
  }
  return new Facts(`${schema}.${name}`, Object.fromEntries(classified), declared);
}
