interface PolicyFunction {
  readonly body: string;
  /** Where whoever repairs it finds it. */
  readonly migration: string;
}

const tenantAndUser = "r.tenant_id = app.tenant() and r.user_id = app.user_id()";
const given = "a.tenant_id = app.tenant() and a.vendor_id = app.vendor()";

/** The body of a plpgsql function that answers whether a query finds something. */
const existing = (query: string): string => `begin return exists ( ${query} ); end`;

/**
 * What the policies stand on: the functions that they call, and the context of a transaction. Each body as PostgreSQL prints it. A migration that replaces one of them
 * changes this list.
 */
export const policyFunctions: Readonly<Record<string, PolicyFunction>> = {
  "app.tenant()": {
    body: "RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid",
    migration: "0001_context.sql",
  },
  "app.user_id()": {
    body: "RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid",
    migration: "0001_context.sql",
  },
  "app.vendor()": {
    body: "RETURN (NULLIF(current_setting('app.vendor_id'::text, true), ''::text))::uuid",
    migration: "0001_context.sql",
  },
  "app.is_staff()": {
    body: "RETURN ((current_setting('app.vendor_id'::text, true) > ''::text) IS NOT TRUE)",
    migration: "0014_people.sql",
  },
  "app.vendor_sees(uuid)": {
    body: existing(
      "select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor()",
    ),
    migration: "0001_context.sql",
  },
  "app.vendor_sees_definition(uuid)": {
    body: existing(
      `select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id where ${given} and i.definition_id = definition`,
    ),
    migration: "0003_workflows.sql",
  },
  "app.vendor_sees_event(uuid,jsonb)": {
    body:
      `begin return (related->>'user')::uuid = app.user_id() or exists ( select from app.object_access a where ${given} ` +
      "and a.object_id in (subject, (related->>'instance')::uuid, (related->>'request')::uuid, (related->>'project')::uuid) ); end",
    migration: "0006_events.sql",
  },
  "app.has_role(uuid)": {
    body: existing(
      `select from identity.user_roles r join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.role_id = r.role_id where ${tenantAndUser} and a.ancestor_id = role`,
    ),
    migration: "0009_rights.sql",
  },
  "app.has_role_itself(uuid)": {
    body: existing(`select from identity.user_roles r where ${tenantAndUser} and r.role_id = role`),
    migration: "0009_rights.sql",
  },
  "app.owns_session(uuid)": {
    body: existing("select from identity.sessions s where s.tenant_id = app.tenant() and s.id = session and s.user_id = app.user_id()"),
    migration: "0002_identity.sql",
  },
  "app.in_platform_tenant()": {
    body: existing("select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'PLATFORM'"),
    migration: "0010_configuration.sql",
  },
  "app.purge_is_due()": {
    body: existing(
      "select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now()",
    ),
    migration: "0012_platform.sql",
  },
};

/** What is wrong with the functions of the database, by their signatures. */
export function problemsOfPolicyFunctions(bodies: Readonly<Record<string, string>>): string[] {
  return Object.entries(policyFunctions).flatMap(([name, { body, migration }]) => {
    const found = bodies[name];
    if (found !== undefined && laidOut(found) === laidOut(body)) return [];
    return [
      `The function ${name}, by which policies tell tenants and vendors apart, says: ${found?.trim() ?? "nothing, it is gone"}. The migrations wrote: ${body}. ` +
        `Restore it from drizzle/migrations/${migration} as its owner, or restore the database from a backup.`,
    ];
  });
}

/** Line breaks and indentation say nothing. */
const laidOut = (body: string): string => body.replace(/\s+/g, " ").replaceAll("( ", "(").replaceAll(" )", ")").trim();
