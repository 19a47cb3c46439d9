import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { type Classification, type ErasureException, Facts, type RoleKind, type Verbs } from "./facts.js";
import * as groups from "./tables/index.js";

const declared = Object.values(groups).flatMap((group): unknown[] => Object.values(group));

/** Every table. */
export const tables: readonly PgTable[] = declared.filter((each) => is(each, PgTable));

const allFacts = declared.filter((each) => each instanceof Facts);

for (const table of tables) {
  const { schema, name } = getTableConfig(table);
  if (!allFacts.some((facts) => facts.name === `${schema}.${name}`))
    throw new Error(`The table ${schema}.${name} has no facts. Declare them below the table.`);
}

/** Every column of every table, keyed by `schema.table` and column. */
export const personalData: Readonly<Record<string, Readonly<Record<string, Classification>>>> = Object.fromEntries(
  allFacts.filter(({ columns }) => Object.keys(columns).length > 0).map(({ name, columns }) => [name, columns]),
);

/** A column with personal values. */
export interface PersonalColumn {
  /** As `schema.table`. */
  readonly table: string;
  readonly column: string;
  /** Column of the same row that identifies the person. */
  readonly person: string;
  /** SUBJECT: the row is about the person, such as a user or a session. AUTHOR: the person wrote the value, such as a comment. */
  readonly relation: "SUBJECT" | "AUTHOR";
  /** Whether the values are ciphertexts of the person's key. */
  readonly isCiphertext: boolean;
}

/** Columns that identify the person whom a row is about. The others identify the person who acted. */
const subjects: ReadonlySet<string> = new Set(["id", "user_id", "person_id"]);

/** The columns with personal values of all tables. */
export const personalColumns: readonly PersonalColumn[] = allFacts.flatMap(({ name, columns, isCiphertext }) =>
  Object.entries(columns).flatMap(([column, classification]): PersonalColumn[] => {
    if (typeof classification !== "object") return [];
    const { personal: person } = classification;
    return [{ table: name, column, person, relation: subjects.has(person) ? "SUBJECT" : "AUTHOR", isCiphertext }];
  }),
);

/** Columns into which Weft copies text that can contain personal values of anybody. Tables are `schema.table`. */
export const columnsWithCopies: readonly { readonly table: string; readonly column: string }[] = allFacts.flatMap(({ name, copies }) =>
  copies.map((column) => ({ table: name, column })),
);

/** What the erasure of a person does otherwise with the rows of some tables, by `schema.table`. */
export const erasureExceptions: ReadonlyMap<string, ErasureException> = new Map(
  allFacts.flatMap(({ name, erasure }) => (erasure === undefined ? [] : [[name, erasure] as const])),
);

type Privileges = Readonly<Record<string, Verbs>>;

const privilegesOf = (role: RoleKind): Privileges =>
  Object.fromEntries(
    allFacts.filter(({ privileges }) => privileges[role].length > 0).map(({ name, privileges }) => [name, privileges[role]]),
  );

/**
 * Privileges of each login role. `migrate()` grants and revokes until the catalog equals them, and a test compares both. No role can change or delete
 * history or audit entries, or change events, except for the purge role, which deletes tenants and erases people.
 * - `app` serves one tenant at a time.
 * - `worker` can only access what relay, sealer and cleaner number, chain, announce and delete, but no business data. Event handlers run as weft_app in
 *   the event's tenant.
 * - `auth` finds logins, and loads viewers and the configuration and usage of tenants. It can only read.
 */
export const rolePrivileges: Readonly<Record<RoleKind, Privileges>> = {
  app: privilegesOf("app"),
  worker: privilegesOf("worker"),
  auth: privilegesOf("auth"),
};

interface CrossTenantPolicy {
  readonly role: RoleKind;
  readonly table: string;
  readonly command: "select" | "all";
}

/** Permissive policies `using (true)` in addition to those for the tenant: tables that a role can access without a tenant. */
export const crossTenantPolicies: readonly CrossTenantPolicy[] = [
  ...allFacts.flatMap(({ name, acrossTenants }): CrossTenantPolicy[] =>
    acrossTenants === undefined ? [] : [{ role: "worker", table: name, command: acrossTenants }],
  ),
  ...Object.keys(rolePrivileges.auth).map((table): CrossTenantPolicy => ({ role: "auth", table, command: "select" })),
];
