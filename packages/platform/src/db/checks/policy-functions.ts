const tenantAndUser = "r.tenant_id = app.tenant() and r.user_id = app.user_id()";
const given = "a.tenant_id = app.tenant() and a.vendor_id = app.vendor()";

const approved = "r.kind in ('ANONYMISE', 'ERASE') and r.status = 'APPROVED' and r.decided_by <> r.requested_by";

/** Returns the body of a plpgsql function that returns whether a query finds a row. */
const existing = (query: string): string => `begin return exists ( ${query} ); end`;

/**
 * The basis of the policies: the functions that they call, and the context of a transaction. Each body is written as PostgreSQL prints it. The bodies
 * are duplicated here on purpose, to detect a change of `drizzle/functions` that would expose tables.
 */
export const policyFunctions: Readonly<Record<string, string>> = {
  "app.tenant()": "RETURN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid",
  "app.user_id()": "RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid",
  "app.vendor()": "RETURN (NULLIF(current_setting('app.vendor_id'::text, true), ''::text))::uuid",
  "app.is_staff()": "RETURN ((current_setting('app.vendor_id'::text, true) > ''::text) IS NOT TRUE)",
  "app.shows_deleted()": "RETURN ((current_setting('app.shows_deleted'::text, true) > ''::text) IS TRUE)",
  "app.vendor_sees(uuid)": existing(
    "select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor()",
  ),
  "app.vendor_sees_comment(uuid)": existing("select from requests.comments c where c.tenant_id = app.tenant() and c.id = comment"),
  "app.vendor_sees_meter(uuid)": existing("select from requests.meters m where m.tenant_id = app.tenant() and m.id = meter"),
  "app.vendor_sees_task(uuid)": existing("select from workflows.tasks t where t.tenant_id = app.tenant() and t.id = task"),
  "app.vendor_sees_file(uuid)": existing("select from app.attachments a where a.tenant_id = app.tenant() and a.file_id = file"),
  "app.vendor_sees_definition(uuid)": existing(
    `select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id where ${given} and i.definition_id = definition and (i.subject_type is distinct from 'project' or i.assignee_vendor_id = app.vendor())`,
  ),
  "app.vendor_sees_milestone(uuid)": existing(
    "select from vendors.milestone_tasks m where m.tenant_id = app.tenant() and m.milestone_id = milestone",
  ),
  "app.is_of_project(uuid)": existing(
    "select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'project'",
  ),
  "app.is_about_vendor(uuid)": existing(
    "select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'vendor'",
  ),
  "app.vendor_sees_event(uuid,jsonb)":
    `begin return (related->>'user')::uuid = app.user_id() or exists ( select from app.object_access a where ${given} ` +
    "and a.object_id in (subject, (related->>'instance')::uuid, (related->>'request')::uuid, (related->>'project')::uuid) ); end",
  "app.has_role(uuid)": existing(
    `select from identity.user_roles r join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.role_id = r.role_id where ${tenantAndUser} and a.ancestor_id = role`,
  ),
  "app.has_role_itself(uuid)": existing(`select from identity.user_roles r where ${tenantAndUser} and r.role_id = role`),
  "app.owns_session(uuid)": existing(
    "select from identity.sessions s where s.tenant_id = app.tenant() and s.id = session and s.user_id = app.user_id()",
  ),
  "app.in_platform_tenant()": existing("select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'PLATFORM'"),
  "app.event_is_past(text,timestamp with time zone)":
    "begin return type not in ('sla.recorded', 'sla.warning', 'sla.breached') and occurred_at < app.weft_now() - interval '30 days'; end",
  "app.event_is_deleted(uuid)": "begin return not exists (select from events.log l where l.tenant_id = app.tenant() and l.id = event); end",
  "app.purge_is_due()": existing(
    "select from identity.tenants t where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now() and not exists (select from identity.legal_holds h where h.tenant_id = t.tenant_id and h.ended_at is null)",
  ),
  "app.erasure_is_due(uuid)": `begin return exists (select from identity.privacy_requests r where r.tenant_id = app.tenant() and r.person_id = person and ${approved}) and not app.is_held(person); end`,
  "app.any_erasure_is_due()": existing(
    `select from identity.privacy_requests r where r.tenant_id = app.tenant() and ${approved} and not app.is_held(r.person_id)`,
  ),
};

/** Returns the problems of the database's functions, given their bodies by signature. */
export function problemsOfPolicyFunctions(bodies: Readonly<Record<string, string>>): string[] {
  return Object.entries(policyFunctions).flatMap(([signature, body]) => {
    const found = bodies[signature];
    if (found !== undefined && normalized(found) === normalized(body)) return [];
    return [
      `The function ${signature}, by which policies tell tenants and vendors apart, says: ${found?.trim() ?? "nothing, it is gone"}. The migrations wrote: ${body}. ` +
        `Restore it from ${fileOf(signature)} as its owner, or restore the database from a backup.`,
    ];
  });
}

/** Returns the file with the text to restore: `app.tenant()` → `drizzle/functions/app/tenant.sql`. */
const fileOf = (signature: string): string => `drizzle/functions/${signature.slice(0, signature.indexOf("(")).replace(".", "/")}.sql`;

/** Normalizes line breaks and indentation, which are insignificant. */
const normalized = (body: string): string => body.replace(/\s+/g, " ").replaceAll("( ", "(").replaceAll(" )", ")").trim();
