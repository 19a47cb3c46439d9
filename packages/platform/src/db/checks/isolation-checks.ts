import { crossTenantPolicies, erasedTables, erasurePolicyOf, furtherPolicies, macroPolicies, weftSchemas } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Database, Tx } from "../database.js";
import type { LoginRole, Logins } from "../logins.js";
import { named } from "../named.js";
import { problemsOfBypasses } from "./row-security-bypasses.js";

interface PolicyFacts {
  readonly name: string;
  readonly kind: "permissive" | "restrictive";
  /** `*` for all, `r` for select, `a` for insert, `w` for update, `d` for delete. */
  readonly command: string;
  readonly isForAll: boolean;
  /** Login roles that the policy applies to. */
  readonly roles: readonly LoginRole[];
  /** `using … with check …`, as PostgreSQL prints it. */
  readonly text: string;
  /** The text that `app.record_policies` recorded when a migration created the policy. Null if none was recorded. */
  readonly recorded: string | null;
}

interface TableFacts extends Record<string, unknown> {
  readonly name: string;
  readonly hasTenant: boolean;
  readonly isEnabled: boolean;
  readonly isForced: boolean;
  readonly policies: readonly PolicyFacts[];
  readonly isCitusThere: boolean;
}

/** Maximum number of problems to report. Longer lists are not helpful. */
const maxProblems = 12;

/** Texts of the policies that are the same on every table. */
const fixedTexts: Readonly<Record<string, string>> = {
  tenant: "using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())",
  vendor_delete: "using app.is_staff() with check ",
  purge_when_due: "using app.purge_is_due() with check ",
};

/** Policies that `migrate` writes, only for the role that purges and erases. */
const ofPurger: ReadonlySet<string> = new Set(["purge_when_due", "erase_when_due"]);

/**
 * Returns everything that would expose rows that the migrations protect: row-level security that is disabled or not forced, missing or changed
 * policies, policies for one of the logins that are not Weft's, tables that Citus distributes, and bypasses of the policies. Runs two statements.
 */
export async function isolationProblems(db: Database, logins: Logins): Promise<string[]> {
  const problems = await db.transact({ mode: "read", setUp: ["set local search_path to ''"] }, async (tx) => {
    const tables = await readTables(tx, logins);
    // If no policy has been recorded yet, there is nothing to compare with.
    if (!tables.some(({ policies }) => policies.some(({ recorded }) => recorded !== null))) return [notMigrated];
    const distributed = tables[0]?.isCitusThere === true ? await readDistributed(tx) : [];
    return [
      ...distributed.map(citusProblem),
      ...tables.flatMap((table) => problemsOfTable(table)),
      ...(await problemsOfBypasses(tx, logins)),
    ];
  });
  const more = problems.length - maxProblems;
  return more > 0 ? [...problems.slice(0, maxProblems), `${more} more problems of row-level security.`] : problems;
}

const notMigrated =
  "The database has not been migrated to this version of Weft: its policies are not recorded. Start Weft with DATABASE_OWNER_URL set, or run its migrations.";

const citusProblem = (table: string): string =>
  `Citus distributes ${table}. It drops "AS RESTRICTIVE" from the policies of its shards, so vendors' users would see every tenant. ` +
  `Run \`select undistribute_table('${table}')\` as its owner, or use a database without Citus.`;

function problemsOfTable({ name, hasTenant, isEnabled, isForced, policies }: TableFacts): string[] {
  if (!hasTenant && furtherPolicies[name] === undefined) return [];
  const required = [
    ...(hasTenant ? [...macroPolicies, "purge_when_due restrictive d"] : []),
    ...(erasedTables.includes(name) && hasTenant ? ["erase_when_due restrictive w"] : []),
    ...(furtherPolicies[name] ?? []),
  ];
  const present = new Set(policies.map(({ name: policy }) => policy));
  return [
    ...(isEnabled
      ? []
      : [
          `Row-level security is off on ${name}: every tenant's rows are open. Run as its owner: alter table ${name} enable row level security.`,
        ]),
    ...(isForced
      ? []
      : [
          `Row-level security of ${name} is not forced: it does not hold for the owner. Run as its owner: alter table ${name} force row level security.`,
        ]),
    ...required.flatMap((line) => {
      const policy = line.slice(0, line.indexOf(" "));
      return present.has(policy) ? [] : [`The policy ${policy} of ${name} is missing. ${restore}`];
    }),
    ...policies.flatMap((policy) => problemOfPolicy(name, policy, required) ?? []),
  ];
}

