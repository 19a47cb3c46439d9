-- Up Migration
-- Users of a vendor see no audit entries of their vendor and its onboarding, whatever their permissions.

-- Whether the instance is about a vendor, such as its onboarding, if the acting user sees it.
create or replace function app.is_about_vendor(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'vendor');
end $$;

-- Audit entries of vendors and of the workflows about them contain what the organization notes while it checks a vendor.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> all (array['asset', 'vendorDocument', 'project', 'vendor'])
    and not (entity_type = 'instance' and (app.is_of_project(entity_id) or app.is_about_vendor(entity_id)))
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');

-- Assignments of workflows about vendors no longer give access to the vendor itself. Without row-level security, because migrations run outside of tenants.
alter table app.object_access no force row level security;
alter table vendors.vendors no force row level security;
delete from app.object_access a using vendors.vendors v where a.tenant_id = v.tenant_id and a.object_id = v.id;
alter table vendors.vendors force row level security;
alter table app.object_access force row level security;

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> all (array['asset', 'vendorDocument', 'project'])
    and not (entity_type = 'instance' and app.is_of_project(entity_id))
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
      'building.set_external_id'])));
call app.record_policies('audit.entries');
drop function app.is_about_vendor(uuid);
