-- Up Migration
-- Tenants, logins, users, roles, teams, sessions.

create schema identity;

create table identity.tenants (
  tenant_id uuid not null,
  slug text not null,
  name text not null,
  status text not null default 'ACTIVE',
  plan text not null default 'FREE',
  is_verified boolean not null default true,
  is_sandbox boolean not null default false,
  clock_offset_ms bigint not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tenants_pkey primary key (tenant_id),
  constraint tenants_slug_key unique (slug),
  constraint tenants_slug_check check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  constraint tenants_status_check check (status in ('ACTIVE', 'SUSPENDED', 'ARCHIVED')),
  constraint tenants_plan_check check (plan in ('FREE', 'PRO', 'ENTERPRISE')),
  constraint tenants_clock_check check (is_sandbox or clock_offset_ms = 0)
);
call app.protect('identity.tenants', vendor_sees => 'true', vendor_writes => 'false');

-- Transaction time plus the tenant's offset (zero unless sandbox): the one clock of business code.
create function app.weft_now() returns timestamptz language sql stable parallel safe
  return transaction_timestamp()
    + coalesce((select t.clock_offset_ms from identity.tenants t where t.tenant_id = app.tenant()), 0) * interval '1 millisecond';

-- The tables of before: nothing is written under a tenant that does not exist.
alter table app.object_access add constraint object_access_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id);
alter table app.idempotency_keys add constraint idempotency_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id);
alter table app.person_keys add constraint person_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id);
alter table app.counters add constraint counters_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id);

create table identity.users (
  tenant_id uuid not null,
  id uuid not null,
  email text not null,
  username text not null,
  name text not null,
  type text not null default 'EMPLOYEE',
  vendor_id uuid,
  status text not null default 'ACTIVE',
  password_hash text,
  rights_version integer not null default 1,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_pkey primary key (tenant_id, id),
  constraint users_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint users_type_check check (type in ('EMPLOYEE', 'VENDOR', 'SERVICE')),
  constraint users_status_check check (status in ('ACTIVE', 'DISABLED', 'INVITED')),
  constraint users_vendor_check check ((type = 'VENDOR') = (vendor_id is not null))
);
create unique index users_email_key on identity.users (tenant_id, lower(email));
create unique index users_username_key on identity.users (tenant_id, lower(username));
create index users_by_vendor on identity.users (tenant_id, vendor_id) where vendor_id is not null;
create index users_by_name on identity.users (tenant_id, name, id);
call app.protect('identity.users', vendor_sees => 'id = app.user_id() or vendor_id = app.vendor()', vendor_writes => 'id = app.user_id()');

-- Global by nature (it finds the tenant of a name), yet protected: weft_app writes the rows of its tenant and cannot read
-- the hashes, weft_auth alone reads across tenants.
create table identity.login_names (
  name_hash text not null,
  tenant_id uuid not null,
  user_id uuid not null,
  constraint login_names_pkey primary key (name_hash, tenant_id),
  constraint login_names_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
create index login_names_by_user on identity.login_names (tenant_id, user_id);
call app.protect('identity.login_names');

create table identity.roles (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null default '',
  is_shipped boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint roles_pkey primary key (tenant_id, id),
  constraint roles_key_key unique (tenant_id, key),
  constraint roles_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);

create table identity.role_permissions (
  tenant_id uuid not null,
  role_id uuid not null,
  permission text not null,
  scope text not null,
  constraint role_permissions_pkey primary key (tenant_id, role_id, permission, scope),
  constraint role_permissions_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id) on delete cascade,
  constraint role_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'TENANT'))
);

create table identity.user_roles (
  tenant_id uuid not null,
  user_id uuid not null,
  role_id uuid not null,
  constraint user_roles_pkey primary key (tenant_id, user_id, role_id),
  constraint user_roles_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint user_roles_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id)
);
create index user_roles_by_role on identity.user_roles (tenant_id, role_id, user_id);
call app.protect('identity.user_roles', vendor_sees => 'user_id = app.user_id()', vendor_writes => 'false');

-- A vendor user sees the roles that are her own.
create function app.has_role(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.user_roles r where r.tenant_id = app.tenant() and r.user_id = app.user_id() and r.role_id = role);
end $$;
call app.protect('identity.roles', vendor_sees => 'app.has_role(id)', vendor_writes => 'false');
call app.protect('identity.role_permissions', vendor_sees => 'app.has_role(role_id)', vendor_writes => 'false');

create table identity.teams (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint teams_pkey primary key (tenant_id, id),
  constraint teams_key_key unique (tenant_id, key),
  constraint teams_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('identity.teams');

create table identity.team_members (
  tenant_id uuid not null,
  team_id uuid not null,
  user_id uuid not null,
  is_lead boolean not null default false,
  constraint team_members_pkey primary key (tenant_id, team_id, user_id),
  constraint team_members_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id) on delete cascade,
  constraint team_members_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index team_members_by_user on identity.team_members (tenant_id, user_id, team_id);
call app.protect('identity.team_members');

create table identity.sessions (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_reason text,
  user_agent text,
  address text,
  constraint sessions_pkey primary key (tenant_id, id),
  constraint sessions_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index sessions_by_user on identity.sessions (tenant_id, user_id);
call app.protect('identity.sessions', vendor_sees => 'user_id = app.user_id()');

create function app.owns_session(session uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.sessions s where s.tenant_id = app.tenant() and s.id = session and s.user_id = app.user_id());
end $$;

create table identity.refresh_tokens (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  predecessor_id uuid,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint refresh_tokens_pkey primary key (tenant_id, id),
  constraint refresh_tokens_session_fkey foreign key (tenant_id, session_id) references identity.sessions (tenant_id, id),
  constraint refresh_tokens_predecessor_fkey foreign key (tenant_id, predecessor_id) references identity.refresh_tokens (tenant_id, id)
);
create index refresh_tokens_by_session on identity.refresh_tokens (tenant_id, session_id);
-- Of two refreshes at once one makes the successor; the other finds it.
create unique index refresh_tokens_successor_key on identity.refresh_tokens (tenant_id, predecessor_id) where predecessor_id is not null;
call app.protect('identity.refresh_tokens', vendor_sees => 'app.owns_session(session_id)');

-- Down Migration
drop function app.owns_session(uuid) cascade;
drop function app.has_role(uuid) cascade;
drop function app.weft_now();
drop schema identity cascade;
