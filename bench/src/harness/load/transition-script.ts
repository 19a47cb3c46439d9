import type { Sql } from "postgres";
import { type EngineTenant, instanceId } from "../tenants/engine-tenant.js";

/**
 * Returns a pgbench script of separate statements that writes the same as a transition. The values are those that the engine wrote for a transition
 * in a similar tenant, so both sides write the same bytes to the same tables, under the same policies. This anchor does not read the instance first,
 * makes no decisions, and creates its IDs in the database.
 */
export async function transitionScript(owner: Sql, from: EngineTenant, to: EngineTenant): Promise<string> {
  const [example] = await owner<
    {
      data: string;
      payload: string;
      related: string;
      before: string;
      after: string;
      actor: string;
      request: string;
      type: string;
      action: string;
    }[]
  >`
    select i.data::text, e.payload::text, e.related::text, a.before::text, a.after::text, h.actor_id::text as actor, e.request_id as request, e.type, a.action
      from workflows.instances i
      join workflows.history h on h.tenant_id = i.tenant_id and h.instance_id = i.id and h.version = i.version
      join events.log e on e.tenant_id = i.tenant_id and e.subject_id = i.id and e.subject_version = i.version
      join audit.entries a on a.tenant_id = i.tenant_id and a.entity_id = i.id and (a.after->>'version')::int = i.version
     where i.tenant_id = ${from.tenantId} and i.version > 1 limit 1`;
  if (example === undefined) throw new Error("There is no transition to take the values from.");
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  const tenant = text(to.tenantId);
  const instance = `(${text(instanceId(0).slice(0, -12))} || lpad((:n)::text, 12, '0'))::uuid`;
  const other = (state: string): string => `case ${state} when 'left' then 'right' else 'left' end`;
  return `
\\set n random(1, ${to.instanceIds.length})
begin;
select set_config('app.tenant_id', ${tenant}, true), set_config('app.user_id', ${text(to.viewer.userId)}, true), set_config('app.vendor_id', '', true);
update workflows.instances set state = ${other("state")}, status = 'RUNNING', data = ${text(example.data)}, version = version + 1, updated_at = now(), finished_at = null
 where tenant_id = ${tenant} and id = ${instance} and finished_at is null returning id as instance, version as version, state as state \\gset
insert into workflows.history (tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, at)
 values (${tenant}, uuidv7(), :instance, :version, 'TRANSITION', 'swing', ${other("(:state)::text")}, :state, ${text(to.viewer.userId)}, now());
insert into events.log (tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, request_id, occurred_at)
 values (${tenant}, uuidv7(), ${text(example.type)}, 1, 'instance', :instance, :version, ${text(example.related)}, ${text(example.payload)}, ${text(to.viewer.userId)}, ${text(example.request)}, now())
 returning id as event \\gset
insert into events.outbox (tenant_id, event_id) values (${tenant}, :event);
insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, session_id, request_id)
 values (${tenant}, uuidv7(), ${text(example.action)}, 'instance', :instance, ${text(example.before)}, ${text(example.after)}, ${text(to.viewer.userId)}, ${text(to.viewer.sessionId)}, ${text(example.request)})
 returning id as entry \\gset
insert into audit.unsealed (tenant_id, entry_id) values (${tenant}, :entry);
end;
`;
}
