import type { Sql } from "@weft/pg-driver";
import { weftSchemas } from "./catalog.js";

/** Returns all objects that migrations create, as sorted lines of text. Two databases with equal lines have the same catalog. */
export async function shapeOf(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with ours as (select oid from pg_namespace where nspname in ${sql(weftSchemas)})
    select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where connamespace in (select oid from ours)
    union all select 'index ' || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace in (select oid from ours)
    union all select 'policy ' || schemaname || '.' || tablename || ' ' || policyname || ' ' || roles::text || coalesce(qual, '') || coalesce(with_check, '') from pg_policies
    union all select 'recorded ' || polrelid::regclass || ' ' || polname || ' ' || obj_description(oid, 'pg_policy') from pg_policy where obj_description(oid, 'pg_policy') is not null
    union all select 'function ' || pg_get_functiondef(oid) || pg_get_userbyid(proowner) || coalesce(proacl::text, '') from pg_proc where pronamespace in (select oid from ours)
    union all select 'trigger ' || pg_get_triggerdef(oid) || tgenabled::text from pg_trigger where not tgisinternal
    union all select 'view ' || pg_get_viewdef(oid) from pg_class where relkind = 'v' and relnamespace in (select oid from ours)
    union all select 'relation ' || oid::regclass || ' ' || pg_get_userbyid(relowner) || coalesce(array_to_string(reloptions, ','), '') || coalesce((
      select string_agg(a::text, ',' order by a::text) from unnest(relacl) a), '') from pg_class where relnamespace in (select oid from ours) and relkind in ('r', 'v')
    order by 1`;
  return rows.map((row) => row.line);
}
