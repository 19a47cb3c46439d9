import { sql } from "drizzle-orm";
import type { Database, DatabaseRole } from "./database.js";
import { named } from "./named.js";
import type { PoolSizes } from "./settings.js";

interface RoleFacts extends Record<string, unknown> {
  name: string;
  version: number;
  version_text: string;
  superuser: boolean;
  bypassrls: boolean;
  owned: string | null;
  migrated: boolean;
  max_connections: number;
  reserved: number;
}

const setting: Readonly<Record<DatabaseRole, string>> = {
  app: "DATABASE_URL",
  health: "DATABASE_URL",
  worker: "DATABASE_WORKER_URL",
  auth: "DATABASE_AUTH_URL",
};

/**
 * Everything about a pool's login that would make its isolation an illusion, as sentences that say what to do; empty when all is well.
 * @throws ServiceUnavailable when the database cannot be reached
 */
export async function problemsOf(db: Database, sizes: PoolSizes, processes: number): Promise<string[]> {
  const facts = await db.begin(readFacts, "read");
  const where = setting[db.role];
  const problems: string[] = [];
  if (facts.version < 150_000) problems.push(`PostgreSQL ${facts.version_text} is too old: Weft needs 15 or newer.`);
  if (facts.superuser)
    problems.push(
      `${where} logs in as ${facts.name}, a superuser, for whom row-level security does not hold. Use the role weft_${db.role}.`,
    );
  if (facts.bypassrls) problems.push(`${where} logs in as ${facts.name}, which has BYPASSRLS. Run: alter role ${facts.name} nobypassrls.`);
  if (facts.owned !== null) {
    problems.push(
      `${where} logs in as ${facts.name}, which owns ${facts.owned} (or is a member of its owner). Weft's tables belong to weft_owner alone.`,
    );
  }
  if (!facts.migrated)
    problems.push(
      `The database of ${where} has not been migrated, or ${facts.name} has no rights in it. Start Weft with DATABASE_OWNER_URL set, or run its migrations.`,
    );
  if (db.role === "app") problems.push(...budgetProblems(facts, sizes, processes));
  return problems;
}

/** Pools × processes must fit into what the server admits, or the last to connect fails under load. */
function budgetProblems(facts: RoleFacts, sizes: PoolSizes, processes: number): string[] {
  const wanted = (sizes.app + sizes.worker + sizes.auth + sizes.health) * processes;
  const available = facts.max_connections - facts.reserved;
  if (wanted <= available) return [];
  return [
    `The pools want ${wanted} connections (${sizes.app} app, ${sizes.worker} worker, ${sizes.auth} auth, ${sizes.health} health; ${processes} processes), ` +
      `and PostgreSQL gives ${available}. Make the pools smaller (DATABASE_POOL_SIZE) or raise max_connections.`,
  ];
}

async function readFacts(tx: Parameters<Parameters<Database["begin"]>[0]>[0]): Promise<RoleFacts> {
  const [facts] = await tx.execute<RoleFacts>(
    named(
      "readFacts",
      sql`select r.rolname as name, r.rolsuper as superuser, r.rolbypassrls as bypassrls,
             current_setting('server_version_num')::int as version, current_setting('server_version') as version_text,
             (select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p') and n.nspname in ('app', 'identity', 'workflows', 'requests', 'vendors', 'events', 'audit')
                 and pg_has_role(r.oid, c.relowner, 'member') limit 1) as owned,
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
