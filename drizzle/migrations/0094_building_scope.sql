-- Up Migration
-- The scope BUILDING reaches the objects of the buildings to which a user is assigned: docs/explanation/decisions/0027.

create table requests.building_users (
  tenant_id uuid not null,
  building_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  constraint building_users_pkey primary key (tenant_id, building_id, user_id),
  constraint building_users_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint building_users_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
-- Each statement of a user with the scope reads the user's buildings.
create index building_users_by_user on requests.building_users (tenant_id, user_id, building_id);
call app.protect('requests.building_users', vendor_sees => 'false', vendor_writes => 'false');

alter table identity.role_permissions
  drop constraint role_permissions_scope_check,
  add constraint role_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'BUILDING', 'TENANT'));
alter table identity.user_permissions
  drop constraint user_permissions_scope_check,
  add constraint user_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'BUILDING', 'TENANT'));

-- Entries of assignments name users.
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users'])));
call app.record_policies('audit.entries');

-- Down Migration
alter policy vendor on audit.entries using (
  app.is_staff() or (app.vendor_sees(entity_id) and entity_type <> 'asset'
    and action <> all (array['request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
      'building.set_contact', 'building.remove_contact'])));
call app.record_policies('audit.entries');
-- Without the scope, its grants give nothing. A denial in it would be lost, so it becomes one of everything.
alter table identity.role_permissions no force row level security;
alter table identity.user_permissions no force row level security;
delete from identity.role_permissions where scope = 'BUILDING';
delete from identity.user_permissions where scope = 'BUILDING' and effect = 'GRANT';
delete from identity.user_permissions d where d.scope = 'BUILDING' and exists (
  select from identity.user_permissions t
   where t.tenant_id = d.tenant_id and t.user_id = d.user_id and t.permission = d.permission and t.scope = 'TENANT' and t.effect = 'DENY');
delete from identity.user_permissions g using identity.user_permissions d
 where d.scope = 'BUILDING' and g.tenant_id = d.tenant_id and g.user_id = d.user_id and g.permission = d.permission and g.scope = 'TENANT';
update identity.user_permissions set scope = 'TENANT' where scope = 'BUILDING';
alter table identity.role_permissions force row level security;
alter table identity.user_permissions force row level security;
alter table identity.role_permissions
  drop constraint role_permissions_scope_check,
  add constraint role_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'TENANT'));
alter table identity.user_permissions
  drop constraint user_permissions_scope_check,
  add constraint user_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'TENANT'));
drop table requests.building_users;
