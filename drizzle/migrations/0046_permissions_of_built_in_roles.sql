-- Up Migration
-- Built-in roles of existing tenants get the permissions that were added since those tenants were created.

create procedure app.grant_to_built_in_roles(grants jsonb) language plpgsql as $$
begin
  -- The owner sees the rows of tenants only while the force is lifted.
  alter table identity.roles no force row level security;
  alter table identity.role_permissions no force row level security;
  with added as (
    insert into identity.role_permissions (tenant_id, role_id, permission, scope)
    select r.tenant_id, r.id, p.permission, s.scope
      from jsonb_each(grants) as g(key, scopes)
      cross join jsonb_each(g.scopes) as s(scope, permissions)
      cross join jsonb_array_elements_text(s.permissions) as p(permission)
      join identity.roles r on r.is_built_in and r.key = g.key
     where not exists (
       select from identity.role_permissions h join identity.roles o on o.tenant_id = h.tenant_id and o.id = h.role_id
        where h.tenant_id = r.tenant_id and h.permission = p.permission and (o.id = r.id or not (o.is_built_in and o.key = 'admin')))
    on conflict do nothing
    returning tenant_id, role_id
  )
  -- The version of a role is part of the version of its users' rights.
  update identity.roles r set version = r.version + 1, updated_at = now()
    from (select distinct tenant_id, role_id from added) a
   where r.tenant_id = a.tenant_id and r.id = a.role_id;
  alter table identity.roles force row level security;
  alter table identity.role_permissions force row level security;
end $$;
revoke execute on procedure app.grant_to_built_in_roles(jsonb) from public;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": [
    "workflow.bulk", "workflow.migrate", "routing.read", "routing.update", "schedule.read", "schedule.manage", "trigger.read", "trigger.manage",
    "incident.read", "incident.resolve", "sla.read", "sla.manage", "configuration.read", "configuration.update"]},
  "workflow_manager": {"TENANT": [
    "routing.read", "schedule.read", "trigger.read", "incident.read", "sla.read", "configuration.read", "workflow.bulk", "workflow.migrate",
    "routing.update", "schedule.manage", "trigger.manage", "incident.resolve", "sla.manage"]},
  "operations": {"TENANT": ["workflow.bulk", "sla.read"]},
  "approver": {"TENANT": ["routing.read", "schedule.read", "trigger.read", "incident.read", "sla.read", "configuration.read"]},
  "viewer": {"TENANT": ["routing.read", "schedule.read", "trigger.read", "incident.read", "sla.read", "configuration.read"]},
  "operator": {"TENANT": ["workflow.bulk", "incident.read", "incident.resolve", "sla.read", "sla.manage"]}
}');

-- Down Migration
drop procedure app.grant_to_built_in_roles(jsonb);
