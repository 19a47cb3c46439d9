import type { Sql } from "@weft/pg-driver";

/** The schemas that Weft owns. */
export const weftSchemas = ["app", "identity", "workflows", "requests", "vendors", "events", "audit", "engine"] as const;

export interface Grant {
  /** Table as `schema.table`. */
  readonly table: string;
  /** `select`, or `select(a,b)` if the privilege is limited to columns. */
  readonly verb: string;
}

/** Returns the privileges granted directly to a role on tables and views of Weft's schemas, from the catalog. */
export async function readGrants(sql: Sql, role: string): Promise<Grant[]> {
  return sql<Grant[]>`
    with relation as (
      select c.oid, n.nspname || '.' || c.relname as name, c.relacl
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ${sql(weftSchemas)} and c.relkind in ('r', 'p', 'v', 'm'))
    select r.name as table, lower(a.privilege_type) as verb
      from relation r, aclexplode(r.relacl) a where a.grantee = ${role}::regrole
    union all
    select r.name, lower(a.privilege_type) || '(' || string_agg(t.attname, ',' order by t.attnum) || ')'
      from relation r join pg_attribute t on t.attrelid = r.oid and t.attnum > 0 and not t.attisdropped, aclexplode(t.attacl) a
     where a.grantee = ${role}::regrole
     group by r.name, a.privilege_type
    order by 1, 2`;
}
