import { weftSchemas } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Tx } from "../database.js";
import type { Logins } from "../logins.js";
import { named } from "../named.js";
import { policyFunctions, problemsOfPolicyFunctions } from "./policy-functions.js";

interface Relation {
  readonly name: string;
  readonly kind: "v" | "m" | "f";
}

interface Trigger {
  readonly name: string;
  readonly table: string;
  /** Whether the trigger implements a constraint, such as a foreign key. */
  readonly isInternal: boolean;
}

interface Facts extends Record<string, unknown> {
  readonly relations: readonly Relation[];
  readonly definers: readonly string[];
  /** Null if none of them exists. */
  readonly bodies: Readonly<Record<string, string>> | null;
  readonly triggers: readonly Trigger[];
}

/**
 * Returns bypasses of policies that are themselves correct: objects that one of Weft's logins reads or runs with another role's privileges, changed
 * functions that the policies call, and disabled triggers. Runs one statement.
 */
export async function problemsOfBypasses(tx: Tx, logins: Logins): Promise<string[]> {
  const { relations, definers, bodies, triggers } = await readFacts(tx, logins);
  return [
    ...relations.map(problemOfRelation),
    ...definers.map(
      (name) =>
        `The function ${name} runs with the privileges of its owner (SECURITY DEFINER), bypassing the privileges and search path of its caller. ` +
        `Run as its owner: alter function ${name} security invoker. Or revoke execute on it from public and from Weft's logins.`,
    ),
    ...problemsOfPolicyFunctions(bodies ?? {}),
    ...triggers.map(
      ({ name, table, isInternal }) =>
        `The trigger ${name} of ${table} is disabled${isInternal ? ", so a constraint (a foreign key) is not enforced" : ""}. Run as a superuser: alter table ${table} enable trigger ${isInternal ? "all" : name}.`,
    ),
  ];
}

function problemOfRelation({ name, kind }: Relation): string {
  if (kind === "v")
    return `The view ${name} reads rows with the privileges of its owner. Run as its owner: alter view ${name} set (security_invoker = true). Or revoke its privileges from Weft's logins.`;
  const what = kind === "m" ? "materialized view" : "foreign table";
  return `The ${what} ${name} has no row-level security, and a login of Weft can read it. Run as its owner: revoke all on ${name} from public, and from Weft's logins.`;
}

/** Catalogs are qualified with their schema, because the search path is empty. */
async function readFacts(tx: Tx, logins: Logins): Promise<Facts> {
  const schemas = sql`(select n.oid from pg_catalog.pg_namespace n where n.nspname in ${[...weftSchemas]})`;
  const names = sql`(select l.value::name as login from pg_catalog.jsonb_each_text(${JSON.stringify(logins)}::pg_catalog.jsonb) l)`;
  const [facts] = await tx.execute<Facts>(
    named(
      "readBypasses",
      sql`select
        coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', c.oid::pg_catalog.regclass::text, 'kind', c.relkind) order by c.oid::pg_catalog.regclass::text)
          from pg_catalog.pg_class c
         where c.relnamespace in ${schemas} and (c.relkind in ('m', 'f') or c.relkind = 'v' and not coalesce(c.reloptions::text[] @> array['security_invoker=true'], false))
           and exists (select from ${names} who where pg_catalog.has_any_column_privilege(who.login, c.oid, 'select'))), '[]') as relations,
        coalesce((select pg_catalog.jsonb_agg(p.oid::pg_catalog.regprocedure::text order by p.oid::pg_catalog.regprocedure::text)
          from pg_catalog.pg_proc p
         where p.pronamespace in ${schemas} and p.prosecdef
           and exists (select from ${names} who where pg_catalog.has_function_privilege(who.login, p.oid, 'execute'))), '[]') as definers,
        (select pg_catalog.jsonb_object_agg(wanted.signature, coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc))
          from pg_catalog.jsonb_array_elements_text(${JSON.stringify(Object.keys(policyFunctions))}::pg_catalog.jsonb) wanted (signature)
          join pg_catalog.pg_proc p on p.oid = pg_catalog.to_regprocedure(wanted.signature)) as bodies,
        coalesce((select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', pg_catalog.quote_ident(t.tgname), 'table', c.oid::pg_catalog.regclass::text, 'isInternal', t.tgisinternal)
            order by c.oid::pg_catalog.regclass::text, t.tgname)
          from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
         where c.relnamespace in ${schemas} and t.tgenabled in ('D', 'R')), '[]') as triggers`,
    ),
  );
  if (facts === undefined) throw new Error("The catalog query returned no row.");
  return facts;
}
