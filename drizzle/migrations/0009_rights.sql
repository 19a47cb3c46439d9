-- Up Migration
-- Roles inherit from roles; single users are granted and denied permissions.

-- What was said: which roles a role inherits from directly.
create table identity.role_parents (
  tenant_id uuid not null,
  role_id uuid not null,
  parent_id uuid not null,
  constraint role_parents_pkey primary key (tenant_id, role_id, parent_id),
  constraint role_parents_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id) on delete cascade,
  constraint role_parents_parent_fkey foreign key (tenant_id, parent_id) references identity.roles (tenant_id, id),
  constraint role_parents_self_check check (role_id <> parent_id)
);
create index role_parents_by_parent on identity.role_parents (tenant_id, parent_id, role_id);

-- What follows from it: each role with itself and everything above it, so that no check of rights has to climb.
-- A role without its own row here would give nothing.
create table identity.role_ancestors (
  tenant_id uuid not null,
  role_id uuid not null,
  ancestor_id uuid not null,
  constraint role_ancestors_pkey primary key (tenant_id, role_id, ancestor_id),
  constraint role_ancestors_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id) on delete cascade,
  constraint role_ancestors_ancestor_fkey foreign key (tenant_id, ancestor_id) references identity.roles (tenant_id, id) on delete cascade
);
create index role_ancestors_by_ancestor on identity.role_ancestors (tenant_id, ancestor_id, role_id);
-- The policies hold for the owner too, and would hide the rows of before.
alter table identity.roles no force row level security;
insert into identity.role_ancestors (tenant_id, role_id, ancestor_id) select tenant_id, id, id from identity.roles;
alter table identity.roles force row level security;

-- A vendor user sees the roles that are her own, and those that they inherit from.
create function app.has_role_itself(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.user_roles r where r.tenant_id = app.tenant() and r.user_id = app.user_id() and r.role_id = role);
end $$;
create or replace function app.has_role(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.user_roles r join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.role_id = r.role_id
     where r.tenant_id = app.tenant() and r.user_id = app.user_id() and a.ancestor_id = role);
end $$;
-- The policy of the closure must not ask the closure.
call app.protect('identity.role_ancestors', vendor_sees => 'app.has_role_itself(role_id)', vendor_writes => 'false');
call app.protect('identity.role_parents', vendor_sees => 'app.has_role(role_id)', vendor_writes => 'false');

-- What one user holds beside his roles, and what is taken from him whatever his roles grant. A denial beats every grant.
create table identity.user_permissions (
  tenant_id uuid not null,
  user_id uuid not null,
  permission text not null,
  scope text not null,
  effect text not null,
  reason text not null default '',
  created_by uuid,
  created_at timestamptz not null default now(),
  constraint user_permissions_pkey primary key (tenant_id, user_id, permission, scope),
  constraint user_permissions_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint user_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'TENANT')),
  constraint user_permissions_effect_check check (effect in ('GRANT', 'DENY'))
);
-- Who is granted a permission: whoCan.
create index user_permissions_by_permission on identity.user_permissions (tenant_id, permission, user_id);
call app.protect('identity.user_permissions', vendor_sees => 'user_id = app.user_id()', vendor_writes => 'false');

-- Down Migration
drop table identity.user_permissions;
create or replace function app.has_role(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.user_roles r where r.tenant_id = app.tenant() and r.user_id = app.user_id() and r.role_id = role);
end $$;
drop table identity.role_parents;
drop table identity.role_ancestors;
drop function app.has_role_itself(uuid);
