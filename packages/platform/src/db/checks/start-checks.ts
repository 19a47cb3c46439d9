import { weftSchemas } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Database, DatabaseRole } from "../database.js";
import { named } from "../named.js";
import type { PoolSizes } from "../settings.js";

interface RoleFacts extends Record<string, unknown> {
  name: string;
  version: number;
  version_text: string;
  superuser: boolean;
  bypassrls: boolean;
  createrole: boolean;
  /** A role that the login can become and that bypasses row-level security or can access the server's files. Null if there is none. */
  powerful: string | null;
  /** A schema of Weft's in which the login can create objects. Null if there is none. */
  creates_in: string | null;
  /** Context settings that the session starts with, before any transaction sets them. */
  preset: string | null;
  owned: string | null;
  migrated: boolean;
  max_connections: number;
  reserved: number;
}

/** The setting of each role's connection. */
export const setting: Readonly<Record<DatabaseRole, string>> = {
  app: "DATABASE_URL",
  health: "DATABASE_URL",
  worker: "DATABASE_WORKER_URL",
  auth: "DATABASE_AUTH_URL",
};

/**
 * Returns everything about a pool's login that would defeat its isolation, as messages that say what to do. Empty if there are no problems.
 * @throws ServiceUnavailable if the database cannot be reached
 */
export async function problemsOf(db: Database, sizes: PoolSizes, processes: number): Promise<string[]> {
  const facts = await db.begin(readFacts, "read");
  const where = setting[db.role];
  const problems: string[] = [];
  if (facts.version < 150_000) problems.push(`PostgreSQL ${facts.version_text} is too old: Weft needs 15 or newer.`);
  if (facts.superuser)
    problems.push(
      `${where} logs in as ${facts.name}, a superuser, to which row-level security does not apply. Use the role weft_${db.role}.`,
    );
  if (facts.bypassrls) problems.push(`${where} logs in as ${facts.name}, which has BYPASSRLS. Run: alter role ${facts.name} nobypassrls.`);
  if (facts.createrole && !facts.superuser)
    problems.push(
      `${where} logs in as ${facts.name}, which has CREATEROLE and can grant itself roles. Run: alter role ${facts.name} nocreaterole.`,
    );
  if (facts.powerful !== null && !facts.superuser)
    problems.push(
      `${where} logs in as ${facts.name}, which can become ${facts.powerful} and so bypass row-level security. Run: revoke ${facts.powerful} from ${facts.name}.`,
    );
  if (facts.creates_in !== null && facts.owned === null && !facts.superuser)
    problems.push(
      `${where} logs in as ${facts.name}, which can create tables and functions in the schema ${facts.creates_in}. Run: revoke create on schema ${facts.creates_in} from ${facts.name}, public.`,
    );
  if (facts.preset !== null)
    problems.push(
      `Sessions of ${facts.name} (${where}) start with ${facts.preset}: a transaction that does not set its tenant would see that one. Run: alter role ${facts.name} reset all, and check the settings of the database (\\drds).`,
    );
  if (facts.owned !== null) {
    problems.push(
      `${where} logs in as ${facts.name}, which owns ${facts.owned} (or is a member of its owner). Only weft_owner may own Weft's tables.`,
    );
  }
  if (!facts.migrated)
    problems.push(
      `The database of ${where} has not been migrated, or ${facts.name} has no privileges in it. Start Weft with DATABASE_OWNER_URL set, or run its migrations.`,
    );
  if (db.role === "app") problems.push(...budgetProblems(facts, sizes, processes));
  return problems;
}

/** Pools × processes must fit into the server's connection limit. Otherwise the last ones to connect fail under load. */
function budgetProblems(facts: RoleFacts, sizes: PoolSizes, processes: number): string[] {
  const wanted = (sizes.app + sizes.worker + sizes.auth + sizes.health) * processes;
  const available = facts.max_connections - facts.reserved;
  if (wanted <= available) return [];
  return [
    `The pools need ${wanted} connections (${sizes.app} app, ${sizes.worker} worker, ${sizes.auth} auth, ${sizes.health} health; ${processes} processes), ` +
      `but PostgreSQL has ${available}. Reduce the pools (DATABASE_POOL_SIZE) or raise max_connections.`,
  ];
}

async function readFacts(tx: Parameters<Parameters<Database["begin"]>[0]>[0]): Promise<RoleFacts> {
  const [facts] = await tx.execute<RoleFacts>(
    named(
      "readFacts",
      sql`select r.rolname as name, r.rolsuper as superuser, r.rolbypassrls as bypassrls,
             current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
             r.rolcreaterole as createrole,
             (select p.rolname from pg_roles p where p.oid <> r.oid and pg_has_role(r.oid, p.oid, 'member')
                 and (p.rolsuper or p.rolbypassrls or p.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'))
               order by 1 limit 1) as powerful,
             (select n.nspname from pg_namespace n where n.nspname in ${[...weftSchemas]} and has_schema_privilege(r.oid, n.oid, 'create') order by 1 limit 1) as creates_in,
             (select string_agg(name || ' = ' || quote_literal(value), ', ') from (values ('app.tenant_id'), ('app.user_id'), ('app.vendor_id'), ('app.shows_deleted')) s(name),
                 lateral (select current_setting(name, true)) v(value) where value <> '') as preset,
             (select name from (
               select c.oid::regclass::text as name, c.relowner as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname in ${[...weftSchemas]}
               union all select 'the schema ' || nspname, nspowner from pg_namespace where nspname in ${[...weftSchemas]}
               union all select 'the function ' || p.oid::regprocedure, p.proowner from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ${[...weftSchemas]}
               ) owns where pg_has_role(r.oid, owner, 'member') limit 1) as owned,
             coalesce((select has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select')
               from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'identity' and c.relname = 'tenants'), false) as migrated,
             current_setting('max_connections')::int as max_connections,
             current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int as reserved
        from pg_roles r where r.rolname = current_user`,
    ),
  );
  if (facts === undefined) throw new Error("The role of the connection is not in pg_roles.");
  return facts;
}
