import type { Sql } from "@weft/pg-driver";
import { weftSchemas } from "../catalog.js";

/** A function, trigger or policy from the catalog. */
export interface Definition {
  /** The corresponding `RepeatableFile.name`. Overloads share one. */
  readonly name: string;
  /** Properties that `create or replace` cannot change. If the shape differs, the old definition must be dropped first. */
  readonly shape: string;
  readonly create: string;
  readonly drop: string;
}

/**
 * Reads all functions, triggers and policies of Weft's schemas, including those of `app.protect`, keyed by file name. `create` also restores
 * privileges and the comment of a policy, because the policy's expression is compared with the comment at startup.
 */
export async function readDefinitions(sql: Sql): Promise<ReadonlyMap<string, readonly Definition[]>> {
  const rows = await sql<Definition[]>`
    select 'functions/' || n.nspname || '/' || p.proname as name,
           format('%s|%s|%s|%s', p.oid::regprocedure, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proacl) as shape,
           pg_get_functiondef(p.oid) || ';' || coalesce(
             (select case when bool_or(a.grantee = 0) then '' else format(E'\nrevoke execute on routine %s from public;', p.oid::regprocedure) end
                || coalesce(string_agg(format(E'\ngrant execute on routine %s to %I;', p.oid::regprocedure, a.grantee::regrole::text), '')
                     filter (where a.grantee not in (0, p.proowner)), '')
                from aclexplode(p.proacl) a having count(*) > 0), '') as create,
           format('drop routine %s;', p.oid::regprocedure) as drop
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ${sql(weftSchemas)} and p.prokind in ('f', 'p')
    union all
    select format('triggers/%s/%s.%s', n.nspname, c.relname, t.tgname), pg_get_triggerdef(t.oid), pg_get_triggerdef(t.oid) || ';',
           format('drop trigger %I on %s;', t.tgname, c.oid::regclass)
      from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ${sql(weftSchemas)} and not t.tgisinternal
    union all
    select format('policies/%s/%s.%s', s.nspname, c.relname, p.polname), w.written || coalesce(d.description, ''), w.written || coalesce(d.description, ''),
           format('drop policy %I on %s;', p.polname, c.oid::regclass)
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace s on s.oid = c.relnamespace
        join pg_policies v on (v.schemaname, v.tablename, v.policyname) = (s.nspname, c.relname, p.polname),
        lateral (select format('create policy %I on %s as %s for %s to %s', p.polname, c.oid::regclass, v.permissive, v.cmd,
                          (select string_agg(quote_ident(r), ', ') from unnest(v.roles) r))
                     || coalesce(' using (' || v.qual || ')', '') || coalesce(' with check (' || v.with_check || ')', '') || ';') w(written),
        lateral (select format(E'\ncomment on policy %I on %s is %L;', p.polname, c.oid::regclass, obj_description(p.oid, 'pg_policy'))
                  where obj_description(p.oid, 'pg_policy') is not null
                 union all select '' limit 1) d(description)
     where s.nspname in ${sql(weftSchemas)}`;
  return Map.groupBy(rows, (row) => row.name);
}