const restore = "Restore it from drizzle/migrations as the owner of the table, or restore the database from a backup.";

function problemOfPolicy(table: string, policy: PolicyFacts, required: readonly string[]): string | undefined {
  const { name, kind, command, isForAll, roles, text, recorded } = policy;
  const what = `The policy ${name} of ${table}`;
  const expected = required.find((line) => line.startsWith(`${name} `));
  if (expected === undefined) {
    // A restrictive policy only narrows access. What other applications' roles can see is not Weft's concern.
    if (kind === "restrictive" || roles.every((role) => isCrossTenant(table, policy, role))) return undefined;
    return `${what} is not one of Weft's, and permissive policies open what others close: ${text}. Run as the owner of the table: drop policy ${name} on ${table}.`;
  }
  if (`${name} ${kind} ${command}` !== expected)
    return `${what} is ${kind} for ${commands[command] ?? command}, but the migrations wrote: ${described(expected)}. ${restore}`;
  if (isForAll === ofPurger.has(name)) return `${what} is for other roles than the migrations wrote. ${restore}`;
  const wanted = name === "erase_when_due" ? `using ${printed(erasurePolicyOf(table))} with check ` : (fixedTexts[name] ?? recorded);
  if (text === wanted) return undefined;
  return wanted === null
    ? `${what} was not written by a migration: ${text}. ${restore}`
    : `${what} says: ${text}. The migrations wrote: ${wanted}. ${restore}`;
}

/** As PostgreSQL prints alternatives. */
const printed = (condition: string): string => (condition.includes(" or ") ? `(${condition.replaceAll(" or ", " OR ")})` : condition);

/** Returns whether the policy is one that lets the role read across tenants, according to the list of privileges. */
function isCrossTenant(table: string, { name, command, text, isForAll }: PolicyFacts, role: LoginRole): boolean {
  const listed = crossTenantPolicies.find((each) => each.table === table && each.role === role);
  if (listed === undefined || isForAll || name !== `across_tenants_${role}`) return false;
  return listed.command === "all"
    ? command === "*" && text === "using true with check true"
    : command === "r" && text === "using true with check ";
}

const commands: Readonly<Record<string, string>> = { "*": "all commands", r: "select", a: "insert", w: "update", d: "delete" };

function described(line: string): string {
  const [, kind = "", command = ""] = line.split(" ");
  return `${kind} for ${commands[command] ?? command}`;
}

/** Catalogs are qualified with their schema, because the search path is empty. */
async function readTables(tx: Tx, logins: Logins): Promise<readonly TableFacts[]> {
  return tx.execute<TableFacts>(
    named(
      "readProtectedTables",
      sql`select n.nspname || '.' || c.relname as name, c.relrowsecurity as "isEnabled", c.relforcerowsecurity as "isForced",
             exists (select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as "hasTenant",
             pg_catalog.to_regclass('pg_catalog.pg_dist_partition') is not null as "isCitusThere",
             coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                 'name', p.polname, 'kind', case when p.polpermissive then 'permissive' else 'restrictive' end, 'command', p.polcmd,
                 'isForAll', 0::oid = any(p.polroles),
                 'roles', coalesce((select pg_catalog.jsonb_agg(l.key) from pg_catalog.jsonb_each_text(${JSON.stringify(logins)}::pg_catalog.jsonb) l
                   where exists (select from pg_catalog.unnest(p.polroles) r(id) where case r.id when 0 then true else pg_catalog.pg_has_role(l.value::name, r.id, 'usage') end)), '[]'),
                 'text', pg_catalog.format('using %s with check %s', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)),
                 'recorded', pg_catalog.obj_description(p.oid, 'pg_policy')) order by p.polname)
               from pg_catalog.pg_policy p where p.polrelid = c.oid), '[]') as policies
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and n.nspname in ${[...weftSchemas]}
       order by 1`,
    ),
  );
}

async function readDistributed(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ name: string }>(
    named(
      "readDistributedTables",
      sql`select d.logicalrelid::pg_catalog.text as name from pg_catalog.pg_dist_partition d
        join pg_catalog.pg_class c on c.oid = d.logicalrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${[...weftSchemas]} order by 1`,
    ),
  );
  return rows.map(({ name }) => name);
}
