-- Up Migration
-- Users of a vendor see the projects in which it takes part, the dependencies between its tasks, and the milestones that need its tasks.

alter policy vendor on vendors.project_task_dependencies using (
  app.is_staff() or (app.vendor_sees(predecessor_id) and app.vendor_sees(successor_id)));
call app.record_policies('vendors.project_task_dependencies');

-- Whether the milestone needs a task that was assigned to the acting vendor, by the policy of the table of these tasks.
create or replace function app.vendor_sees_milestone(milestone uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from vendors.milestone_tasks m where m.tenant_id = app.tenant() and m.milestone_id = milestone);
end $$;

alter policy vendor on vendors.milestone_tasks using (app.is_staff() or (app.vendor_sees(task_id)));
call app.record_policies('vendors.milestone_tasks');
alter policy vendor on vendors.milestones using (app.is_staff() or (app.vendor_sees_milestone(id)));
call app.record_policies('vendors.milestones');

-- Whether the instance drives a project, if the acting user sees it.
create or replace function app.is_of_project(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'project');
end $$;

-- Audit entries of projects and of their workflows contain budgets.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> all (array['asset', 'vendorDocument', 'project'])
    and not (entity_type = 'instance' and app.is_of_project(entity_id))
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');

-- Whether something that was assigned to the acting vendor runs on the definition: users of a vendor see no drafts and no other processes. Not because of
-- projects in which the vendor takes part: how these are run is internal, unless their workflow is assigned to the vendor. Starts from the assigned
-- objects, which are fewer than the instances of a definition.
create or replace function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
       and (i.subject_type is distinct from 'project' or i.assignee_vendor_id = app.vendor())
  );
end $$;

-- The permission is not new: other roles have had it for long, so `app.grant_to_built_in_roles` would skip it.
alter table identity.roles no force row level security;
alter table identity.role_permissions no force row level security;
with added as (
  insert into identity.role_permissions (tenant_id, role_id, permission, scope)
  select r.tenant_id, r.id, 'project.read', 'ASSIGNED'
    from identity.roles r
   where r.is_built_in and r.key = 'vendor_user' and not exists (
     select from identity.role_permissions h where h.tenant_id = r.tenant_id and h.role_id = r.id and h.permission = 'project.read')
  returning tenant_id, role_id
)
-- The version of a role is part of the version of its users' rights.
update identity.roles r set version = r.version + 1, updated_at = now()
  from added a where r.tenant_id = a.tenant_id and r.id = a.role_id;
alter table identity.roles force row level security;
alter table identity.role_permissions force row level security;

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> all (array['asset', 'vendorDocument'])
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');
drop function app.is_of_project(uuid);
-- Whether something that was assigned to the acting vendor runs on the definition: users of a vendor see no drafts and no other processes. Starts from
-- the assigned objects, which are fewer than the instances of a definition.
create or replace function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
  );
end $$;
alter policy vendor on vendors.milestones using (app.is_staff() or (false));
call app.record_policies('vendors.milestones');
alter policy vendor on vendors.milestone_tasks using (app.is_staff() or (false));
call app.record_policies('vendors.milestone_tasks');
drop function app.vendor_sees_milestone(uuid);
alter policy vendor on vendors.project_task_dependencies using (app.is_staff() or (false));
call app.record_policies('vendors.project_task_dependencies');
