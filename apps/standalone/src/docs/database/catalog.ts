import { weftSchemas } from "@weft/drizzle";
import type { Sql } from "@weft/pg-driver";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  /** Default value or generation expression, as PostgreSQL prints it. Null if there is none. */
  readonly default: string | null;
}

export interface Constraint {
  readonly name: string;
  /** `p`, `f`, `u` or `c`, as in `pg_constraint.contype`. */
  readonly kind: string;
  readonly definition: string;
  readonly columns: readonly string[];
  /** The referenced table of a foreign key, as `schema.table`. */
  readonly references: string | null;
}

export interface Policy {
  readonly name: string;
  readonly isPermissive: boolean;
  readonly command: string;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  /** Indexes that do not belong to a constraint, as `CREATE INDEX` statements. */
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
  readonly policies: readonly Policy[];
}

export interface Routine {
  readonly schema: string;
  readonly name: string;
  /** `name(arguments) → result`, with the types of the arguments. */
  readonly signature: string;
}

export interface Catalog {
  readonly tables: readonly Table[];
  readonly views: readonly { readonly schema: string; readonly name: string; readonly columns: readonly string[] }[];
  readonly routines: readonly Routine[];
}

/** Reads Weft's schemas from the catalog, in the order of their names; columns are in the order of the table. */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const tables = await sql<Table[]>`
    select n.nspname as schema, c.relname as name,
           (select coalesce(json_agg(json_build_object(
                     'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'isNullable', not a.attnotnull,
                     'default', case when a.attidentity <> '' then 'generated always as identity'
                                     when a.attgenerated <> '' then 'generated: ' || pg_get_expr(d.adbin, d.adrelid)
                                     else pg_get_expr(d.adbin, d.adrelid) end) order by a.attnum), '[]')
              from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           (select coalesce(json_agg(json_build_object(
                     'name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid, true),
                     'columns', (select json_agg(a.attname order by p.n) from unnest(k.conkey) with ordinality p(num, n)
                                   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.num),
                     'references', (select rn.nspname || '.' || r.relname from pg_class r join pg_namespace rn on rn.oid = r.relnamespace
                                     where r.oid = k.confrelid)) order by k.conname), '[]')
              from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'f', 'u', 'c')) as constraints,
           array(select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = c.oid
                    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u')) order by 1) as indexes,
           array(select pg_get_triggerdef(t.oid, true) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal order by 1) as triggers,
           (select coalesce(json_agg(json_build_object(
                     'name', p.policyname, 'isPermissive', p.permissive = 'PERMISSIVE', 'command', lower(p.cmd), 'roles', p.roles,
                     'using', p.qual, 'check', p.with_check) order by p.permissive, p.policyname), '[]')
              from pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname) as policies
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ${sql(weftSchemas)} and c.relkind in ('r', 'p') order by 1, 2`;
  const views = await sql<Catalog["views"][number][]>`
    select table_schema as schema, table_name as name, json_agg(column_name order by ordinal_position) as columns
      from information_schema.columns join information_schema.views using (table_schema, table_name)
     where table_schema in ${sql(weftSchemas)} group by 1, 2 order by 1, 2`;
  const routines = await sql<Routine[]>`
    select n.nspname as schema, p.proname as name,
           p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
             || case p.prokind when 'p' then '' else ${" → "}::text || pg_get_function_result(p.oid) end as signature
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ${sql(weftSchemas)} order by 1, 2, 3`;
  return { tables: [...tables], views: [...views], routines: [...routines] };
}
