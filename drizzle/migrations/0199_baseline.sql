-- Up Migration
-- All tables of Weft, and the functions that they, their policies and later migrations call. Schemas are in the order of their foreign keys, tables in the
-- order of theirs. The other functions, all triggers, and the policies that `app.protect` does not create have files of their own in drizzle, which are
-- applied after the numbered migrations. The functions here have a file, too: change it, not this text. Not-null constraints of renamed columns have their
-- former names, as in databases from before the baseline.

create schema identity;
create schema app;
create schema workflows;
create schema requests;
create schema vendors;
create schema events;
create schema audit;
create schema engine;

-- The context of a transaction, and the macro that protects a table.

-- The tenant of the transaction. One STABLE expression: the planner inlines it, so a policy on tenant_id becomes an index
-- condition. With `nullif` and `true` a transaction without a tenant sees no rows; without them it would fail.
create function app.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;

-- The user who acts; null without one.
create function app.user_id() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;

-- The vendor of the user who acts; null for all other users.
create function app.vendor() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.vendor_id', true), '')::uuid;

-- Whether the user who acts belongs to the tenant, not to a vendor: the vendor policies let everything pass.
-- Written so that the planner expects staff. With `is null` it expected one row in two hundred to pass the vendor policy of each table, chose to sort
-- what it took for few rows, and read all members to find the teams of twenty users (8,000 pages instead of 60, with 10,000 users).
-- A function, because Citus cannot propagate a policy that contains `is null`.
create function app.is_staff() returns boolean language sql stable parallel safe
  return (current_setting('app.vendor_id', true) > '') is not true;

-- Records the expressions of a table's policies in their comments. The start compares both. The empty search path makes the text the same for every caller:
-- names are printed with their schema.
create procedure app.record_policies(target regclass) language plpgsql set search_path = '' as $$
declare
  written record;
begin
  for written in
    select p.polname as name, pg_get_expr(p.polqual, p.polrelid) as qual, pg_get_expr(p.polwithcheck, p.polrelid) as checked
      from pg_policy p where p.polrelid = target and p.polroles = '{0}'
  loop
    execute format('comment on policy %I on %s is %L', written.name, target, format('using %s with check %s', written.qual, written.checked));
  end loop;
end $$;
revoke execute on procedure app.record_policies(regclass) from public;

-- Enables row-level security on a table and creates its policies. Permissive: the tenant. Restrictive: users of a vendor see no rows unless `vendor_sees` says
-- which (a second permissive policy would be OR-ed and widen access), write the rows that `vendor_writes` says (default: those that they see), and
-- delete none. Predicates call functions: Citus cannot propagate a sub-select.
create procedure app.protect(target regclass, vendor_sees text default 'false', vendor_writes text default null) language plpgsql as $$
declare
  sees text := format('app.is_staff() or (%s)', vendor_sees);
  writes text := format('app.is_staff() or (%s)', coalesce(vendor_writes, vendor_sees));
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s as permissive for all using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())', target);
  execute format('create policy vendor on %s as restrictive for all using (%s) with check (%s)', target, sees, writes);
  execute format('create policy vendor_delete on %s as restrictive for delete using (app.is_staff())', target);
  call app.record_policies(target);
end $$;
revoke execute on procedure app.protect(regclass, text, text) from public;

-- Functions that policies call. They are written in plpgsql, which looks up their tables when they run.

-- Whether the role is one of the acting user's, or one that these inherit from: users of a vendor see these roles only.
create function app.has_role(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.user_roles r join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.role_id = r.role_id
     where r.tenant_id = app.tenant() and r.user_id = app.user_id() and a.ancestor_id = role);
end $$;

-- Whether the role is assigned to the acting user. The policy of identity.role_ancestors must not read that table itself, as app.has_role does.
create function app.has_role_itself(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.user_roles r where r.tenant_id = app.tenant() and r.user_id = app.user_id() and r.role_id = role);
end $$;

-- Whether the session belongs to the user who acts.
create function app.owns_session(session uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.sessions s where s.tenant_id = app.tenant() and s.id = session and s.user_id = app.user_id());
end $$;

-- Whether the object was assigned to the acting vendor. plpgsql keeps its plan for the session. Lists are narrowed by an index on the assignee first
-- (equality of uuids is leak-proof), so this runs for few rows.
create function app.vendor_sees(object uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor());
end $$;

-- Whether the acting vendor sees the comment, by the policy of its table.
create function app.vendor_sees_comment(comment uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.comments c where c.tenant_id = app.tenant() and c.id = comment);
end $$;

-- Whether something that was assigned to the acting vendor runs on the definition: users of a vendor see no drafts and no other processes. Not because of
-- projects in which the vendor takes part: how these are run is internal, unless their workflow is assigned to the vendor. Starts from the assigned
-- objects, which are fewer than the instances of a definition.
create function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
       and (i.subject_type is distinct from 'project' or i.assignee_vendor_id = app.vendor())
  );
end $$;

-- Whether an event concerns something that was assigned to the acting vendor, or the user who acts (notifications). Not by building or asset: these also have
-- events of other requests.
create function app.vendor_sees_event(subject uuid, related jsonb) returns boolean language plpgsql stable parallel safe as $$
begin
  return (related->>'user')::uuid = app.user_id() or exists (
    select from app.object_access a
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor()
       and a.object_id in (subject, (related->>'instance')::uuid, (related->>'request')::uuid, (related->>'project')::uuid)
  );
end $$;

-- Whether the acting vendor sees an attachment of the file, by the policy of its table.
create function app.vendor_sees_file(file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.attachments a where a.tenant_id = app.tenant() and a.file_id = file);
end $$;

-- Whether the acting vendor sees the meter, by the policy of its table.
create function app.vendor_sees_meter(meter uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.meters m where m.tenant_id = app.tenant() and m.id = meter);
end $$;

-- Whether the milestone needs a task that was assigned to the acting vendor, by the policy of the table of these tasks.
create function app.vendor_sees_milestone(milestone uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from vendors.milestone_tasks m where m.tenant_id = app.tenant() and m.milestone_id = milestone);
end $$;

-- Whether the acting vendor sees the task, by the policy of its table.
create function app.vendor_sees_task(task uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.id = task);
end $$;

-- Whether the instance drives a project, if the acting user sees it.
create function app.is_of_project(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'project');
end $$;

-- Whether the instance is about a vendor, such as its onboarding, if the acting user sees it.
create function app.is_about_vendor(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'vendor');
end $$;

-- Whether everything of the transaction's tenant may be deleted. Part of a restrictive policy, on every table, for the role that purges: the database itself
-- refuses to delete a tenant before its time, whatever the application believes.
create function app.purge_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.tenants t
     where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now());
end $$;

-- Schema identity: tenants, users, roles, teams, logins and sessions.

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
  kind text not null default 'CUSTOMER',
  archived_at timestamptz,
  -- Time from which an archived tenant can be deleted. It is fixed when the tenant is archived.
  purge_at timestamptz,
  -- From then on, parts of it are gone, so it can no longer be restored.
  purge_started_at timestamptz,
  -- The email addresses of its users are not trusted, so they must specify the tenant at every login.
  is_self_registered boolean not null default false,
  -- The tenant's time while its clock is being advanced.
  clock_stands_at timestamptz,
  constraint tenants_pkey primary key (tenant_id),
  constraint tenants_slug_key unique (slug),
  constraint tenants_slug_check check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  constraint tenants_status_check check (status in ('ACTIVE', 'SUSPENDED', 'ARCHIVED')),
  constraint tenants_plan_check check (plan in ('FREE', 'PRO', 'ENTERPRISE')),
  constraint tenants_clock_check check (is_sandbox or clock_offset_ms = 0),
  constraint tenants_kind_check check (kind in ('CUSTOMER', 'PLATFORM')),
  -- The operators of the platform tenant could undo neither.
  constraint tenants_platform_check check (kind = 'CUSTOMER' or status = 'ACTIVE'),
  constraint tenants_archive_check check (status = 'ARCHIVED' or archived_at is null and purge_at is null and purge_started_at is null),
  constraint tenants_clock_stands_check check (is_sandbox or clock_stands_at is null)
);
-- One platform tenant per installation.
create unique index tenants_platform_key on identity.tenants (kind) where kind = 'PLATFORM';
call app.protect('identity.tenants', vendor_sees => 'true', vendor_writes => 'false');

-- The one clock of business code: transaction time plus the tenant's offset (zero unless it is a sandbox). While the clock of a sandbox is being advanced, the
-- time at which it stands.
create function app.weft_now() returns timestamptz language sql stable parallel safe
  return coalesce(
    (select coalesce(t.clock_stands_at, transaction_timestamp() + t.clock_offset_ms * interval '1 millisecond')
       from identity.tenants t where t.tenant_id = app.tenant()),
    transaction_timestamp());

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
  email_verified_at timestamptz,
  -- All optional. Only the address of the picture is stored; Weft never fetches it.
  title text,
  phone text,
  locale text,
  time_zone text,
  avatar_url text,
  -- Users who can log in with a password although single sign-on is required.
  is_break_glass boolean not null default false,
  -- The provider's name of the user.
  external_id text,
  given_name text,
  family_name text,
  -- The provider deleted the user, who is disabled since. Null again if it creates the user again.
  deprovisioned_at timestamptz,
  is_password_temporary boolean not null default false,
  -- [{"value", "type", "primary"}]. The item without a value stands for the column `email`.
  provider_emails jsonb,
  -- The same for the column `phone`.
  provider_phones jsonb,
  -- Whether nobody has shown both the account and the mailbox: the link was opened without a session of the user.
  is_verified_without_login boolean not null default false,
  constraint users_pkey primary key (tenant_id, id),
  constraint users_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint users_status_check check (status in ('ACTIVE', 'DISABLED', 'INVITED')),
  constraint users_vendor_check check ((type = 'VENDOR') = (vendor_id is not null)),
  constraint users_type_check check (type in ('EMPLOYEE', 'VENDOR', 'SERVICE', 'OPERATOR')),
  constraint users_operator_check check (type <> 'OPERATOR' or password_hash is null),
  constraint users_avatar_check check (avatar_url ~ '^https://'),
  constraint users_deprovisioned_check check (deprovisioned_at is null or status = 'DISABLED'),
  constraint users_provider_emails_check check (jsonb_typeof(provider_emails) = 'array'),
  constraint users_provider_phones_check check (jsonb_typeof(provider_phones) = 'array')
);
create unique index users_email_key on identity.users (tenant_id, lower(email));
create unique index users_username_key on identity.users (tenant_id, lower(username));
create index users_by_vendor on identity.users (tenant_id, vendor_id) where vendor_id is not null;
create index users_by_name on identity.users (tenant_id, name, id);
create index users_by_created on identity.users (tenant_id, created_at, id);
-- Rare statuses only. All other users are found by going through the names.
create index users_by_status on identity.users (tenant_id, status, name, id) where status <> 'ACTIVE';
create index users_by_type on identity.users (tenant_id, type, name, id) where type <> 'EMPLOYEE';
-- Every login asks whether this installation has imported hashes, in any tenant. Usually there are none.
create index users_with_bcrypt on identity.users (tenant_id) where password_hash like '$2%';
create unique index users_external_id_key on identity.users (tenant_id, external_id) where external_id is not null;
-- Filters by address read these users, and find the others by the words of their own address.
create index users_with_provider_emails on identity.users (tenant_id) where provider_emails is not null;
call app.protect('identity.users', vendor_sees => 'id = app.user_id() or vendor_id = app.vendor()', vendor_writes => 'id = app.user_id()');

-- Global: finds the tenants of a login name before a tenant is known. SHA-256 of the normalized name. Only weft_auth can read it.
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
  is_built_in boolean constraint roles_is_shipped_not_null not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  requires_second_factor boolean not null default false,
  -- Maximum number of open sessions of a user with the role. Null: the role sets none.
  max_sessions integer,
  -- What happens at the maximum. Null: as the tenant's setting says.
  session_limit_reached text,
  constraint roles_pkey primary key (tenant_id, id),
  constraint roles_key_key unique (tenant_id, key),
  constraint roles_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint roles_max_sessions_check check (max_sessions between 1 and 1000),
  constraint roles_session_limit_reached_check check (session_limit_reached in ('END_OLDEST', 'REFUSE'))
);
call app.protect('identity.roles', vendor_sees => 'app.has_role(id)', vendor_writes => 'false');

create table identity.role_permissions (
  tenant_id uuid not null,
  role_id uuid not null,
  permission text not null,
  scope text not null,
  constraint role_permissions_pkey primary key (tenant_id, role_id, permission, scope),
  constraint role_permissions_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id) on delete cascade,
  constraint role_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'BUILDING', 'TENANT'))
);
call app.protect('identity.role_permissions', vendor_sees => 'app.has_role(role_id)', vendor_writes => 'false');

-- Grants new permissions to the built-in roles of existing tenants, as the built-in roles of new tenants have them: {"viewer": {"TENANT": ["sla.read"]}}.
-- For migrations: one that introduces a permission calls this. A tenant in which a role other than the administrators' grants the permission already has
-- made its own choice, and keeps it.
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

create table identity.teams (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null default '',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Time of deletion. Finished workflows and their history still reference a deleted team; it is not found otherwise.
  deleted_at timestamptz,
  external_id text,
  constraint teams_pkey primary key (tenant_id, id),
  constraint teams_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
create unique index teams_key_key on identity.teams (tenant_id, key) where deleted_at is null;
create unique index teams_external_id_key on identity.teams (tenant_id, external_id) where external_id is not null and deleted_at is null;
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
  -- For a platform operator who acts here: their user and session in the platform tenant, and the reason. Either all four are set or none.
  operator_tenant_id uuid,
  operator_id uuid,
  operator_session_id uuid,
  operator_reason text,
  -- Time of the login, or of the last `reauthenticate`.
  authenticated_at timestamptz not null default now(),
  factors text[] not null default '{}',
  -- Its user must enrol a second factor first.
  is_restricted boolean not null default false,
  -- The provider that has opened a session, and its own session. They outlive the provider, so they are not references.
  provider_id uuid,
  provider_session text,
  -- The provider of the passkey that has opened the session. The provider itself has not: its logouts and required single sign-on do not concern
  -- the session.
  passkey_provider_id uuid,
  constraint sessions_pkey primary key (tenant_id, id),
  constraint sessions_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint sessions_operator_check check (num_nulls(operator_tenant_id, operator_id, operator_session_id, operator_reason) in (0, 4))
);
create index sessions_of_operators on identity.sessions (tenant_id, created_at, id) where operator_id is not null;
create index sessions_by_login on identity.sessions (tenant_id, user_id, created_at);
create index sessions_open on identity.sessions (tenant_id, user_id, expires_at) where revoked_at is null;
create index sessions_by_provider on identity.sessions (tenant_id, provider_id, provider_session) where provider_id is not null and revoked_at is null;
create index sessions_by_passkey_provider on identity.sessions (tenant_id, passkey_provider_id)
  where passkey_provider_id is not null and revoked_at is null;
call app.protect('identity.sessions', vendor_sees => 'user_id = app.user_id()');

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
-- Of two concurrent refreshes, one creates the successor, and the other one finds it.
create unique index refresh_tokens_successor_key on identity.refresh_tokens (tenant_id, predecessor_id) where predecessor_id is not null;
call app.protect('identity.refresh_tokens', vendor_sees => 'app.owns_session(session_id)');

-- Roles that a role directly inherits from, as configured.
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
call app.protect('identity.role_parents', vendor_sees => 'app.has_role(role_id)', vendor_writes => 'false');

-- Derived from the parents: for each role, the role itself and all roles that it inherits from. Code that creates a role must also insert the
-- role's own row here. Otherwise the role grants nothing.
create table identity.role_ancestors (
  tenant_id uuid not null,
  role_id uuid not null,
  ancestor_id uuid not null,
  constraint role_ancestors_pkey primary key (tenant_id, role_id, ancestor_id),
  constraint role_ancestors_role_fkey foreign key (tenant_id, role_id) references identity.roles (tenant_id, id) on delete cascade,
  constraint role_ancestors_ancestor_fkey foreign key (tenant_id, ancestor_id) references identity.roles (tenant_id, id) on delete cascade
);
create index role_ancestors_by_ancestor on identity.role_ancestors (tenant_id, ancestor_id, role_id);
-- The policy of the closure must not ask the closure.
call app.protect('identity.role_ancestors', vendor_sees => 'app.has_role_itself(role_id)', vendor_writes => 'false');

-- Permissions granted to a user in addition to their roles, and permissions denied regardless of the roles.
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
  constraint user_permissions_effect_check check (effect in ('GRANT', 'DENY')),
  constraint user_permissions_scope_check check (scope in ('OWN', 'ASSIGNED', 'TEAM', 'BUILDING', 'TENANT'))
);
-- Finds the users to whom a permission is granted (`whoCan`).
create index user_permissions_by_permission on identity.user_permissions (tenant_id, permission, user_id);
call app.protect('identity.user_permissions', vendor_sees => 'user_id = app.user_id()', vendor_writes => 'false');

-- Single-use tokens sent by email. The token's text is derived from the row, so nothing usable is stored. Only one per user and purpose is valid.
create table identity.one_time_tokens (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  purpose text not null,
  -- Hash of the email address to which it was sent. Void if the user's address changes.
  email_hash text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint one_time_tokens_pkey primary key (tenant_id, id),
  constraint one_time_tokens_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint one_time_tokens_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
-- Not validated, as in databases from before the baseline, whose earlier constraint was stricter.
alter table identity.one_time_tokens
  add constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION', 'PASSWORD_RESET', 'PASSWORD_CHANGE')) not valid;
-- A new token makes earlier ones void, even if two are created at once.
create unique index one_time_tokens_live_key on identity.one_time_tokens (tenant_id, user_id, purpose) where used_at is null and revoked_at is null;
call app.protect('identity.one_time_tokens');

-- Suffixes of the words of a user's name, email and username. Written by `app.index_user`.
create table identity.user_search_terms (
  tenant_id uuid not null,
  user_id uuid not null,
  term text collate "C" not null,
  name text not null,
  -- Copied, so that the policy for users of a vendor compares only what is in the row.
  vendor_id uuid,
  constraint user_search_terms_pkey primary key (tenant_id, user_id, term),
  constraint user_search_terms_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
create index user_search_terms_by_term on identity.user_search_terms (tenant_id, term, name, user_id) include (vendor_id);
call app.protect('identity.user_search_terms', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Custom permissions of a tenant, named `custom.…`.
create table identity.custom_permissions (
  tenant_id uuid not null,
  name text not null,
  description text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  constraint custom_permissions_pkey primary key (tenant_id, name),
  constraint custom_permissions_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  -- A name from the catalog of permissions would mean something else with the next release.
  constraint custom_permissions_name_check check (name ~ '^custom\.[a-z][A-Za-z0-9]{0,31}$')
);
-- Names with a description, which everybody reads in `permissions`.
call app.protect('identity.custom_permissions', vendor_sees => 'true', vendor_writes => 'false');

-- The clock of a sandbox can be advanced. While it is, it stands at one time after the other at which something is due, so everything happens at
-- exactly its time.
create table identity.clock_advances (
  tenant_id uuid not null,
  id uuid not null,
  status text not null default 'RUNNING',
  -- All in the tenant's time.
  from_at timestamptz not null,
  target_at timestamptz not null,
  reached_at timestamptz not null,
  -- Times at which the clock has stood.
  steps integer not null default 0,
  -- Number of events by type, up to and including a position.
  effects jsonb not null default '{}',
  counted_position bigint not null,
  -- Why it failed.
  message text,
  -- The process that is at work, and until when the others leave it alone.
  worker_id uuid,
  leased_until timestamptz,
  -- When anything was last done.
  progress_at timestamptz not null default now(),
  created_by uuid not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint clock_advances_pkey primary key (tenant_id, id),
  constraint clock_advances_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint clock_advances_status_check check (status in ('RUNNING', 'COMPLETED', 'FAILED')),
  constraint clock_advances_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint clock_advances_forward_check check (from_at <= reached_at and from_at < target_at)
);
-- One at a time, and where the worker finds it.
create unique index clock_advances_running on identity.clock_advances (tenant_id) where status = 'RUNNING';
call app.protect('identity.clock_advances');

-- Earlier passwords of users, which a new one must not repeat (security.passwordHistory), and which users still have an imported hash.
create table identity.password_history (
  tenant_id uuid not null,
  user_id uuid not null,
  id uuid not null,
  password_hash text not null,
  -- When another password replaced it.
  created_at timestamptz not null default now(),
  constraint password_history_pkey primary key (tenant_id, user_id, id),
  constraint password_history_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
call app.protect('identity.password_history');

-- Second factors of users.
create table identity.second_factors (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  kind text not null,
  -- Sealed with the tenant's data key.
  secret text not null,
  created_at timestamptz not null default now(),
  -- Null until the user has shown a code: such a factor is not required at a login.
  confirmed_at timestamptz,
  last_used_at timestamptz,
  -- Time step (RFC 6238) of the last accepted code. Codes of this step and earlier ones are not accepted again.
  last_step bigint not null default 0,
  -- The session that has begun the enrolment. Null once confirmed.
  session_id uuid,
  constraint second_factors_pkey primary key (tenant_id, id),
  constraint second_factors_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint second_factors_session_fkey foreign key (tenant_id, session_id) references identity.sessions (tenant_id, id) on delete cascade,
  constraint second_factors_kind_check check (kind in ('TOTP')),
  constraint second_factors_session_check check (confirmed_at is null or session_id is null)
);
create index second_factors_by_session on identity.second_factors (tenant_id, session_id) where session_id is not null;
create unique index second_factors_confirmed_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is not null;
create unique index second_factors_pending_key on identity.second_factors (tenant_id, user_id, kind) where confirmed_at is null;
call app.protect('identity.second_factors');

create table identity.recovery_codes (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the user's ID and the code, which has 120 random bits.
  code_hash text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  constraint recovery_codes_pkey primary key (tenant_id, id),
  constraint recovery_codes_code_key unique (tenant_id, user_id, code_hash),
  constraint recovery_codes_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('identity.recovery_codes');

-- The token itself is derived from the row, so nothing here opens anything.
create table identity.pending_logins (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the stored password hash that the password matched.
  password_fingerprint text not null,
  -- SHA-256 of the login name and the given tenant, by which failed logins are counted.
  name_hash text not null,
  -- Network of the device that sent the password.
  address text not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- The directory that has checked the password of a login that waits for a second factor. Not a reference: the login is refused once the provider
  -- is gone.
  provider_id uuid,
  constraint pending_logins_pkey primary key (tenant_id, id),
  constraint pending_logins_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index pending_logins_by_user on identity.pending_logins (tenant_id, user_id);
call app.protect('identity.pending_logins');

-- API keys of service accounts and users.
create table identity.api_keys (
  tenant_id uuid not null,
  id uuid not null,
  -- The owner, whose rights limit those of the key.
  user_id uuid not null,
  name text not null,
  -- SHA-256 of the secret, hexadecimal. The secret has 256 random bits, so a slow hash would add nothing.
  secret_hash text not null,
  previous_secret_hash text,
  previous_secret_expires_at timestamptz,
  -- Last characters of the key.
  hint text not null,
  -- [[permission, scope], …]
  permissions jsonb not null,
  -- Networks (CIDR). Empty: every address.
  allowed_addresses text[] not null default '{}',
  operations_per_minute integer,
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_address text,
  rotated_at timestamptz,
  revoked_at timestamptz,
  revoked_by uuid,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The provider of the session in which the key got its secret. It outlives the provider, so it is not a reference.
  provider_id uuid,
  -- When the owner is next told that the key expires. Null: never.
  remind_at timestamptz,
  constraint api_keys_pkey primary key (tenant_id, id),
  constraint api_keys_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint api_keys_previous_check check ((previous_secret_hash is null) = (previous_secret_expires_at is null)),
  constraint api_keys_revoked_check check ((revoked_at is null) = (revoked_by is null)),
  constraint api_keys_operations_check check (operations_per_minute > 0)
);
create index api_keys_by_age on identity.api_keys (tenant_id, created_at, id);
create index api_keys_by_user on identity.api_keys (tenant_id, user_id, created_at, id);
create index api_keys_by_provider on identity.api_keys (tenant_id, provider_id, id) where provider_id is not null;
create index api_keys_due on identity.api_keys (remind_at, tenant_id) where remind_at is not null;
create index api_keys_due_in_tenant on identity.api_keys (tenant_id, remind_at, id) where remind_at is not null;
call app.protect('identity.api_keys');

-- Single sign-on: identity providers of a tenant, the users known to them, logins on their way, and domains that a tenant has verified.
create table identity.identity_providers (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  name text not null,
  status text not null,
  -- What only providers of this kind have. Of OIDC: issuer, client, scopes, names of claims.
  configuration jsonb not null,
  -- Secret of the client. Encrypted.
  secret text,
  creates_users boolean not null,
  accepts_unverified_email boolean not null,
  -- Addresses of applications to which a login can return.
  redirect_urls text[] not null,
  -- [{"group": "…", "roleId": "…"}]
  role_mappings jsonb not null default '[]',
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  creates_users_of_all_domains boolean not null default false,
  constraint identity_providers_pkey primary key (tenant_id, id),
  constraint identity_providers_name_key unique (tenant_id, name),
  constraint identity_providers_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint identity_providers_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint identity_providers_kind_check check (kind in ('OIDC', 'SAML', 'LDAP'))
);
call app.protect('identity.identity_providers');

create table identity.user_identities (
  tenant_id uuid not null,
  id uuid not null,
  provider_id uuid not null,
  -- Subjects are unique only within an issuer, so links do not survive a change of it.
  issuer text not null,
  -- The issuer's name for the user, which never changes.
  subject text not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  constraint user_identities_pkey primary key (tenant_id, id),
  constraint user_identities_subject_key unique (tenant_id, provider_id, issuer, subject),
  constraint user_identities_user_key unique (tenant_id, provider_id, issuer, user_id),
  constraint user_identities_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade,
  constraint user_identities_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
create index user_identities_by_user on identity.user_identities (tenant_id, user_id);
call app.protect('identity.user_identities');

-- A login with a provider: begun, then the user came back from the provider. Its row is deleted when the application gets the session.
create table identity.provider_logins (
  tenant_id uuid not null,
  id uuid not null,
  provider_id uuid not null,
  -- With which it began.
  issuer text not null,
  redirect_url text not null,
  -- S256 of a secret of the application.
  code_challenge text not null,
  -- Returned to the application as it is.
  application_state text,
  created_at timestamptz not null default now(),
  -- Of the current step.
  expires_at timestamptz not null,
  received_at timestamptz,
  user_id uuid,
  -- The provider's session, which it names when it logs the user out.
  provider_session text,
  -- Such a login opens no session: it renews one.
  is_reauthentication boolean not null default false,
  account text,
  constraint provider_logins_pkey primary key (tenant_id, id),
  constraint provider_logins_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade,
  constraint provider_logins_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade,
  constraint provider_logins_received_check check (user_id is null or received_at is not null),
  constraint provider_logins_account_check check (account is null or (received_at is not null and user_id is null))
);
create index provider_logins_by_expiry on identity.provider_logins (tenant_id, expires_at);
create index provider_logins_by_user on identity.provider_logins (tenant_id, user_id) where user_id is not null;
create index provider_logins_by_provider on identity.provider_logins (tenant_id, provider_id, provider_session);
call app.protect('identity.provider_logins');

-- Logout tokens of providers, each of which is accepted once.
create table identity.logout_tokens (
  tenant_id uuid not null,
  provider_id uuid not null,
  token_hash text not null,
  expires_at timestamptz not null,
  constraint logout_tokens_pkey primary key (tenant_id, provider_id, token_hash),
  constraint logout_tokens_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade
);
create index logout_tokens_by_expiry on identity.logout_tokens (tenant_id, expires_at);
call app.protect('identity.logout_tokens');

create table identity.domains (
  tenant_id uuid not null,
  id uuid not null,
  -- In lower case, internationalized names as ASCII.
  name text not null,
  -- Text that the tenant publishes in the domain's DNS.
  challenge text not null,
  verified_at timestamptz,
  checked_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- When the record of a verified domain was found missing. Null while it is there.
  missing_since timestamptz,
  -- When the record is looked for again. Null for domains that are not verified.
  due_at timestamptz,
  constraint domains_pkey primary key (tenant_id, id),
  constraint domains_name_key unique (tenant_id, name),
  constraint domains_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
-- A domain belongs to one tenant of the installation.
create unique index domains_verified_key on identity.domains (name) where verified_at is not null;
create index domains_due on identity.domains (due_at, tenant_id) where due_at is not null;
create index domains_due_in_tenant on identity.domains (tenant_id, due_at, id) where due_at is not null;
call app.protect('identity.domains');

-- Passkeys (WebAuthn credentials) of users, and the challenges that were used up.
create table identity.passkeys (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  name text not null,
  -- base64url. Authenticators choose it at random, with at least 128 bits.
  credential_id text not null,
  -- COSE key.
  public_key bytea not null,
  -- Of the last signature. Always 0 for passkeys that are synchronized between devices.
  sign_count bigint not null,
  -- How a browser reaches the authenticator: usb, nfc, ble, internal, hybrid, …
  transports text[] not null,
  -- Whether the authenticator can synchronize it between devices, and whether it has.
  is_syncable boolean not null,
  is_backed_up boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  -- The provider of the session in which the passkey was registered. It outlives the provider, so it is not a reference.
  provider_id uuid,
  constraint passkeys_pkey primary key (tenant_id, id),
  -- Within the tenant: a login finds a credential by the tenant and the user that it names, so another tenant's equal ID cannot be confused with
  -- it.
  constraint passkeys_credential_key unique (tenant_id, credential_id),
  constraint passkeys_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index passkeys_by_user on identity.passkeys (tenant_id, user_id);
create index passkeys_by_provider on identity.passkeys (tenant_id, provider_id, user_id) where provider_id is not null;
call app.protect('identity.passkeys');

-- Challenges are signed, so only those that were used are stored, until they expire.
create table identity.used_challenges (
  tenant_id uuid not null,
  user_id uuid not null,
  -- SHA-256
  challenge_hash text not null,
  expires_at timestamptz not null,
  constraint used_challenges_pkey primary key (tenant_id, challenge_hash),
  constraint used_challenges_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index used_challenges_by_user on identity.used_challenges (tenant_id, user_id);
call app.protect('identity.used_challenges');

-- Which gateways have open sockets of the tenant. A gateway that has crashed says nothing more, so what it said expires.
create table identity.gateway_reports (
  tenant_id uuid not null,
  gateway_id uuid not null,
  expires_at timestamptz not null,
  constraint gateway_reports_pkey primary key (tenant_id, gateway_id)
);
create index gateway_reports_by_expiry on identity.gateway_reports (tenant_id, expires_at);
-- Nothing in it is about anybody. Vendors' users need it to see the connections of their own sessions.
call app.protect('identity.gateway_reports', vendor_sees => 'true', vendor_writes => 'false');

create table identity.session_connections (
  tenant_id uuid not null,
  session_id uuid not null,
  gateway_id uuid not null,
  connection_count integer not null,
  connected_since timestamptz not null,
  -- Whose session it is.
  user_id uuid not null,
  constraint session_connections_pkey primary key (tenant_id, session_id, gateway_id),
  constraint session_connections_session_fkey foreign key (tenant_id, session_id) references identity.sessions (tenant_id, id) on delete cascade,
  constraint session_connections_gateway_fkey foreign key (tenant_id, gateway_id) references identity.gateway_reports (tenant_id, gateway_id)
    on delete cascade,
  constraint session_connections_count_check check (connection_count > 0)
);
create index session_connections_by_gateway on identity.session_connections (tenant_id, gateway_id);
call app.protect('identity.session_connections', vendor_sees => 'user_id = app.user_id()', vendor_writes => 'false');

-- Wrong codes and passkeys after a right password. Users with passkeys have no row among the second factors.
create table identity.wrong_codes (
  tenant_id uuid not null,
  user_id uuid not null,
  -- Since the last right code, or the last email about them.
  code_count integer not null,
  -- Time of the last email about wrong codes.
  warned_at timestamptz,
  constraint wrong_codes_pkey primary key (tenant_id, user_id),
  constraint wrong_codes_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('identity.wrong_codes');

-- Schema app: what all subgraphs share.

-- Objects that a vendor was given.
create table app.object_access (
  tenant_id uuid not null,
  object_id uuid not null,
  vendor_id uuid not null,
  granted_at timestamptz not null default now(),
  constraint object_access_pkey primary key (tenant_id, object_id, vendor_id),
  constraint object_access_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
create index object_access_by_vendor on app.object_access (tenant_id, vendor_id, object_id);
call app.protect('app.object_access', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

create table app.idempotency_keys (
  tenant_id uuid not null,
  user_id uuid not null,
  mutation text not null,
  key text not null,
  input_hash text not null,
  result jsonb,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (tenant_id, user_id, mutation, key),
  constraint idempotency_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint idempotency_keys_key_check check (length(key) between 1 and 255)
);
create index idempotency_keys_by_age on app.idempotency_keys (tenant_id, created_at);
call app.protect('app.idempotency_keys', vendor_sees => 'user_id = app.user_id()');

create table app.person_keys (
  tenant_id uuid not null,
  person_id uuid not null,
  wrapped_key text,
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  constraint person_keys_pkey primary key (tenant_id, person_id),
  constraint person_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint person_keys_destroyed_check check ((wrapped_key is null) = (destroyed_at is not null))
);
-- The keys are wrapped by the installation's master key, so a row alone opens nothing. What a user of a vendor writes can concern persons without a
-- key.
call app.protect('app.person_keys', vendor_sees => 'true', vendor_writes => 'true');

create table app.counters (
  tenant_id uuid not null,
  name text not null,
  value bigint not null,
  -- Deals every 32nd number, starting with its own number. Without a row, it has dealt none.
  lane smallint not null,
  constraint counters_pkey primary key (tenant_id, name, lane),
  constraint counters_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint counters_lane_check check (lane between 1 and 32)
);
call app.protect('app.counters');

create table app.installation (
  singleton integer not null default 1,
  installation_id uuid not null,
  mode text not null,
  created_at timestamptz not null default now(),
  constraint installation_pkey primary key (singleton),
  constraint installation_singleton_check check (singleton = 1),
  constraint installation_mode_check check (mode in ('demo', 'production'))
);

-- Versions of the configuration of the platform and of each plan (global). All versions are kept; the last one is effective.
create table app.shared_configurations (
  level text not null,
  key text not null,
  version integer not null,
  document jsonb not null,
  author_id uuid,
  message text not null,
  created_at timestamptz not null default now(),
  constraint shared_configurations_pkey primary key (level, key, version),
  constraint shared_configurations_level_check check (level = 'PLATFORM' and key = '' or level = 'PLAN' and key in ('FREE', 'PRO', 'ENTERPRISE')),
  constraint shared_configurations_version_check check (version > 0),
  constraint shared_configurations_document_check check (jsonb_typeof(document) = 'object')
);
insert into app.shared_configurations (level, key, version, document, message) values
  ('PLATFORM', '', 1, '{}', 'As shipped.'),
  ('PLAN', 'FREE', 1, '{"limits": {"users": 25, "definitions": 20, "runningInstances": 1000, "executionsPerHour": 1000, "executionsPerMonth": 10000,
    "storageBytes": 1073741824, "operationsPerMinute": 1200}}', 'As shipped.'),
  ('PLAN', 'PRO', 1, '{"limits": {"users": 1000, "definitions": 500, "runningInstances": 100000, "executionsPerHour": 50000, "executionsPerMonth": 1000000,
    "storageBytes": 107374182400, "operationsPerMinute": 12000}}', 'As shipped.'),
  ('PLAN', 'ENTERPRISE', 1, '{"limits": {"users": null, "definitions": null, "runningInstances": null, "executionsPerHour": null, "executionsPerMonth": null,
    "storageBytes": null, "operationsPerMinute": null}}', 'As shipped.');
-- Its rows belong to no tenant, so it has policies of its own.
alter table app.shared_configurations enable row level security;
alter table app.shared_configurations force row level security;

-- Versions of the configuration of a tenant and of its teams. All versions are kept; the last one is effective.
create table app.configurations (
  tenant_id uuid not null,
  level text not null,
  subject_id uuid not null,
  version integer not null,
  document jsonb not null,
  author_id uuid not null,
  message text not null,
  created_at timestamptz not null default now(),
  constraint configurations_pkey primary key (tenant_id, level, subject_id, version),
  constraint configurations_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint configurations_level_check check (level = 'TEAM' or level in ('TENANT', 'CONTRACT') and subject_id = tenant_id),
  constraint configurations_version_check check (version > 0),
  constraint configurations_document_check check (jsonb_typeof(document) = 'object')
);
-- A user of a vendor works under the tenant's limits, locale and branding, but not with its teams.
call app.protect('app.configurations', vendor_sees => $$level in ('TENANT', 'CONTRACT')$$, vendor_writes => 'false');

-- A tenant's usage of its plan, by metric and window (`-infinity`: no window), in 16 slots. Written only by the functions `app.meter` and
-- `app.recount_usage`. See docs/explanation/decisions/0008-usage-is-counted-in-slots.md.
create table app.usage (
  tenant_id uuid not null,
  metric text not null,
  -- Start of the hour or month in UTC; -infinity for what is counted until it is removed (users, definitions, running instances).
  window_start timestamptz not null,
  slot smallint not null,
  -- What was taken through this slot; negative if more was given back than taken.
  used bigint not null default 0,
  -- What this slot can still take without asking the others, under the limit of that time. What is given back is shared out by the next transaction
  -- that asks.
  spare bigint not null default 0,
  -- Null: none. Under another limit than this one, the spare is worth nothing.
  limit_seen bigint,
  -- Whether the event of 80 % is written.
  is_announced boolean not null default false,
  constraint usage_pkey primary key (tenant_id, metric, window_start, slot),
  constraint usage_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint usage_slot_check check (slot between 0 and 15),
  constraint usage_spare_check check (spare >= 0)
) with (fillfactor = 50);
-- Users of vendors end instances, which gives back what these used.
call app.protect('app.usage', vendor_sees => 'true', vendor_writes => 'true');

create table app.mails (
  tenant_id uuid not null,
  id uuid not null,
  -- Recipient.
  person_id uuid not null,
  template text not null,
  -- Object that it is about: a one-time token or a task link.
  reference_id uuid,
  destination_hash text not null,
  content text,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  came_back_at timestamptz,
  constraint mails_pkey primary key (tenant_id, id),
  constraint mails_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint mails_status_check check (status in ('PENDING', 'SENT', 'FAILED', 'DROPPED')),
  -- A mail that is done keeps nothing that could be read.
  constraint mails_content_check check ((status = 'PENDING') = (content is not null)),
  constraint mails_finished_check check ((status = 'PENDING') = (finished_at is null))
);
create index mails_due on app.mails (tenant_id, next_attempt_at) where status = 'PENDING';
create index mails_by_age on app.mails (tenant_id, created_at);
create index mails_by_reference on app.mails (tenant_id, reference_id) where reference_id is not null;
-- Not by tenant: the sender limits what one destination gets from all of them.
create index mails_by_destination on app.mails (destination_hash, finished_at) where status = 'SENT' or came_back_at is not null;
call app.protect('app.mails');

-- Written in the transaction of the change, and carried out by a worker.
create table app.calendar_changes (
  -- The tenant whose transaction changed the configuration: the platform's own for what all tenants or those of a plan inherit.
  tenant_id uuid not null,
  id uuid not null,
  -- Only the clocks of this team; null: of the whole tenant.
  team_id uuid,
  -- Whether other tenants inherit the change: those of the plan, or all of them.
  is_shared boolean not null default false,
  plan text,
  -- Null if an operator of the platform made the change, whose reasons are visible only to operators.
  message text,
  requested_by uuid,
  -- Transactions that were running when a worker first saw the change can still start clocks with the earlier calendars.
  waits_for bigint,
  -- Tenants are visited by ID. All up to this one have been.
  last_tenant_id uuid,
  created_at timestamptz not null,
  completed_at timestamptz,
  constraint calendar_changes_pkey primary key (tenant_id, id),
  constraint calendar_changes_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint calendar_changes_scope_check check (not is_shared or team_id is null and message is null and requested_by is null),
  constraint calendar_changes_plan_check check (plan is null or is_shared and plan in ('FREE', 'PRO', 'ENTERPRISE'))
);
create index calendar_changes_open on app.calendar_changes (tenant_id, created_at, id) where completed_at is null;
call app.protect('app.calendar_changes');

-- Custom fields: properties that a tenant adds to its buildings, vendors and projects, and their values, by which lists filter and order.
create table app.custom_field_schemas (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  -- json, not jsonb: the order of the properties is that of forms.
  schema json not null,
  -- The properties that lists filter and order by: [{"name": "floorArea", "type": "NUMBER", "isForVendors": false}].
  indexed jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Empty for kinds whose objects all have the same fields.
  type_key text not null default '',
  -- Names of the properties whose values are encrypted.
  encrypted text[] not null default '{}',
  -- Names of encrypted properties of which objects, or earlier versions of them, can still have values in plain text.
  encrypting text[] not null default '{}',
  -- When a worker continues to encrypt them. Null: there is nothing to do.
  encrypt_at timestamptz,
  constraint custom_field_schemas_pkey primary key (tenant_id, id),
  constraint custom_field_schemas_owner_key unique (tenant_id, kind, type_key),
  constraint custom_field_schemas_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint custom_field_schemas_kind_check check (kind in ('BUILDING', 'VENDOR', 'PROJECT', 'ASSET')),
  constraint custom_field_schemas_type_key_check check ((kind = 'ASSET') = (type_key <> ''))
);
create index custom_field_schemas_due on app.custom_field_schemas (encrypt_at, tenant_id) where encrypt_at is not null;
create index custom_field_schemas_due_in_tenant on app.custom_field_schemas (tenant_id, encrypt_at) where encrypt_at is not null;
-- Users of a vendor see the fields of what they were given that are meant for vendors: the schema says which.
call app.protect('app.custom_field_schemas', vendor_sees => 'true', vendor_writes => 'false');

create table app.custom_field_schema_versions (
  tenant_id uuid not null,
  schema_id uuid not null,
  version integer not null,
  schema json not null,
  message text,
  author_id uuid not null,
  created_at timestamptz not null default now(),
  constraint custom_field_schema_versions_pkey primary key (tenant_id, schema_id, version),
  constraint custom_field_schema_versions_schema_fkey foreign key (tenant_id, schema_id) references app.custom_field_schemas (tenant_id, id)
);
call app.protect('app.custom_field_schema_versions');

-- Values of the indexed fields, written only by triggers: a row for each object and field. Objects without a value have a row too, with the last
-- value of the order, so that lists can be ordered by an index. double precision, because its comparisons are leak-proof and can use an index under
-- row-level security.
create table app.custom_field_values (
  tenant_id uuid not null,
  kind text not null,
  object_id uuid not null,
  field text not null,
  type text not null,
  is_for_vendors boolean not null,
  is_set boolean not null,
  text_value text collate "C" not null,
  number_value double precision not null,
  constraint custom_field_values_pkey primary key (tenant_id, kind, object_id, field),
  -- The text of an encrypted value is its blind index.
  constraint custom_field_values_type_check check (type in ('TEXT', 'NUMBER', 'ENCRYPTED'))
);
create index custom_field_values_by_text on app.custom_field_values (tenant_id, kind, field, text_value, object_id) where type = 'TEXT';
create index custom_field_values_by_number on app.custom_field_values (tenant_id, kind, field, number_value, object_id) where type = 'NUMBER';
create index custom_field_values_by_blind_index on app.custom_field_values (tenant_id, kind, field, text_value, object_id) where type = 'ENCRYPTED';
call app.protect('app.custom_field_values', vendor_sees => 'is_for_vendors and (app.vendor_sees(object_id) or object_id = app.vendor())', vendor_writes => 'false');

-- Full-text search: the words by which objects are found. See docs/explanation/decisions/0024-search-by-words-and-stems.md.
create table app.search_words (
  tenant_id uuid not null,
  -- What a search finds: `request` and the ID of the request.
  object_type text not null,
  object_id uuid not null,
  -- What contains the word: the object itself, or one of its comments.
  source_id uuid not null,
  audience text not null,
  -- The only vendor whose users find it. Null: those of every vendor that sees the object.
  vendor_id uuid,
  word text collate "C" not null,
  constraint search_words_pkey primary key (tenant_id, object_id, source_id, word),
  constraint search_words_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint search_words_internal_check check (audience = 'PUBLIC' or vendor_id is null),
  constraint search_words_word_check check (length(word) between 1 and 60)
);
-- Has every column that a search and the policies read.
create index search_words_by_word on app.search_words (tenant_id, object_type, word, object_id) include (audience, vendor_id);
call app.protect('app.search_words',
  vendor_sees => $$audience = 'PUBLIC' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(object_id)$$);
-- Few of the words are tags, but the most frequent tags are among the most frequent words. Without these statistics, the planner takes the two for
-- independent, expects a tenth of the requests that have a frequent tag, and collects and sorts them all for each page.
create statistics app.search_words_types (mcv) on object_type, word from app.search_words;
alter statistics app.search_words_types set statistics 500;

-- Files, and the objects that they are attached to. The bytes are in the file storage; a file's key there consists of its tenant, its ID, and the
-- attempt.
create table app.files (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  -- Announced before the bytes, and counted against the plan's storage from then on.
  size bigint not null,
  -- Null: by content alone.
  declared_type text,
  declared_sha256 text,
  -- By content. Null until the bytes are stored.
  type text,
  sha256 text,
  status text not null default 'PENDING',
  -- Why it was rejected.
  reason text,
  -- Number of the latest attempt to receive the bytes. Each attempt writes to a key of its own, and only the latest can succeed.
  attempt smallint not null default 0,
  is_attached boolean not null default false,
  created_by uuid not null,
  -- True time, like the other times here: a sandbox could turn the tenant's clock, but not what was promised about the bytes.
  created_at timestamptz not null default now(),
  stored_at timestamptz,
  -- When a worker has to do something: scan it, delete it, or, if it is not attached by then, let it expire.
  due_at timestamptz,
  -- When a worker has to make the previews of an image. Null if there is nothing to do.
  previews_due_at timestamptz,
  -- The previews that exist, smallest first: [{"size", "width", "height", "bytes"}]. Null until the image has been processed; empty if no previews
  -- could be made.
  previews jsonb,
  constraint files_pkey primary key (tenant_id, id),
  constraint files_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint files_status_check check (status in ('PENDING', 'SCANNING', 'STORED', 'REJECTED', 'DELETED')),
  constraint files_content_check check (status not in ('SCANNING', 'STORED') or type is not null and sha256 is not null and stored_at is not null),
  constraint files_reason_check check ((status = 'REJECTED') = (reason is not null)),
  -- Only files that have found their place wait for nothing. The row of a rejected one stays as long as its attachments.
  constraint files_due_check check (due_at is not null or status in ('STORED', 'REJECTED') and is_attached),
  constraint files_size_check check (size > 0 or size = 0 and declared_type in ('text/csv', 'application/x-ndjson')),
  constraint files_previews_check check (previews is null or jsonb_typeof(previews) = 'array' and status in ('STORED', 'DELETED')),
  constraint files_previews_due_check check (previews_due_at is null or status = 'STORED')
);
create index files_due on app.files (due_at, tenant_id) where due_at is not null;
create index files_due_of_tenant on app.files (tenant_id, due_at, id) where due_at is not null;
create index files_by_creator on app.files (tenant_id, created_by, created_at, id) where not is_attached;
create index files_previews_due on app.files (previews_due_at, tenant_id) where previews_due_at is not null;
create index files_previews_due_of_tenant on app.files (tenant_id, previews_due_at, id) where previews_due_at is not null;
call app.protect('app.files', vendor_sees => 'created_by = app.user_id() or app.vendor_sees_file(id)', vendor_writes => 'created_by = app.user_id()');

create table app.attachments (
  tenant_id uuid not null,
  id uuid not null,
  file_id uuid not null,
  object_type text not null,
  object_id uuid not null,
  visibility text not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  -- Comment on the request that it was added with.
  comment_id uuid,
  -- The only vendor that sees the attachment. Without one, every vendor that was given the object.
  vendor_id uuid,
  constraint attachments_pkey primary key (tenant_id, id),
  constraint attachments_object_key unique (tenant_id, object_id, file_id),
  constraint attachments_file_fkey foreign key (tenant_id, file_id) references app.files (tenant_id, id),
  constraint attachments_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint attachments_visibility_check check (visibility in ('INTERNAL', 'SHARED')),
  constraint attachments_comment_check check (comment_id is null or object_type = 'request'),
  constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset', 'maintenancePlan', 'instance', 'task', 'contract', 'vendorDocument'))
);
create index attachments_by_object on app.attachments (tenant_id, object_id, id);
create index attachments_by_file on app.attachments (tenant_id, file_id);
create index attachments_by_comment on app.attachments (tenant_id, comment_id, id) where comment_id is not null;
call app.protect('app.attachments', vendor_sees => $$visibility = 'SHARED' and coalesce(vendor_id, app.vendor()) = app.vendor()
  and case object_type when 'task' then app.vendor_sees_task(object_id) else app.vendor_sees(object_id) end$$);

-- Saved views: named filters, orders and columns of a list, for their owner, a team, or the whole tenant.
create table app.saved_views (
  tenant_id uuid not null,
  id uuid not null,
  -- Never changes.
  list text not null,
  name text not null,
  visibility text not null,
  team_id uuid,
  owner_id uuid not null,
  -- As the client wrote it, in the terms of the list's filter input. Checked against that input whenever it is used.
  filter jsonb not null,
  -- {"field", "direction", "name"}; null for the list's own order.
  order_by jsonb,
  columns text[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_views_pkey primary key (tenant_id, id),
  constraint saved_views_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint saved_views_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint saved_views_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint saved_views_visibility_check check (visibility in ('PRIVATE', 'TEAM', 'TENANT')),
  constraint saved_views_team_check check ((visibility = 'TEAM') = (team_id is not null)),
  constraint saved_views_columns_check check (cardinality(columns) <= 50)
);
create index saved_views_by_owner on app.saved_views (tenant_id, owner_id);
create index saved_views_by_name on app.saved_views (tenant_id, name, id);
-- Not for users of a vendor: the names and filters of the organization say how it works.
call app.protect('app.saved_views');

-- Exports of lists to files. A worker reads an export page by page with the rights of the user who asked for it.
create table app.exports (
  tenant_id uuid not null,
  id uuid not null,
  list text not null,
  format text not null,
  -- In the terms of the list's filter input; null for no conditions.
  filter jsonb,
  -- {"field", "direction", "name"}; null for the list's own order.
  order_by jsonb,
  columns text[] not null,
  status text not null default 'RUNNING',
  -- Objects that have been read, and the cursor of the last one.
  row_count integer not null default 0,
  last_cursor text,
  -- Attempts of the file that stored the parts, in order.
  parts smallint[] not null default '{}',
  file_id uuid not null,
  -- The rights with which the objects were read. With other rights, the file cannot be downloaded.
  rights_version text,
  -- Attempts since the last progress.
  tries smallint not null default 0,
  message text,
  created_by uuid not null,
  session_id uuid not null,
  version integer not null default 1,
  -- True times, like those of files.
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  due_at timestamptz,
  constraint exports_pkey primary key (tenant_id, id),
  constraint exports_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint exports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint exports_format_check check (format in ('CSV', 'JSON_LINES')),
  constraint exports_status_check check (status in ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint exports_columns_check check (cardinality(columns) between 1 and 50),
  constraint exports_due_check check ((status = 'RUNNING') = (due_at is not null)),
  constraint exports_finished_check check ((status = 'RUNNING') = (finished_at is null))
);
create index exports_due on app.exports (due_at, tenant_id) where due_at is not null;
create index exports_due_of_tenant on app.exports (tenant_id, due_at, id) where due_at is not null;
create index exports_by_creator on app.exports (tenant_id, created_by, created_at, id);
create index exports_by_file on app.exports (tenant_id, file_id);
create index exports_at_rest on app.exports (tenant_id, updated_at, id) where due_at is null;
-- Not for users of a vendor.
call app.protect('app.exports');

-- Requests, assets, buildings, and spaces as they were. Each change keeps the row as it was before it, so rows that never change cost nothing.
create table app.object_versions (
  tenant_id uuid not null,
  object_id uuid not null,
  -- Until this time the row had these values, since the previous time of the object.
  until timestamptz not null,
  image jsonb not null,
  constraint object_versions_pkey primary key (tenant_id, object_id, until)
);
call app.protect('app.object_versions', vendor_sees => 'app.vendor_sees(object_id)');

-- Imports of CSV files. A worker checks every line, and after the start writes the objects with the rights of the user who imports them.
create table app.imports (
  tenant_id uuid not null,
  id uuid not null,
  list text not null,
  on_existing text not null,
  -- null until the import is started.
  mode text,
  -- Null until the header has been read, unless the client chose it.
  separator text,
  -- The header.
  columns text[] not null default '{}',
  -- [{"column", "field"}]; null: by the names in the header, until it has been read.
  mapping jsonb,
  status text not null default 'CHECKING',
  -- Null until the file has been read once.
  line_count integer,
  -- Where the check or the import continues: bytes before the next line, and its number.
  next_offset bigint not null default 0,
  next_line integer not null default 1,
  done_count integer not null default 0,
  created_count integer not null default 0,
  updated_count integer not null default 0,
  skipped_count integer not null default 0,
  failed_count integer not null default 0,
  file_id uuid not null,
  -- Attempts since the last progress.
  tries smallint not null default 0,
  message text,
  created_by uuid not null,
  session_id uuid not null,
  version integer not null default 1,
  -- True times, like those of files.
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  due_at timestamptz,
  constraint imports_pkey primary key (tenant_id, id),
  constraint imports_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint imports_on_existing_check check (on_existing in ('UPDATE', 'SKIP')),
  constraint imports_mode_check check (mode in ('ALL_OR_NOTHING', 'LINE_BY_LINE')),
  constraint imports_status_check check (status in ('CHECKING', 'READY', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint imports_due_check check ((status in ('CHECKING', 'RUNNING')) = (due_at is not null)),
  constraint imports_finished_check check ((status in ('COMPLETED', 'CANCELLED', 'FAILED')) = (finished_at is not null)),
  constraint imports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS', 'VENDORS'))
);
create index imports_due on app.imports (due_at, tenant_id) where due_at is not null;
create index imports_due_of_tenant on app.imports (tenant_id, due_at, id) where due_at is not null;
create index imports_by_creator on app.imports (tenant_id, created_by, created_at, id);
create index imports_at_rest on app.imports (tenant_id, updated_at, id) where due_at is null;
-- Not for users of a vendor.
call app.protect('app.imports');

create table app.import_problems (
  tenant_id uuid not null,
  id uuid not null,
  import_id uuid not null,
  -- Line of the file, from 1.
  line integer not null,
  -- Name in the header. Null if the problem is not that of one column.
  column_name text,
  -- Field of the objects.
  field text,
  message text not null,
  created_by uuid not null,
  constraint import_problems_pkey primary key (tenant_id, id),
  constraint import_problems_import_fkey foreign key (tenant_id, import_id) references app.imports (tenant_id, id)
);
create index import_problems_by_line on app.import_problems (tenant_id, import_id, line, id);
call app.protect('app.import_problems');

-- IDs of objects in other systems, by which imports find them again.
create table app.external_ids (
  tenant_id uuid not null,
  list text not null,
  external_id text not null,
  object_id uuid not null,
  created_at timestamptz not null default now(),
  constraint external_ids_pkey primary key (tenant_id, list, external_id),
  constraint external_ids_object_key unique (tenant_id, object_id),
  constraint external_ids_length_check check (char_length(external_id) between 1 and 200),
  constraint external_ids_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS', 'VENDORS'))
);
call app.protect('app.external_ids');

-- Data keys of tenants, which encrypt the secrets that tenants store. Encrypted with the master key.
create table app.tenant_keys (
  tenant_id uuid not null,
  number integer not null,
  wrapped_key text not null,
  created_at timestamptz not null default now(),
  constraint tenant_keys_pkey primary key (tenant_id, number),
  constraint tenant_keys_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint tenant_keys_number_check check (number > 0)
);
call app.protect('app.tenant_keys');

-- Schema workflows: definitions, instances, tasks, timers, service levels, automations.

-- One row per version of a definition. Once published, its content cannot change; only its status, tags and environments can. The database enforces
-- this, by the policies `published_stays` and `published_remains` and the privileges of columns.
create table workflows.definitions (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  number integer not null,
  name text not null,
  description text not null default '',
  status text not null default 'DRAFT',
  source text not null,
  format text not null,
  document jsonb not null,
  created_by uuid not null,
  published_by uuid,
  published_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The version that it was created from. It may no longer exist if it was a draft.
  parent_id uuid,
  -- Reason for this version, written by its author.
  message text not null default '',
  -- For finding it; not part of the frozen content.
  tags text[] not null default '{}',
  environments text[] not null default '{}',
  author_ids uuid[] not null default '{}',
  constraint definitions_pkey primary key (tenant_id, id),
  constraint definitions_number_key unique (tenant_id, key, number),
  constraint definitions_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint definitions_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint definitions_published_by_fkey foreign key (tenant_id, published_by) references identity.users (tenant_id, id),
  constraint definitions_status_check check (status in ('DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETIRED')),
  constraint definitions_format_check check (format in ('YAML', 'JSON')),
  constraint definitions_number_check check (number >= 1),
  constraint definitions_tags_check check (cardinality(tags) <= 20),
  constraint definitions_environments_check check (environments in ('{}', '{DEV}', '{DEV,STAGING}', '{DEV,STAGING,PROD}') and (status = 'DRAFT') = (environments = '{}'))
);
create index definitions_by_age on workflows.definitions (tenant_id, created_at, id);
call app.protect('workflows.definitions', vendor_sees => 'app.vendor_sees_definition(id)', vendor_writes => 'false');

create table workflows.instances (
  tenant_id uuid not null,
  id uuid not null,
  definition_id uuid not null,
  definition_key text not null,
  state text not null,
  status text not null default 'RUNNING',
  data jsonb not null,
  version integer not null,
  subject_type text,
  subject_id uuid,
  owner_id uuid not null,
  team_id uuid,
  assignee_user_id uuid,
  assignee_team_id uuid,
  assignee_vendor_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  -- The instance that started this one, and the state, the rule and the index of this child within the rule.
  parent_id uuid,
  parent_state text,
  parent_version integer,
  parent_rule text,
  child_index integer,
  ancestors uuid[] not null default '{}',
  -- Users who completed the steps that the definition references in `notSameAs`: step → IDs.
  done_by jsonb not null default '{}',
  environment text not null default 'PROD',
  request_type text,
  -- Those of a deleted request: its instance and the instances below it, their tasks, and the notifications about any of them.
  is_deleted boolean not null default false,
  closed_at timestamptz,
  constraint instances_pkey primary key (tenant_id, id),
  constraint instances_definition_fkey foreign key (tenant_id, definition_id) references workflows.definitions (tenant_id, id),
  constraint instances_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint instances_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint instances_assignee_user_fkey foreign key (tenant_id, assignee_user_id) references identity.users (tenant_id, id),
  constraint instances_assignee_team_fkey foreign key (tenant_id, assignee_team_id) references identity.teams (tenant_id, id),
  constraint instances_parent_fkey foreign key (tenant_id, parent_id) references workflows.instances (tenant_id, id),
  constraint instances_status_check check (status in ('RUNNING', 'SUSPENDED', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint instances_finished_check check ((status in ('COMPLETED', 'CANCELLED')) = (finished_at is not null)),
  constraint instances_version_check check (version >= 1),
  constraint instances_subject_check check ((subject_type is null) = (subject_id is null)),
  constraint instances_assignee_check check (num_nonnulls(assignee_user_id, assignee_team_id, assignee_vendor_id) <= 1),
  constraint instances_environment_check check (environment in ('DEV', 'STAGING', 'PROD')),
  constraint instances_parent_check check (
    (parent_id is null) = (parent_rule is null) and (parent_id is null) = (child_index is null) and (parent_id is null) = (cardinality(ancestors) = 0)
    and (parent_id is null) = (parent_version is null))
) with (fillfactor = 80);
create index instances_by_subject on workflows.instances (tenant_id, subject_id) where subject_id is not null;
create index instances_by_parent on workflows.instances (tenant_id, parent_id, id) where parent_id is not null;
-- An entry into a state starts each of its children once.
create unique index instances_child_key on workflows.instances (tenant_id, parent_id, parent_version, parent_rule, child_index) where parent_id is not null;
-- Counts a hierarchy of instances before it grows.
create index instances_by_root on workflows.instances (tenant_id, (ancestors[1])) where parent_id is not null and finished_at is null;
create index instances_with_former_assignees on workflows.instances (tenant_id, id) where finished_at is null and done_by ? 'assignee';
create index instances_by_age on workflows.instances (tenant_id, created_at, id) include (is_deleted);
create index instances_by_definition on workflows.instances (tenant_id, definition_key, created_at, id) include (is_deleted);
create index instances_by_state on workflows.instances (tenant_id, state, created_at, id) include (is_deleted);
create index instances_by_owner on workflows.instances (tenant_id, owner_id, created_at, id) include (is_deleted);
create index instances_by_team on workflows.instances (tenant_id, team_id, created_at, id) include (is_deleted) where team_id is not null;
create index instances_by_assignee_user on workflows.instances (tenant_id, assignee_user_id, created_at, id) include (is_deleted) where assignee_user_id is not null;
create index instances_by_assignee_team on workflows.instances (tenant_id, assignee_team_id, created_at, id) include (is_deleted) where assignee_team_id is not null;
create index instances_by_assignee_vendor on workflows.instances (tenant_id, assignee_vendor_id, created_at, id) include (is_deleted) where assignee_vendor_id is not null;
-- For the list of what was changed last. It grows at its end only, and takes about 2 % of a transition's time in the database.
create index instances_by_change on workflows.instances (tenant_id, updated_at, id) include (is_deleted);
-- `subject_id` is the ID of the request, so a page is in the order of requests. `id` is read by the policies: with it, counts read the index alone.
create index instances_requests_by_state on workflows.instances (tenant_id, state, created_at, subject_id) include (id, is_deleted) where subject_type = 'request';
create index instances_requests_by_change on workflows.instances (tenant_id, updated_at, subject_id) include (id, is_deleted) where subject_type = 'request';
call app.protect('workflows.instances', vendor_sees => 'app.vendor_sees(id)');

-- Append-only. An instance's state is the fold of its history.
create table workflows.history (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  version integer not null,
  kind text not null,
  transition text,
  from_state text,
  to_state text not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  comment text,
  input jsonb,
  changes jsonb,
  at timestamptz not null,
  -- The task that was completed by this step.
  task_id uuid,
  -- Whether the step was automatic, not chosen by a user.
  is_automatic boolean not null default false,
  constraint history_pkey primary key (tenant_id, id),
  constraint history_version_key unique (tenant_id, instance_id, version),
  constraint history_transition_check check (kind <> 'TRANSITION' or transition is not null),
  constraint history_kind_check check (kind in (
  'START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION', 'COMMENT', 'SUSPENSION', 'RESUMPTION', 'ROLLBACK', 'VOTE', 'CHILD', 'INCIDENT', 'RESOLUTION',
  'MIGRATION', 'TIMER'))
);
call app.protect('workflows.history', vendor_sees => 'app.vendor_sees(instance_id)');

create table workflows.tasks (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  state text not null,
  rule text not null,
  title text not null,
  status text not null default 'OPEN',
  candidate_roles text[] not null default '{}',
  candidate_user_ids uuid[] not null default '{}',
  candidate_team_ids uuid[] not null default '{}',
  candidate_vendor_ids uuid[] not null default '{}',
  assignee_id uuid,
  claimed_at timestamptz,
  completed_by uuid,
  on_behalf_of uuid,
  transition text,
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  closed_at timestamptz,
  -- Number of the task if its rule opens several, starting at 1.
  copy integer not null default 1,
  -- 0 low, 1 normal, 2 high, 3 urgent
  priority smallint not null default 1,
  -- [{ id, title, done, doneBy, doneAt }]
  checklist jsonb not null default '[]',
  -- Users who delegated the task, in order.
  delegated_from uuid[] not null default '{}',
  -- The instance's version that opened the task.
  opened_at_version integer not null default 0,
  -- The unanswered question.
  question_id uuid,
  -- Its only candidate (`role:operations`), `many` if there are several, or `none`. Generated by the database.
  queue_key text not null generated always as (
    case cardinality(candidate_roles) + cardinality(candidate_user_ids) + cardinality(candidate_team_ids) + cardinality(candidate_vendor_ids)
      when 0 then 'none'
      when 1 then coalesce('role:' || candidate_roles[1], 'user:' || candidate_user_ids[1]::text, 'team:' || candidate_team_ids[1]::text,
                           'vendor:' || candidate_vendor_ids[1]::text)
      else 'many' end) stored,
  -- `dueAt` for sorting: `infinity` without a deadline. Generated by the database.
  due_order timestamptz not null generated always as (coalesce(due_at, 'infinity'::timestamptz)) stored,
  -- The user who was asked, while a question is unanswered.
  asked_id uuid,
  -- How completing the task counts as a vote: ONCE (one vote per user) or REPEAT. Null if it is not a vote.
  vote text,
  -- When it was noticed that the deadline had passed. Null until then, and again when the deadline changes.
  overdue_at timestamptz,
  -- The deadline has passed, but the instance is suspended or has an incident, so nobody can work on the task.
  is_due_held boolean not null default false,
  is_deleted boolean not null default false,
  -- The step of a run that has opened the task. Null: a state has.
  step jsonb,
  constraint tasks_pkey primary key (tenant_id, id),
  constraint tasks_assignee_fkey foreign key (tenant_id, assignee_id) references identity.users (tenant_id, id),
  constraint tasks_asked_fkey foreign key (tenant_id, asked_id) references identity.users (tenant_id, id),
  constraint tasks_status_check check (status in ('OPEN', 'CLAIMED', 'COMPLETED', 'CLOSED')),
  constraint tasks_claimed_check check (status <> 'CLAIMED' or assignee_id is not null),
  constraint tasks_closed_check check ((status in ('COMPLETED', 'CLOSED')) = (closed_at is not null)),
  constraint tasks_completed_check check ((status = 'COMPLETED') = (completed_by is not null)),
  constraint tasks_priority_check check (priority between 0 and 3),
  constraint tasks_copy_check check (copy between 1 and 100),
  constraint tasks_asked_check check ((asked_id is null) = (question_id is null)),
  constraint tasks_vote_check check (vote in ('ONCE', 'REPEAT'))
) with (fillfactor = 80);
create index tasks_by_instance on workflows.tasks (tenant_id, instance_id, created_at, id);
create index tasks_by_age on workflows.tasks (tenant_id, created_at, id);
create index tasks_by_status on workflows.tasks (tenant_id, status, created_at, id);
create index tasks_by_assignee on workflows.tasks (tenant_id, assignee_id, created_at, id) where assignee_id is not null;
-- One open task per instance, step and rule.
create unique index tasks_open_key on workflows.tasks (tenant_id, instance_id, state, rule, copy) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_priority on workflows.tasks (tenant_id, priority, id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_assignee on workflows.tasks (tenant_id, assignee_id, created_at, id) where status in ('OPEN', 'CLAIMED') and assignee_id is not null;
create index tasks_by_asked on workflows.tasks (tenant_id, asked_id) where asked_id is not null;
create index tasks_waiting_by_queue_priority on workflows.tasks (tenant_id, queue_key, priority, id) where status in ('OPEN', 'CLAIMED');
-- Finds the tenants with tasks that are overdue, and these tasks. Tasks without a deadline are not in it.
create index tasks_becoming_due on workflows.tasks (tenant_id, due_at, id)
  where due_at is not null and overdue_at is null and not is_due_held and status in ('OPEN', 'CLAIMED');
-- The queue of a role: few tasks are open at a time, so the arrays are filtered, not indexed.
create index tasks_open on workflows.tasks (tenant_id, created_at, id) include (instance_id, status, assignee_id, vote, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) include (instance_id, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote, is_deleted) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_queue_due on workflows.tasks (tenant_id, queue_key, due_order, id) include (instance_id, is_deleted) where status in ('OPEN', 'CLAIMED');
call app.protect('workflows.tasks', vendor_sees => 'app.vendor_sees(instance_id)');

-- Reason why an instance cannot continue automatically until a user resolves it. At most one is open per instance.
create table workflows.incidents (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  instance_version integer not null,
  kind text not null,
  state text not null,
  place text not null,
  message text not null,
  status text not null default 'OPEN',
  -- RETRY | SKIP | FIRE | CANCEL
  resolution text,
  resolved_by uuid,
  comment text,
  created_at timestamptz not null,
  resolved_at timestamptz,
  constraint incidents_pkey primary key (tenant_id, id),
  constraint incidents_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint incidents_kind_check check (kind in ('LOOP', 'DATA', 'DEFINITION', 'CHILDREN', 'JOB')),
  constraint incidents_status_check check (status in ('OPEN', 'RESOLVED')),
  constraint incidents_resolved_check check ((status = 'RESOLVED') = (resolved_at is not null) and (status = 'RESOLVED') = (resolution is not null))
);
create unique index incidents_open_key on workflows.incidents (tenant_id, instance_id) where status = 'OPEN';
create index incidents_by_age on workflows.incidents (tenant_id, created_at, id);
create index incidents_open on workflows.incidents (tenant_id, created_at, id) where status = 'OPEN';
create index incidents_by_instance on workflows.incidents (tenant_id, instance_id, created_at, id);
-- A transition of a vendor's user can be the one whose follow-up fails.
call app.protect('workflows.incidents', vendor_sees => 'app.vendor_sees(instance_id)');

-- Data values that lists can filter by, for the fields that a definition declares.
create table workflows.instance_fields (
  tenant_id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  field text not null,
  text_value text collate "C",
  number_value numeric,
  -- Creation time of the instance.
  created_at timestamptz not null,
  constraint instance_fields_pkey primary key (tenant_id, instance_id, field),
  -- Both null: there is no value any more. The row stays, because users of a vendor delete nothing.
  constraint instance_fields_value_check check (num_nonnulls(text_value, number_value) <= 1)
);
create index instance_fields_by_text on workflows.instance_fields (tenant_id, field, text_value, created_at, instance_id) where text_value is not null;
create index instance_fields_by_number on workflows.instance_fields (tenant_id, field, number_value, created_at, instance_id) where number_value is not null;
call app.protect('workflows.instance_fields', vendor_sees => 'app.vendor_sees(instance_id)');

-- Words of the text values among them: without accents, in lowercase, at most 64 characters.
create table workflows.instance_words (
  tenant_id uuid not null,
  instance_id uuid not null,
  word text collate "C" not null,
  constraint instance_words_pkey primary key (tenant_id, instance_id, word),
  constraint instance_words_word_check check (length(word) between 1 and 64)
);
create index instance_words_by_word on workflows.instance_words (tenant_id, word, instance_id);
call app.protect('workflows.instance_words', vendor_sees => 'app.vendor_sees(instance_id)');

-- Substitutes of absent users, with the periods.
create table workflows.absences (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  substitute_id uuid constraint absences_stand_in_id_not_null not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  note text not null default '',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint absences_pkey primary key (tenant_id, id),
  constraint absences_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint absences_substitute_fkey foreign key (tenant_id, substitute_id) references identity.users (tenant_id, id),
  constraint absences_other_check check (user_id <> substitute_id),
  constraint absences_span_check check (starts_at <= ends_at)
);
create index absences_by_user on workflows.absences (tenant_id, user_id, starts_at, id);
create index absences_by_substitute on workflows.absences (tenant_id, substitute_id, ends_at);
call app.protect('workflows.absences', vendor_sees => 'user_id = app.user_id() or substitute_id = app.user_id()', vendor_writes => 'user_id = app.user_id()');

-- Comments on a task, and questions with their answers. Append-only.
create table workflows.task_comments (
  tenant_id uuid constraint task_remarks_tenant_id_not_null not null,
  id uuid constraint task_remarks_id_not_null not null,
  task_id uuid constraint task_remarks_task_id_not_null not null,
  instance_id uuid constraint task_remarks_instance_id_not_null not null,
  kind text constraint task_remarks_kind_not_null not null,
  -- For an answer: the question.
  question_id uuid,
  -- For a question: the user who is asked.
  asked_id uuid,
  author_id uuid constraint task_remarks_author_id_not_null not null,
  on_behalf_of uuid,
  text text constraint task_remarks_text_not_null not null,
  created_at timestamptz constraint task_remarks_created_at_not_null not null,
  constraint task_comments_pkey primary key (tenant_id, id),
  constraint task_comments_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint task_comments_asked_fkey foreign key (tenant_id, asked_id) references identity.users (tenant_id, id),
  constraint task_comments_kind_check check (kind in ('COMMENT', 'QUESTION', 'ANSWER')),
  constraint task_comments_question_check check ((kind = 'ANSWER') = (question_id is not null))
);
create index task_comments_by_task on workflows.task_comments (tenant_id, task_id, id);
call app.protect('workflows.task_comments', vendor_sees => 'app.vendor_sees(instance_id)');

-- Single-use links that complete a task without a login.
create table workflows.task_links (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  user_id uuid not null,
  -- Hash of the email address to which it was sent. Void if the user's address changes.
  email_hash text not null,
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint task_links_pkey primary key (tenant_id, id),
  constraint task_links_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint task_links_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
-- A new link makes earlier ones void, even if two are created at once.
create unique index task_links_live_key on workflows.task_links (tenant_id, task_id, user_id) where used_at is null and revoked_at is null;
create index task_links_by_expiry on workflows.task_links (tenant_id, expires_at);
call app.protect('workflows.task_links');

-- An operation on many instances, which are processed one after the other.
create table workflows.bulk_operations (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  status text not null default 'RUNNING',
  -- Parameters, depending on the kind.
  params jsonb not null,
  comment text,
  -- For UNDO: the migration to undo.
  undoes_id uuid,
  total integer not null,
  done integer not null default 0,
  failed integer not null default 0,
  -- Reason why the operation ended early.
  message text,
  created_by uuid not null,
  session_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default app.weft_now(),
  updated_at timestamptz not null default app.weft_now(),
  finished_at timestamptz,
  constraint bulk_operations_pkey primary key (tenant_id, id),
  constraint bulk_operations_undoes_fkey foreign key (tenant_id, undoes_id) references workflows.bulk_operations (tenant_id, id),
  constraint bulk_operations_status_check check (status in ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint bulk_operations_undoes_check check ((kind = 'UNDO') = (undoes_id is not null)),
  constraint bulk_operations_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint bulk_operations_kind_check check (kind in ('TRANSITION', 'MIGRATION', 'UNDO', 'CANCEL_RUNS', 'RESUME_RUNS', 'RETRY_RUNS'))
);
create index bulk_operations_by_age on workflows.bulk_operations (tenant_id, created_at, id);
create index bulk_operations_running on workflows.bulk_operations (tenant_id, updated_at, id) where status = 'RUNNING';
-- A migration is undone once.
create unique index bulk_operations_undo_key on workflows.bulk_operations (tenant_id, undoes_id) where undoes_id is not null and status <> 'CANCELLED';
call app.protect('workflows.bulk_operations');

-- Runs of steps: what a state's steps, or those of an automation, have done.
create table workflows.runs (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  definition_id uuid not null,
  state text not null,
  -- Of the instance after it entered the state.
  instance_version integer not null,
  status text not null default 'RUNNING',
  ending jsonb,
  inputs jsonb not null,
  outputs jsonb,
  has_begun boolean not null default false,
  -- Whether its end has had its effect on the instance.
  is_received boolean not null default false,
  -- When something must be done for the run itself. Null: only for its steps.
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  finished_at timestamptz,
  -- Values of the secret inputs, encrypted with the tenant's key. Null: there are none, or the run has ended.
  secret_inputs text,
  -- The security profile as it was when the run began. Null: it has not begun.
  profile jsonb,
  -- When the instance left the state. The run stops then, and its end has no effect.
  left_at timestamptz,
  -- When its first step was looked at, in true time.
  began_at timestamptz,
  -- The run whose results it has taken over. A run is continued once, so that what was done is undone once.
  retried_from_id uuid,
  -- Whether somebody watches it live, so that every change is announced.
  is_watched boolean not null default false,
  attempts integer not null default 0,
  processor_ms bigint not null default 0,
  memory_bytes bigint not null default 0,
  calls bigint not null default 0,
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  cost_micros bigint not null default 0,
  log_lines integer not null default 0,
  log_bytes integer not null default 0,
  -- Whether it is paused only because its instance is suspended, so that it goes on with the instance.
  is_suspended boolean not null default false,
  -- Transactions in a row that could not work on it.
  failed_transactions integer not null default 0,
  -- The step whose failure ends the run.
  failed_step text generated always as (ending ->> 'step') stored,
  sent_bytes bigint not null default 0,
  received_bytes bigint not null default 0,
  constraint runs_pkey primary key (tenant_id, id),
  constraint runs_visit_key unique (tenant_id, instance_id, instance_version),
  constraint runs_retried_from_key unique (tenant_id, retried_from_id),
  constraint runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id) on delete cascade,
  constraint runs_definition_fkey foreign key (tenant_id, definition_id) references workflows.definitions (tenant_id, id),
  constraint runs_status_check check (status in ('RUNNING', 'PAUSED', 'STOPPING', 'COMPENSATING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  constraint runs_finished_check check ((finished_at is not null) = (status in ('SUCCEEDED', 'FAILED', 'CANCELLED')))
);
create index runs_due on workflows.runs (due_at) where due_at is not null;
create index runs_due_by_tenant on workflows.runs (tenant_id, due_at) where due_at is not null;
create index runs_by_creation on workflows.runs (tenant_id, created_at, id);
create index runs_by_status on workflows.runs (tenant_id, status, created_at, id);
create index runs_by_definition on workflows.runs (tenant_id, definition_id, created_at, id);
create index runs_by_failed_step on workflows.runs (tenant_id, failed_step, created_at, id) where failed_step is not null;
create index runs_by_cost on workflows.runs (tenant_id, cost_micros) where cost_micros > 0;
call app.protect('workflows.runs');

create table workflows.bulk_items (
  tenant_id uuid not null,
  operation_id uuid not null,
  -- Position in the order of processing, starting at 1.
  position integer not null,
  instance_id uuid not null,
  -- Version of the instance when the operation was requested.
  planned_version integer not null,
  status text not null default 'PENDING',
  code text,
  message text,
  -- Version of the instance after the operation.
  result_version integer,
  -- Data required to undo the operation.
  kept jsonb,
  has_kept boolean not null generated always as (kept is not null) stored,
  finished_at timestamptz,
  attempts integer not null default 0,
  unavailable integer not null default 0,
  -- An operation on runs can have several of one instance.
  run_id uuid,
  constraint bulk_items_pkey primary key (tenant_id, operation_id, position),
  constraint bulk_items_target_key unique nulls not distinct (tenant_id, operation_id, instance_id, run_id),
  constraint bulk_items_operation_fkey foreign key (tenant_id, operation_id) references workflows.bulk_operations (tenant_id, id),
  constraint bulk_items_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint bulk_items_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id),
  constraint bulk_items_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'CANCELLED')),
  constraint bulk_items_finished_check check ((status = 'PENDING') = (finished_at is null))
);
create index bulk_items_by_status on workflows.bulk_items (tenant_id, operation_id, status, position);
create index bulk_items_by_instance on workflows.bulk_items (tenant_id, instance_id);
create index bulk_items_kept on workflows.bulk_items (tenant_id, finished_at) where has_kept;
-- Items whose last attempt is not known to have ended.
create index bulk_items_tried on workflows.bulk_items (tenant_id, operation_id, position) where status = 'PENDING' and attempts > 0;
create index bulk_items_by_run on workflows.bulk_items (tenant_id, run_id) where run_id is not null;
call app.protect('workflows.bulk_items');

-- Rules that choose the assignee of work. The rules of a name (`route`) are tried in the order of their positions.
create table workflows.routing_rules (
  tenant_id uuid not null,
  id uuid not null,
  route text not null,
  name text not null,
  position integer not null,
  -- CEL expression. If empty, the rule applies to all work.
  condition text not null default '',
  -- True: only within working hours. False: only outside of them. Null: at any time.
  during_working_hours boolean,
  user_ids uuid[] not null default '{}',
  team_ids uuid[] not null default '{}',
  roles text[] not null default '{}',
  skill text,
  strategy text constraint routing_rules_choice_not_null not null,
  is_active boolean not null default true,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint routing_rules_pkey primary key (tenant_id, id),
  constraint routing_rules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint routing_rules_strategy_check check (strategy in ('EVERYBODY', 'ROUND_ROBIN', 'LEAST_BUSY')),
  constraint routing_rules_target_check check (cardinality(user_ids) + cardinality(team_ids) + cardinality(roles) > 0)
);
create index routing_rules_by_route on workflows.routing_rules (tenant_id, route, position, id);
call app.protect('workflows.routing_rules');

-- The user whose turn it last was, per rule.
create table workflows.routing_turns (
  tenant_id uuid not null,
  rule_id uuid not null,
  user_id uuid not null,
  constraint routing_turns_pkey primary key (tenant_id, rule_id),
  constraint routing_turns_rule_fkey foreign key (tenant_id, rule_id) references workflows.routing_rules (tenant_id, id) on delete cascade
);
-- A transition of a vendor's user can open routed work.
call app.protect('workflows.routing_turns');

create table workflows.user_skills (
  tenant_id uuid not null,
  user_id uuid not null,
  skill text not null,
  constraint user_skills_pkey primary key (tenant_id, user_id, skill),
  constraint user_skills_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint user_skills_skill_check check (length(skill) between 1 and 40)
);
create index user_skills_by_skill on workflows.user_skills (tenant_id, skill, user_id);
call app.protect('workflows.user_skills');

-- One row per candidate of a waiting task with several candidates. The database maintains the rows. The columns are named like those of `tasks`, so
-- that the same conditions and orders can be used. The ID is the task's.
create table workflows.task_candidates (
  tenant_id uuid not null,
  -- The task.
  id uuid not null,
  -- One of its candidates, for example `role:operations`.
  queue_key text not null,
  instance_id uuid not null,
  status text not null,
  assignee_id uuid,
  priority smallint not null,
  due_order timestamptz not null,
  created_at timestamptz not null,
  vote text,
  constraint task_candidates_pkey primary key (tenant_id, id, queue_key)
);
create index task_candidates_by_due on workflows.task_candidates (tenant_id, queue_key, due_order, id) include (instance_id);
create index task_candidates_by_priority on workflows.task_candidates (tenant_id, queue_key, priority, id);
-- Includes what counts and the policy read, so that they read the index alone.
create index task_candidates_by_age on workflows.task_candidates (tenant_id, queue_key, created_at, id) include (instance_id, status, assignee_id, vote);
call app.protect('workflows.task_candidates', vendor_sees => 'app.vendor_sees(instance_id)');

-- Timers of instances and of their tasks. A row is set, fires once, or is cleared, in the transaction of what causes it. It is the truth: no job
-- library knows of it.
create table workflows.timers (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Null: the timer is one of the instance.
  task_id uuid,
  -- STATE, TASK: set by the definition. SLA_WARNING, SLA_BREACH, ESCALATION: set by service levels and escalations.
  kind text not null,
  name text not null,
  -- The state in which it was set.
  state text not null,
  -- In the tenant's time.
  due_at timestamptz not null,
  status text not null default 'ARMED',
  -- Set, but its instance is suspended or has an incident, so it waits, whatever the time.
  is_held boolean not null default false,
  armed_at_version integer not null,
  payload jsonb not null default '{}',
  attempts integer not null default 0,
  -- Why it was skipped, failed or was changed.
  reason text,
  version integer not null default 1,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint timers_pkey primary key (tenant_id, id),
  constraint timers_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint timers_kind_check check (kind in ('STATE', 'TASK', 'SLA_WARNING', 'SLA_BREACH', 'ESCALATION')),
  constraint timers_status_check check (status in ('ARMED', 'FIRED', 'CLEARED', 'SKIPPED', 'FAILED')),
  constraint timers_ended_check check ((status = 'ARMED') = (ended_at is null)),
  constraint timers_task_check check (kind <> 'TASK' or task_id is not null)
);
-- Finds the tenants with due timers.
create index timers_due on workflows.timers (due_at, tenant_id) where status = 'ARMED' and not is_held;
-- Finds the due timers of a tenant, and the next one.
create index timers_of_tenant on workflows.timers (tenant_id, due_at, id) where status = 'ARMED' and not is_held;
create index timers_of_instance on workflows.timers (tenant_id, instance_id, due_at);
-- Finds the next level of a chain.
create index timers_of_escalation on workflows.timers (tenant_id, instance_id) where kind = 'ESCALATION' and status = 'ARMED';
call app.protect('workflows.timers');

-- Sums of what instances did, by period, so that statistics of a million instances are read from few rows. A consumer of the events keeps them up
-- to date.
create table workflows.statistics (
  tenant_id uuid not null,
  -- Zeros: all teams.
  team_id uuid not null,
  -- Length of the period in seconds. 0: the present.
  span integer not null,
  starts_at timestamptz not null,
  definition_id uuid not null,
  environment text not null,
  -- Empty: instances as a whole.
  state text not null,
  -- Name of what was counted → number.
  counts jsonb not null,
  -- Sum of the durations in milliseconds.
  ms bigint not null,
  -- Pairs of the distance from the bin before and the number of durations, as numbers of variable length. Null: there were no durations.
  durations bytea,
  constraint statistics_pkey primary key (tenant_id, team_id, span, starts_at, definition_id, environment, state),
  constraint statistics_span_check check (span in (0, 900, 3600, 86400, 2764800))
) with (fillfactor = 80);
call app.protect('workflows.statistics');

-- How each instance is counted, so that its next steps are added, and its sums move if its definition version or its team changes.
create table workflows.statistics_instances (
  tenant_id uuid not null,
  instance_id uuid not null,
  version integer not null,
  definition_id uuid not null,
  team_id uuid,
  state text not null,
  status text not null,
  is_finished boolean not null,
  -- Since when it is in the state.
  entered_at timestamptz not null,
  constraint statistics_instances_pkey primary key (tenant_id, instance_id)
) with (fillfactor = 80);
call app.protect('workflows.statistics_instances');

-- Schedules start instances of a definition at planned times. A run and the start of its instance are one transaction, and a planned time has at
-- most one run.
create table workflows.schedules (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  definition_key text not null,
  environment text not null,
  data jsonb not null,
  team_id uuid,
  -- The user on whose behalf instances are started.
  owner_id uuid not null,
  -- Exactly one of the three.
  cron text,
  every_seconds integer,
  run_at timestamptz,
  time_zone text not null,
  starts_at timestamptz,
  ends_at timestamptz,
  jitter_seconds integer not null,
  missed_runs text not null,
  catch_up_seconds integer not null,
  overlap text not null,
  queue_limit integer not null,
  max_failures integer not null,
  failures_in_row integer not null default 0,
  status text not null default 'ACTIVE',
  pause_reason text,
  -- Null if the schedule paused itself.
  paused_by uuid,
  paused_at timestamptz,
  paused_until timestamptz,
  -- Since when the planned times are these. Intervals are counted from it unless there is a start.
  planned_since timestamptz not null,
  -- The next planned time, and when its run starts.
  next_planned_at timestamptz,
  next_run_at timestamptz,
  -- When a worker must look at the schedule: for the next run, or for one that waits.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  attempts integer not null default 0,
  attempted_at timestamptz,
  constraint schedules_pkey primary key (tenant_id, id),
  constraint schedules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint schedules_timing_check check (num_nonnulls(cron, every_seconds, run_at) = 1),
  constraint schedules_environment_check check (environment in ('DEV', 'STAGING', 'PROD')),
  constraint schedules_missed_runs_check check (missed_runs in ('SKIP', 'RUN_ONCE', 'RUN_ALL')),
  constraint schedules_overlap_check check (overlap in ('ALLOW', 'SKIP', 'QUEUE', 'CANCEL_OLD')),
  constraint schedules_status_check check (status in ('ACTIVE', 'PAUSED', 'ENDED')),
  constraint schedules_paused_check check ((status = 'PAUSED') = (paused_at is not null))
);
create index schedules_by_name on workflows.schedules (tenant_id, name, id);
create index schedules_due on workflows.schedules (due_at, tenant_id) where due_at is not null;
create index schedules_due_in_tenant on workflows.schedules (tenant_id, due_at, id) where due_at is not null;
call app.protect('workflows.schedules');

create table workflows.schedule_runs (
  tenant_id uuid not null,
  id uuid not null,
  schedule_id uuid not null,
  planned_at timestamptz not null,
  kind text not null,
  -- STARTED: its instance says what became of it.
  status text not null,
  instance_id uuid,
  code text,
  message text,
  -- Of a manual or backfilled run.
  requested_by uuid,
  created_at timestamptz not null,
  started_at timestamptz,
  -- Its instance has not ended, as far as a worker has seen.
  is_open boolean not null default false,
  constraint schedule_runs_pkey primary key (tenant_id, id),
  constraint schedule_runs_planned_key unique (tenant_id, schedule_id, planned_at),
  constraint schedule_runs_schedule_fkey foreign key (tenant_id, schedule_id) references workflows.schedules (tenant_id, id) on delete cascade,
  constraint schedule_runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint schedule_runs_kind_check check (kind in ('SCHEDULED', 'MANUAL', 'BACKFILL')),
  constraint schedule_runs_status_check check (status in ('QUEUED', 'STARTED', 'FAILED', 'SKIPPED', 'MISSED')),
  constraint schedule_runs_started_check check ((status = 'STARTED') = (instance_id is not null)),
  constraint schedule_runs_started_at_check check ((status = 'STARTED') = (started_at is not null))
);
create index schedule_runs_by_instance on workflows.schedule_runs (tenant_id, instance_id) where instance_id is not null;
create index schedule_runs_open on workflows.schedule_runs (tenant_id, schedule_id, planned_at, id) where is_open;
create index schedule_runs_queued on workflows.schedule_runs (tenant_id, schedule_id, planned_at, id) where status = 'QUEUED';
call app.protect('workflows.schedule_runs');

-- Triggers: what happens when an event is written, and what they did.
create table workflows.triggers (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  event_type text not null,
  event_name text,
  -- CEL; empty: every event of the type.
  condition text not null default '',
  action text not null,
  definition_key text,
  data jsonb,
  correlation_key text,
  transition text,
  input jsonb,
  correlation text,
  correlation_field text,
  correlation_value text,
  max_matches integer not null default 10,
  on_no_match text not null default 'IGNORE',
  is_active boolean not null default true,
  stop_reason text,
  -- A trigger considers only events that are numbered after it was activated.
  after_position bigint not null default 0,
  -- With whose rights it acts.
  user_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint triggers_pkey primary key (tenant_id, id),
  constraint triggers_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint triggers_action_check check (action in ('START', 'FIRE')),
  constraint triggers_start_check check ((action = 'FIRE' and on_no_match = 'IGNORE') or definition_key is not null),
  constraint triggers_fire_check check ((action = 'FIRE') = (transition is not null and correlation is not null)),
  constraint triggers_correlation_check check (correlation in ('SUBJECT', 'FIELD')),
  constraint triggers_field_check check ((correlation is not distinct from 'FIELD') = (correlation_field is not null and correlation_value is not null)),
  constraint triggers_matches_check check (max_matches between 1 and 100),
  constraint triggers_no_match_check check (on_no_match in ('IGNORE', 'START')),
  constraint triggers_reason_check check (stop_reason is null or (stop_reason = 'LOOP' and not is_active))
);
create index triggers_by_type on workflows.triggers (tenant_id, event_type, id) where is_active;
create index triggers_by_age on workflows.triggers (tenant_id, created_at, id);
call app.protect('workflows.triggers');

create table workflows.trigger_runs (
  tenant_id uuid not null,
  id uuid not null,
  trigger_id uuid not null,
  event_id uuid not null,
  event_type text not null,
  outcome text not null,
  message text,
  correlation_key text,
  instance_id uuid,
  instances jsonb not null default '[]',
  attempts integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint trigger_runs_pkey primary key (tenant_id, id),
  -- The same event twice has one effect.
  constraint trigger_runs_event_key unique (tenant_id, trigger_id, event_id),
  constraint trigger_runs_trigger_fkey foreign key (tenant_id, trigger_id) references workflows.triggers (tenant_id, id) on delete cascade,
  constraint trigger_runs_outcome_check check (outcome in ('STARTED', 'FIRED', 'IGNORED', 'REJECTED', 'FAILED', 'DUPLICATE'))
);
create index trigger_runs_by_age on workflows.trigger_runs (tenant_id, created_at, id);
create index trigger_runs_by_event on workflows.trigger_runs (tenant_id, event_id);
-- Is there an instance with this key already?
create index trigger_runs_by_key on workflows.trigger_runs (tenant_id, trigger_id, correlation_key, id)
  where outcome = 'STARTED' and correlation_key is not null;
call app.protect('workflows.trigger_runs');

-- Calendars with which intervals were counted, by the hash of their content. They stay, so that every interval can be counted again.
create table workflows.sla_calendars (
  tenant_id uuid not null,
  key text not null,
  -- Time zone, working hours and holidays; null: elapsed time.
  calendar jsonb,
  created_at timestamptz not null,
  constraint sla_calendars_pkey primary key (tenant_id, key),
  constraint sla_calendars_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('workflows.sla_calendars');

-- The newest entry of each ledger, and the times that follow from it.
create table workflows.sla_clocks (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Only of a task's clock.
  task_id uuid,
  definition_key text not null,
  -- Key of the rule in the definition.
  rule text not null,
  title text not null,
  phase text not null,
  -- Why it is paused.
  paused_for text,
  is_paused_by_hand boolean not null default false,
  -- Which target applies.
  basis text not null,
  calendar_key text not null,
  target_seconds integer not null,
  warn_seconds integer[] not null,
  -- Working seconds consumed before the newest entry.
  consumed_seconds integer not null,
  entered_at timestamptz not null,
  started_at timestamptz not null,
  -- When the target is reached, or was; null while it is paused before it.
  due_at timestamptz,
  -- When the first warning is reached, or was.
  warn_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz,
  -- The last warning that was announced, in consumed seconds, and whether the breach was.
  told_seconds integer not null default 0,
  is_breach_told boolean not null default false,
  -- When the next warning or the breach is announced.
  next_at timestamptz,
  -- Number of entries.
  entries integer not null,
  constraint sla_clocks_pkey primary key (tenant_id, id),
  constraint sla_clocks_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint sla_clocks_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint sla_clocks_calendar_fkey foreign key (tenant_id, calendar_key) references workflows.sla_calendars (tenant_id, key),
  constraint sla_clocks_phase_check check (phase in ('RUN', 'PAUSE', 'MET', 'MISSED', 'CANCELLED')),
  constraint sla_clocks_ended_check check ((ended_at is null) = (phase in ('RUN', 'PAUSE'))),
  constraint sla_clocks_paused_check check ((paused_for is not null) = (phase = 'PAUSE'))
);
create unique index sla_clocks_open_key on workflows.sla_clocks (tenant_id, instance_id, rule, coalesce(task_id, instance_id)) where ended_at is null;
create index sla_clocks_by_instance on workflows.sla_clocks (tenant_id, instance_id, started_at, id);
create index sla_clocks_by_task on workflows.sla_clocks (tenant_id, task_id) where task_id is not null;
create index sla_clocks_next on workflows.sla_clocks (next_at, tenant_id) where next_at is not null;
create index sla_clocks_due on workflows.sla_clocks (tenant_id, due_at, id) where ended_at is null;
create index sla_clocks_by_start on workflows.sla_clocks (tenant_id, started_at, id);
create index sla_clocks_breached on workflows.sla_clocks (tenant_id, breached_at, id) where breached_at is not null;
create index sla_clocks_by_calendar on workflows.sla_clocks (tenant_id, calendar_key) where ended_at is null;
create index sla_clocks_ended on workflows.sla_clocks (tenant_id, ended_at, id) where ended_at is not null;
-- Clocks in a rare status.
create index sla_clocks_paused on workflows.sla_clocks (tenant_id, instance_id) where phase = 'PAUSE' and ended_at is null;
create index sla_clocks_warned on workflows.sla_clocks (tenant_id, warn_at, id) where ended_at is null;
create index sla_clocks_breached_by_instance on workflows.sla_clocks (tenant_id, instance_id, breached_at) where breached_at is not null;
call app.protect('workflows.sla_clocks', vendor_sees => 'app.vendor_sees(instance_id)');

-- Targets that administrators change without a new version of a definition, and the recomputation of open clocks after such a change.
create table workflows.sla_policies (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  -- Policies with lower positions are tried first.
  position integer not null,
  -- Null: every definition.
  definition_key text,
  -- Key of the rule in the definition; null: every rule.
  sla text,
  -- CEL; empty: all work.
  condition text not null default '',
  target text not null,
  -- Null: those of the definition.
  warnings text[],
  -- Null: that of the definition.
  calendar text,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  request_type text,
  constraint sla_policies_pkey primary key (tenant_id, id),
  constraint sla_policies_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint sla_policies_sla_check check (sla is null or definition_key is not null)
);
create unique index sla_policies_key on workflows.sla_policies (tenant_id, key) where deleted_at is null;
create index sla_policies_by_position on workflows.sla_policies (tenant_id, position, id) where deleted_at is null;
call app.protect('workflows.sla_policies');

create table workflows.sla_recomputations (
  tenant_id uuid not null,
  id uuid not null,
  cause text not null,
  -- Only of a policy's change.
  policy_id uuid,
  -- Only clocks of this definition; null: all clocks.
  definition_key text,
  message text,
  requested_by uuid,
  -- Transactions that were running when it began may have read the earlier terms. Clocks are read after these have ended: those with a lower
  -- number.
  waits_for bigint,
  -- Open clocks when it began, and those that have been examined.
  total integer,
  examined integer not null default 0,
  -- Clocks are examined by instance. All up to this one have been.
  last_instance_id uuid,
  created_at timestamptz not null,
  completed_at timestamptz,
  -- The team whose calendars have changed; null: all clocks.
  team_id uuid,
  constraint sla_recomputations_pkey primary key (tenant_id, id),
  constraint sla_recomputations_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint sla_recomputations_policy_fkey foreign key (tenant_id, policy_id) references workflows.sla_policies (tenant_id, id),
  constraint sla_recomputations_cause_check check (cause in ('POLICY_CHANGE', 'CALENDAR_CHANGE')),
  constraint sla_recomputations_completed_check check (completed_at is null or total is not null)
);
create index sla_recomputations_open on workflows.sla_recomputations (tenant_id, created_at, id) where completed_at is null;
create index sla_recomputations_by_age on workflows.sla_recomputations (tenant_id, created_at, id);
call app.protect('workflows.sla_recomputations');

-- Entries. Each begins an interval, which ends where the next one begins.
create table workflows.sla_intervals (
  tenant_id uuid not null,
  clock_id uuid not null,
  position integer not null,
  instance_id uuid not null,
  phase text not null,
  cause text not null,
  from_at timestamptz not null,
  -- Working seconds consumed before it.
  consumed_seconds integer not null,
  target_seconds integer not null,
  warn_seconds integer[] not null,
  calendar_key text not null,
  actor_id uuid,
  reason text,
  -- The recomputation that wrote the entry.
  recomputation_id uuid,
  constraint sla_intervals_pkey primary key (tenant_id, clock_id, position),
  constraint sla_intervals_clock_fkey foreign key (tenant_id, clock_id) references workflows.sla_clocks (tenant_id, id),
  constraint sla_intervals_calendar_fkey foreign key (tenant_id, calendar_key) references workflows.sla_calendars (tenant_id, key),
  constraint sla_intervals_recomputation_fkey foreign key (tenant_id, recomputation_id) references workflows.sla_recomputations (tenant_id, id),
  constraint sla_intervals_phase_check check (phase in ('RUN', 'PAUSE', 'MET', 'MISSED', 'CANCELLED'))
);
create index sla_intervals_by_recomputation on workflows.sla_intervals (tenant_id, recomputation_id, clock_id) where recomputation_id is not null;
create index sla_intervals_by_instance on workflows.sla_intervals (tenant_id, instance_id, from_at);
call app.protect('workflows.sla_intervals', vendor_sees => 'app.vendor_sees(instance_id)');

create table workflows.sla_policy_versions (
  tenant_id uuid not null,
  policy_id uuid not null,
  version integer not null,
  -- Null: the policy was deleted.
  terms jsonb,
  message text,
  author_id uuid not null,
  created_at timestamptz not null,
  constraint sla_policy_versions_pkey primary key (tenant_id, policy_id, version),
  constraint sla_policy_versions_policy_fkey foreign key (tenant_id, policy_id) references workflows.sla_policies (tenant_id, id)
);
call app.protect('workflows.sla_policy_versions');

-- Escalations: chains that have begun, and what their levels did.
create table workflows.escalation_runs (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  -- Name of the escalation in the definition.
  chain text not null,
  title text not null,
  anchor text not null,
  -- The task from which it counts, or that its clock measures.
  task_id uuid,
  clock_id uuid,
  -- When the state was entered, the task opened, or the clock started.
  anchored_at timestamptz not null,
  -- Position of the next level, from 0.
  next_level integer not null default 0,
  -- How many escalations before it were due as soon as another one had begun them.
  depth integer not null default 0,
  started_at timestamptz not null,
  -- When what it counts from ended.
  ended_at timestamptz,
  end_reason text,
  constraint escalation_runs_pkey primary key (tenant_id, id),
  constraint escalation_runs_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint escalation_runs_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint escalation_runs_clock_fkey foreign key (tenant_id, clock_id) references workflows.sla_clocks (tenant_id, id),
  constraint escalation_runs_anchor_check check (anchor in ('STATE', 'TASK', 'SLA') and (anchor = 'SLA') = (clock_id is not null) and (anchor <> 'TASK' or task_id is not null)),
  constraint escalation_runs_level_check check (next_level between 0 and 10),
  constraint escalation_runs_ended_check check ((ended_at is null) = (end_reason is null))
);
create unique index escalation_runs_open_key on workflows.escalation_runs (tenant_id, instance_id, chain, coalesce(clock_id, task_id, instance_id)) where ended_at is null;
create index escalation_runs_by_instance on workflows.escalation_runs (tenant_id, instance_id, started_at, id);
create index escalation_runs_by_clock on workflows.escalation_runs (tenant_id, clock_id) where clock_id is not null;
create index escalation_runs_by_task on workflows.escalation_runs (tenant_id, task_id) where task_id is not null;
call app.protect('workflows.escalation_runs', vendor_sees => 'app.vendor_sees(instance_id)');

create table workflows.escalations (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  instance_id uuid not null,
  definition_key text not null,
  chain text not null,
  title text not null,
  -- Number of the level, from 1.
  level integer not null,
  anchor text not null,
  task_id uuid,
  due_at timestamptz not null,
  occurred_at timestamptz not null,
  outcome text not null,
  -- Why it was skipped, or failed.
  reason text,
  -- What each action did.
  actions jsonb not null default '[]',
  started_instance_id uuid,
  constraint escalations_pkey primary key (tenant_id, id),
  -- A level occurs once.
  constraint escalations_level_key unique (tenant_id, run_id, level),
  constraint escalations_run_fkey foreign key (tenant_id, run_id) references workflows.escalation_runs (tenant_id, id),
  constraint escalations_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint escalations_outcome_check check (outcome in ('DONE', 'SKIPPED', 'FAILED') and (outcome = 'DONE' or reason is not null)),
  constraint escalations_due_check check (occurred_at >= due_at)
);
create index escalations_by_time on workflows.escalations (tenant_id, occurred_at, id);
create index escalations_by_instance on workflows.escalations (tenant_id, instance_id, occurred_at, id);
call app.protect('workflows.escalations', vendor_sees => 'app.vendor_sees(instance_id)');

-- Internal comments on an instance. They are not part of its history, because the history's versions have no gaps: a vendor could count what it
-- cannot read.
create table workflows.internal_comments (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  -- Version and state of the instance at that time.
  version integer not null,
  state text not null,
  author_id uuid not null,
  on_behalf_of uuid,
  text text not null,
  created_at timestamptz not null,
  constraint internal_comments_pkey primary key (tenant_id, id),
  constraint internal_comments_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint internal_comments_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id)
);
create index internal_comments_by_instance on workflows.internal_comments (tenant_id, instance_id, id);
create index internal_comments_by_time on workflows.internal_comments (tenant_id, instance_id, created_at);
call app.protect('workflows.internal_comments');

-- Replays: triggers act on past events, in the background.
create table workflows.trigger_replays (
  tenant_id uuid not null,
  id uuid not null,
  trigger_id uuid not null,
  -- A trigger that was changed is another one: its replay ends.
  trigger_version integer not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  -- Events after the start and up to the end are examined. The position is that of the last examined one.
  start_position bigint not null,
  end_position bigint not null,
  position bigint not null,
  reached_at timestamptz,
  examined_count integer not null default 0,
  run_count integer not null default 0,
  failed_count integer not null default 0,
  failures_in_row integer not null default 0,
  status text not null default 'RUNNING',
  stop_reason text,
  created_by uuid not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  constraint trigger_replays_pkey primary key (tenant_id, id),
  constraint trigger_replays_trigger_fkey foreign key (tenant_id, trigger_id) references workflows.triggers (tenant_id, id) on delete cascade,
  constraint trigger_replays_status_check check (status in ('RUNNING', 'COMPLETED', 'LIMIT_REACHED', 'STOPPED')),
  constraint trigger_replays_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint trigger_replays_reason_check check (
    (status = 'STOPPED') = (stop_reason is not null)
    and stop_reason in ('TRIGGER_INACTIVE', 'TRIGGER_CHANGED', 'RUNS_FAILED', 'INTERNAL_ERROR')
  ),
  constraint trigger_replays_period_check check (from_at <= to_at),
  constraint trigger_replays_position_check check (start_position <= position),
  constraint trigger_replays_counts_check check (failed_count <= run_count and run_count <= examined_count)
);
create unique index trigger_replays_running_key on workflows.trigger_replays (tenant_id, trigger_id) where status = 'RUNNING';
create index trigger_replays_by_trigger on workflows.trigger_replays (tenant_id, trigger_id, created_at, id);
call app.protect('workflows.trigger_replays');

create table workflows.run_steps (
  tenant_id uuid not null,
  run_id uuid not null,
  -- ID of the step in the definition, with the index of the item in brackets.
  step text not null,
  id uuid not null,
  status text not null,
  attempt integer not null default 0,
  failures integer not null default 0,
  lost integer not null default 0,
  outputs jsonb,
  error jsonb,
  not_before timestamptz,
  is_fallback boolean not null default false,
  is_parked boolean not null default false,
  ended integer,
  item jsonb,
  compensation text,
  compensation_attempt integer not null default 0,
  -- When a worker must look at it: READY: it can begin; RUNNING: its lease is over; WAITING: its time has come.
  due_at timestamptz,
  lease_token uuid,
  started_at timestamptz,
  finished_at timestamptz,
  attempt_started_at timestamptz,
  -- Of the current attempt.
  usage jsonb,
  -- Steps of the tenant with the same queue share its limit.
  queue text,
  queue_limit integer,
  -- -1: low, 0: normal, 1: high.
  priority smallint not null default 0,
  constraint run_steps_pkey primary key (tenant_id, run_id, step),
  constraint run_steps_id_key unique (tenant_id, id),
  constraint run_steps_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint run_steps_compensation_check check (compensation in ('PENDING', 'READY', 'RUNNING', 'SUCCEEDED', 'FAILED')),
  constraint run_steps_queue_check check ((queue is null) = (queue_limit is null)),
  constraint run_steps_status_check check (status in ('PENDING', 'READY', 'RUNNING', 'WAITING', 'SUCCEEDED', 'FAILED', 'SKIPPED', 'CANCELLED'))
);
create index run_steps_due_by_tenant on workflows.run_steps (tenant_id, due_at) where due_at is not null;
create index run_steps_by_priority on workflows.run_steps (tenant_id, priority, due_at) where due_at is not null;
create index run_steps_in_queue on workflows.run_steps (tenant_id, queue) where queue is not null and lease_token is not null;
create index run_steps_by_queue on workflows.run_steps (tenant_id, queue, run_id) where queue is not null;
create index run_steps_prioritized on workflows.run_steps (tenant_id, priority, run_id) where priority <> 0;
call app.protect('workflows.run_steps');

-- What attempts of steps wait for. A row lives as long as the step waits.
create table workflows.step_waits (
  tenant_id uuid not null,
  run_id uuid not null,
  step text not null,
  attempt integer not null,
  is_compensation boolean not null,
  -- Type of the event, or the name under which a workflow emits it. Null: it waits only for a time.
  event text,
  -- What the event must have: `payload`: values of its payload; `subject`: what it is about, if that matters.
  conditions jsonb,
  -- Payload of the event that has occurred.
  payload jsonb,
  -- When the step stops waiting, by the tenant's clock.
  wait_until timestamptz,
  constraint step_waits_pkey primary key (tenant_id, run_id, step),
  constraint step_waits_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint step_waits_event_check check ((event is null) = (conditions is null))
);
create index step_waits_by_event on workflows.step_waits (tenant_id, event) where event is not null;
create index step_waits_until on workflows.step_waits (wait_until) where wait_until is not null;
create index step_waits_until_by_tenant on workflows.step_waits (tenant_id, wait_until) where wait_until is not null;
call app.protect('workflows.step_waits');

-- Operations of this API that steps ask a gateway to run. A row lives until its step has read the result.
create table workflows.step_operations (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  step text not null,
  -- Of the attempt that asks. Without it, nobody waits for the operation.
  lease_token uuid not null,
  -- The owner of the instance, with whose rights it runs. Null: there is none.
  user_id uuid,
  query text not null,
  variables jsonb not null,
  idempotency_key text not null,
  -- Until then, a gateway is at it. Null: none has claimed it.
  claimed_until timestamptz,
  result jsonb,
  created_at timestamptz not null default now(),
  -- The authors of the agent that asks, and of those that have asked it, and what it was given. Null: the step itself asks.
  author_ids uuid[],
  permissions text[],
  constraint step_operations_pkey primary key (tenant_id, id),
  constraint step_operations_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint step_operations_author_check check ((author_ids is null) = (permissions is null))
);
create index step_operations_by_age on workflows.step_operations (tenant_id, created_at);
create index step_operations_by_run on workflows.step_operations (tenant_id, run_id);
call app.protect('workflows.step_operations');

-- What the steps of runs can use: secrets of tenants, secret inputs of runs, and security profiles.
create table workflows.secrets (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null,
  -- Encrypted with the tenant's key.
  value text not null,
  -- Hosts that steps can send it to. Null: all that the security profile allows.
  domains text[],
  value_changed_at timestamptz not null default now(),
  last_used_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint secrets_pkey primary key (tenant_id, id),
  constraint secrets_name_key unique (tenant_id, name)
);
call app.protect('workflows.secrets');

create table workflows.security_profiles (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null,
  -- What it narrows. Omitted members narrow nothing.
  rules jsonb not null,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint security_profiles_pkey primary key (tenant_id, id),
  constraint security_profiles_key_key unique (tenant_id, key)
);
call app.protect('workflows.security_profiles');

-- Attempts that another one follows. The last attempt of a step is its row.
create table workflows.run_attempts (
  tenant_id uuid not null,
  run_id uuid not null,
  step text not null,
  is_compensation boolean not null,
  attempt integer not null,
  status text not null,
  error jsonb,
  usage jsonb,
  started_at timestamptz,
  finished_at timestamptz not null,
  constraint run_attempts_pkey primary key (tenant_id, run_id, step, is_compensation, attempt),
  constraint run_attempts_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint run_attempts_status_check check (status in ('FAILED', 'LOST'))
);
call app.protect('workflows.run_attempts');

create table workflows.run_logs (
  tenant_id uuid not null,
  run_id uuid not null,
  -- 1 to n without a gap, in the order of their commits.
  line integer not null,
  id uuid not null,
  step text not null,
  attempt integer not null,
  stream text not null,
  text text not null,
  at timestamptz not null,
  constraint run_logs_pkey primary key (tenant_id, run_id, line),
  constraint run_logs_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint run_logs_stream_check check (stream in ('stdout', 'stderr', 'system'))
);
create index run_logs_by_step on workflows.run_logs (tenant_id, run_id, step, line);
call app.protect('workflows.run_logs');

-- Agents: language models that do steps of runs, their providers, and every call of a model or tool.
create table workflows.model_providers (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  kind text not null,
  base_url text not null,
  -- Name of the secret that contains its API key. Null: none is sent.
  secret text,
  -- By model: millionths of a US dollar for a million tokens.
  prices jsonb not null default '{}',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint model_providers_pkey primary key (tenant_id, id),
  constraint model_providers_key_key unique (tenant_id, key),
  constraint model_providers_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint model_providers_kind_check check (kind in ('OPENAI_COMPATIBLE', 'ANTHROPIC'))
);
call app.protect('workflows.model_providers');

create table workflows.agents (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  provider_id uuid not null,
  model text not null,
  instructions text not null,
  output_schema jsonb,
  tools jsonb not null default '[]',
  limits jsonb not null,
  status text not null default 'ACTIVE',
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- What its tools can use of the API. Empty: nothing.
  permissions text[] not null default '{}',
  -- The user who last changed what it does.
  author_id uuid not null,
  constraint agents_pkey primary key (tenant_id, id),
  constraint agents_key_key unique (tenant_id, key),
  constraint agents_provider_fkey foreign key (tenant_id, provider_id) references workflows.model_providers (tenant_id, id),
  constraint agents_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint agents_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id),
  constraint agents_status_check check (status in ('ACTIVE', 'INACTIVE'))
);
create index agents_by_provider on workflows.agents (tenant_id, provider_id);
call app.protect('workflows.agents');

-- The work of an agent for a step, or for a tool call of another agent.
create table workflows.agent_sessions (
  tenant_id uuid not null,
  id uuid not null,
  run_id uuid not null,
  -- ID of the step in the run, and whether the agent undoes it.
  step text not null,
  is_compensation boolean not null,
  -- The tool call that it answers.
  parent_id uuid,
  depth integer not null,
  definition_id uuid not null,
  agent_id uuid not null,
  agent_key text not null,
  agent_version integer not null,
  -- The agent and its provider as they were when the work began.
  agent jsonb not null,
  prompt text not null,
  -- What the usage of the run contains of the step. Of the sessions without a parent only.
  counted jsonb not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  constraint agent_sessions_pkey primary key (tenant_id, id),
  constraint agent_sessions_work_key unique nulls not distinct (tenant_id, run_id, step, is_compensation, parent_id),
  constraint agent_sessions_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade
);
call app.protect('workflows.agent_sessions');

create table workflows.agent_calls (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  -- From 1.
  turn integer not null,
  status text not null default 'BEGUN',
  agent_id uuid not null,
  model text not null,
  -- SHA-256 of the request.
  request_hash text not null,
  response jsonb,
  tokens_in integer,
  tokens_out integer,
  -- Whether the provider did not say how many tokens there were.
  is_estimated boolean not null default false,
  -- Millionths of a US dollar. Null: the price is unknown.
  cost_micros bigint,
  -- What it can cost at most.
  reserved_micros bigint,
  error jsonb,
  duration_ms integer,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint agent_calls_pkey primary key (tenant_id, id),
  constraint agent_calls_session_fkey foreign key (tenant_id, session_id) references workflows.agent_sessions (tenant_id, id) on delete cascade,
  constraint agent_calls_status_check check (status in ('BEGUN', 'ANSWERED', 'FAILED', 'LOST'))
);
-- A turn is being asked, or was answered, once.
create unique index agent_calls_turn_key on workflows.agent_calls (tenant_id, session_id, turn) where status in ('BEGUN', 'ANSWERED');
create index agent_calls_by_session on workflows.agent_calls (tenant_id, session_id, turn);
create index agent_calls_by_time on workflows.agent_calls (tenant_id, started_at) include (cost_micros);
call app.protect('workflows.agent_calls');

create table workflows.agent_tool_calls (
  tenant_id uuid not null,
  id uuid not null,
  session_id uuid not null,
  call_id uuid not null,
  -- Order in the answer of the model.
  position integer not null,
  -- ID that the model gave it.
  model_call_id text not null,
  tool text not null,
  arguments jsonb not null,
  status text not null,
  -- Roles whose users decide whether it is done. Empty: nobody has to.
  approval_roles text[] not null default '{}',
  -- Until when somebody can decide.
  expires_at timestamptz,
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  result jsonb,
  duration_ms integer,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint agent_tool_calls_pkey primary key (tenant_id, id),
  constraint agent_tool_calls_call_fkey foreign key (tenant_id, call_id) references workflows.agent_calls (tenant_id, id) on delete cascade,
  constraint agent_tool_calls_decider_fkey foreign key (tenant_id, decided_by) references identity.users (tenant_id, id),
  constraint agent_tool_calls_status_check check (status in ('PENDING', 'AWAITING_APPROVAL', 'APPROVED', 'REFUSED', 'SUCCEEDED', 'FAILED'))
);
create index agent_tool_calls_by_call on workflows.agent_tool_calls (tenant_id, call_id, position);
create index agent_tool_calls_by_session on workflows.agent_tool_calls (tenant_id, session_id);
create index agent_tool_calls_awaiting on workflows.agent_tool_calls (tenant_id, id) where status = 'AWAITING_APPROVAL';
call app.protect('workflows.agent_tool_calls');

-- Definitions that tenants share with other tenants. Each of the two tenants has a row with the same ID, so row-level security stays as it is. The
-- row of the owner decides; it is locked before the other one.
create table workflows.definition_shares (
  tenant_id uuid not null,
  id uuid not null,
  -- Which of the two tenants the row belongs to.
  side text not null,
  -- The tenant on the other side. Null: the offer was made to a slug that no tenant has. It is never shown.
  partner_id uuid,
  partner_slug text not null,
  -- Null: the recipient has not accepted yet.
  partner_name text,
  definition_key text not null,
  definition_name text not null,
  mode text not null,
  status text not null default 'OFFERED',
  message text not null default '',
  max_starts_per_hour integer,
  expires_at timestamptz not null,
  -- The user of the owner with whose rights the definition is started. It is never shown to the recipient.
  sponsor_id uuid not null,
  -- Users of the row's tenant. Null: a user of the other one did it.
  answered_by uuid,
  answered_at timestamptz,
  revoked_by uuid,
  revoked_at timestamptz,
  -- When a refused start was last recorded, in the owner's row only.
  refused_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  -- Null: no limit of its own.
  max_open_runs integer,
  constraint definition_shares_pkey primary key (tenant_id, id),
  constraint definition_shares_side_check check (side in ('OWNER', 'RECIPIENT')),
  constraint definition_shares_mode_check check (mode in ('COPY', 'START')),
  constraint definition_shares_status_check check (status in ('OFFERED', 'ACCEPTED', 'DECLINED', 'REVOKED', 'EXPIRED')),
  constraint definition_shares_limit_check check (mode = 'START' or (max_starts_per_hour is null and max_open_runs is null))
);
-- A definition is shared with a tenant once in each mode.
create unique index definition_shares_open_key on workflows.definition_shares (tenant_id, definition_key, partner_slug, mode)
  where side = 'OWNER' and status in ('OFFERED', 'ACCEPTED');
create index definition_shares_by_time on workflows.definition_shares (tenant_id, created_at, id);
create index definition_shares_by_partner on workflows.definition_shares (partner_id);
call app.protect('workflows.definition_shares');

-- Every use of a share, in both tenants with the same ID.
create table workflows.definition_share_uses (
  tenant_id uuid not null,
  id uuid not null,
  share_id uuid not null,
  side text not null,
  mode text not null,
  partner_name text not null,
  -- The recipient's user, in the recipient's row only.
  used_by uuid,
  -- What was started, in the owner's row only.
  instance_id uuid,
  -- The draft, in the recipient's row only.
  definition_id uuid,
  -- Number of the owner's version.
  definition_number integer not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Whether what was started may still be open, in the owner's row only. False is final. What has ended is found when the limit seems to be
  -- reached.
  is_open boolean not null default false,
  constraint definition_share_uses_pkey primary key (tenant_id, id),
  constraint definition_share_uses_share_fkey foreign key (tenant_id, share_id) references workflows.definition_shares (tenant_id, id) on delete cascade,
  constraint definition_share_uses_side_check check (side in ('OWNER', 'RECIPIENT')),
  constraint definition_share_uses_mode_check check (mode in ('COPY', 'START'))
);
create index definition_share_uses_by_share on workflows.definition_share_uses (tenant_id, share_id, created_at);
create index definition_share_uses_by_time on workflows.definition_share_uses (tenant_id, created_at, id) where side = 'RECIPIENT' and mode = 'START';
create index definition_share_uses_by_instance on workflows.definition_share_uses (tenant_id, instance_id) where instance_id is not null;
create index definition_share_uses_by_definition on workflows.definition_share_uses (tenant_id, definition_id) where definition_id is not null;
create index definition_share_uses_open on workflows.definition_share_uses (tenant_id, share_id, id) where is_open;
-- Of the oldest ones, which are deleted.
create index definition_share_uses_of_owner on workflows.definition_share_uses (tenant_id, created_at, id) where side = 'OWNER';
call app.protect('workflows.definition_share_uses');

-- The words of the inputs of a run, and of the errors that it has failed with.
create table workflows.run_words (
  tenant_id uuid not null,
  run_id uuid not null,
  word text collate "C" not null,
  constraint run_words_pkey primary key (tenant_id, run_id, word),
  constraint run_words_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint run_words_word_check check (length(word) between 1 and 64)
);
create index run_words_by_word on workflows.run_words (tenant_id, word, run_id);
call app.protect('workflows.run_words');

-- Columns are appended. `closed_at`: when the work ended, whether it can be reopened or not.
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at, parent_id, created_at,
         subject_type, subject_id, coalesce(closed_at, finished_at) as closed_at
    from workflows.instances;

-- Exported view: clocks of instances, as lists of other subgraphs filter by them. Its columns are those of the table, so conditions can use its
-- indexes.
create view workflows.sla_heads with (security_invoker = true) as
  select tenant_id, id, instance_id, regexp_replace(rule, '^task:', '') as name, phase, warn_at, due_at, ended_at from workflows.sla_clocks;

-- Exported view: when the next target of an instance is reached, by its running clocks. Instances without a running clock have no row. It is read
-- in the order of sla_clocks_due: the first clocks are found without looking at the others.
create view workflows.sla_next with (security_invoker = true) as
  select k.tenant_id, k.instance_id, k.due_at from workflows.sla_clocks k
   where k.ended_at is null and k.phase = 'RUN' and k.due_at is not null
     and not exists (
       select from workflows.sla_clocks o
        where o.tenant_id = k.tenant_id and o.instance_id = k.instance_id and o.ended_at is null and o.phase = 'RUN'
          and (o.due_at < k.due_at or o.due_at = k.due_at and o.id < k.id)
        -- Keeps a look-up per clock: a join without statistics would compare every clock with every other one.
        offset 0);

-- Schema requests: requests, buildings, assets, maintenance.

-- Specifies a definition (by key: the newest published version at the start), and the data properties that a form shows, in order.
create table requests.request_types (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null default '',
  definition_key text not null,
  number_prefix text not null,
  submit_transition text not null,
  cancel_transition text not null,
  fields jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Routing rules that choose the assignee when a request is submitted. Null if no assignee is chosen.
  route text,
  -- Transitions that `closeRequest` and `reopenRequest` fire. Null if these mutations cannot be used for requests of the type.
  close_transition text,
  reopen_transition text,
  status text not null default 'ACTIVE',
  icon text,
  position integer not null default 0,
  -- Keys of roles and IDs of teams whose members can use the type; both empty: everybody who can create requests.
  role_keys text[] not null default '{}',
  team_ids uuid[] not null default '{}',
  -- <prefix>-<number>, or <prefix>-<year>-<number> with numbers that begin with 1 each year.
  is_numbered_by_year boolean not null default false,
  number_digits smallint not null default 1,
  default_priority smallint not null default 1,
  watcher_role_keys text[] not null default '{}',
  watcher_team_ids uuid[] not null default '{}',
  watcher_user_ids uuid[] not null default '{}',
  constraint request_types_pkey primary key (tenant_id, id),
  constraint request_types_key_key unique (tenant_id, key),
  constraint request_types_number_prefix_key unique (tenant_id, number_prefix),
  constraint request_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint request_types_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint request_types_number_digits_check check (number_digits between 1 and 10),
  constraint request_types_default_priority_check check (default_priority between 0 and 3)
);
call app.protect('requests.request_types', vendor_sees => 'true', vendor_writes => 'false');

create table requests.buildings (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  address text not null default '',
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The version of the schema against which the values were validated; 0: there was none.
  fields jsonb not null default '{}',
  fields_version integer not null default 0,
  postal_code text not null default '',
  city text not null default '',
  region text not null default '',
  -- ISO 3166-1 alpha-2. Null if unknown.
  country text,
  -- In degrees (WGS 84).
  latitude double precision,
  longitude double precision,
  -- Null: the time zone of the organization.
  time_zone text,
  deleted_at timestamptz,
  constraint buildings_pkey primary key (tenant_id, id),
  constraint buildings_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint buildings_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint buildings_country_check check (country ~ '^[A-Z]{2}$'),
  constraint buildings_position_check check (
    (latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180)
);
create index buildings_by_age on requests.buildings (tenant_id, created_at, id);
create index buildings_by_name on requests.buildings (tenant_id, name, id);
create unique index buildings_code_key on requests.buildings (tenant_id, code) where deleted_at is null;
call app.protect('requests.buildings', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');

-- Asset types.
create table requests.asset_types (
  tenant_id uuid not null,
  id uuid not null,
  -- Never changes: assets refer to it.
  key text not null,
  name text not null,
  icon text,
  position integer not null default 0,
  status text not null default 'ACTIVE',
  has_unique_serial_numbers boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  lifecycle_definition_key text,
  -- State of the definition → status of the asset. Other states leave the status as it is.
  lifecycle_statuses jsonb not null default '{}',
  warranty_notice_days integer not null default 30,
  inspection_notice_days integer not null default 14,
  constraint asset_types_pkey primary key (tenant_id, id),
  constraint asset_types_key_key unique (tenant_id, key),
  -- Target of the foreign key of assets, which copies the column.
  constraint asset_types_serial_numbers_key unique (tenant_id, key, has_unique_serial_numbers),
  constraint asset_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint asset_types_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint asset_types_lifecycle_check check (lifecycle_definition_key is not null or lifecycle_statuses = '{}'),
  constraint asset_types_notice_check check (warranty_notice_days between 0 and 366 and inspection_notice_days between 0 and 366)
);
create index asset_types_by_age on requests.asset_types (tenant_id, created_at, id);
create index asset_types_by_name on requests.asset_types (tenant_id, name, id);
create index asset_types_by_position on requests.asset_types (tenant_id, position, id);
call app.protect('requests.asset_types', vendor_sees => 'true', vendor_writes => 'false');

-- Floors, rooms and areas of buildings, as a tree.
create table requests.spaces (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  -- The space around it. Null: directly in the building.
  parent_id uuid,
  kind text not null,
  code text not null,
  name text not null,
  -- Place among the spaces with the same parent.
  position integer not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint spaces_pkey primary key (tenant_id, id),
  constraint spaces_building_key unique (tenant_id, building_id, id),
  constraint spaces_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  -- In the same building.
  constraint spaces_parent_fkey foreign key (tenant_id, building_id, parent_id) references requests.spaces (tenant_id, building_id, id),
  constraint spaces_kind_check check (kind in ('FLOOR', 'ROOM', 'AREA')),
  constraint spaces_parent_check check (parent_id <> id)
);
create unique index spaces_code_key on requests.spaces (tenant_id, building_id, code) where deleted_at is null;
create index spaces_by_age on requests.spaces (tenant_id, created_at, id);
create index spaces_by_code on requests.spaces (tenant_id, code, id);
create index spaces_by_name on requests.spaces (tenant_id, name, id);
create index spaces_by_position on requests.spaces (tenant_id, building_id, parent_id, position, id);
call app.protect('requests.spaces', vendor_sees => 'app.vendor_sees(building_id)', vendor_writes => 'false');

create table requests.assets (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  tag text not null,
  name text not null,
  type text not null,
  status text not null default 'OPERATIONAL',
  installed_on date,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  fields jsonb not null default '{}',
  fields_version integer not null default 0,
  -- As in the type, by the foreign key.
  has_unique_serial_number boolean not null default false,
  serial_number text,
  manufacturer text,
  model text,
  owner_user_id uuid,
  owner_team_id uuid,
  owner_vendor_id uuid,
  custodian_id uuid,
  purchased_on date,
  purchase_cost numeric(18,2),
  purchase_currency text,
  warranty_until date,
  parent_id uuid,
  deleted_at timestamptz,
  deleted_by uuid,
  instance_id uuid,
  space_id uuid,
  inspection_due_on date,
  constraint assets_pkey primary key (tenant_id, id),
  constraint assets_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint assets_type_fkey foreign key (tenant_id, type, has_unique_serial_number)
    references requests.asset_types (tenant_id, key, has_unique_serial_numbers) on update cascade,
  constraint assets_owner_user_fkey foreign key (tenant_id, owner_user_id) references identity.users (tenant_id, id),
  constraint assets_owner_team_fkey foreign key (tenant_id, owner_team_id) references identity.teams (tenant_id, id),
  constraint assets_custodian_fkey foreign key (tenant_id, custodian_id) references identity.users (tenant_id, id),
  constraint assets_parent_fkey foreign key (tenant_id, parent_id) references requests.assets (tenant_id, id),
  constraint assets_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id),
  constraint assets_status_check check (status in ('OPERATIONAL', 'MAINTENANCE', 'OUT_OF_SERVICE', 'DECOMMISSIONED')),
  constraint assets_owner_check check (num_nonnulls(owner_user_id, owner_team_id, owner_vendor_id) <= 1),
  constraint assets_cost_check check ((purchase_cost is null) = (purchase_currency is null)),
  constraint assets_parent_check check (parent_id <> id),
  constraint assets_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index assets_by_age on requests.assets (tenant_id, created_at, id);
create index assets_by_name on requests.assets (tenant_id, name, id);
create index assets_by_building on requests.assets (tenant_id, building_id, created_at, id);
create index assets_by_type on requests.assets (tenant_id, type, created_at, id);
create unique index assets_tag_key on requests.assets (tenant_id, tag) where deleted_at is null;
create unique index assets_serial_number_key on requests.assets (tenant_id, type, serial_number) where has_unique_serial_number and deleted_at is null;
create index assets_by_serial_number on requests.assets (tenant_id, serial_number) where serial_number is not null;
create index assets_by_parent on requests.assets (tenant_id, parent_id, tag, id) where parent_id is not null;
create index assets_by_status on requests.assets (tenant_id, status, tag, id);
create index assets_by_change on requests.assets (tenant_id, updated_at, id);
create index assets_by_owner_user on requests.assets (tenant_id, owner_user_id) where owner_user_id is not null;
create index assets_by_owner_team on requests.assets (tenant_id, owner_team_id) where owner_team_id is not null;
create index assets_by_owner_vendor on requests.assets (tenant_id, owner_vendor_id) where owner_vendor_id is not null;
create index assets_by_custodian on requests.assets (tenant_id, custodian_id) where custodian_id is not null;
create index assets_by_warranty on requests.assets (tenant_id, warranty_until) where warranty_until is not null;
create index assets_by_deletion on requests.assets (tenant_id, deleted_at, id) where deleted_at is not null;
create index assets_by_manufacturer on requests.assets (tenant_id, manufacturer) where manufacturer is not null;
create index assets_by_model on requests.assets (tenant_id, model) where model is not null;
create index assets_by_installation on requests.assets (tenant_id, installed_on) where installed_on is not null;
create index assets_by_purchase on requests.assets (tenant_id, purchased_on) where purchased_on is not null;
create index assets_by_space on requests.assets (tenant_id, space_id, tag, id) where space_id is not null;
create index assets_by_inspection_due_on on requests.assets (tenant_id, inspection_due_on, id) where deleted_at is null and inspection_due_on is not null;
call app.protect('requests.assets', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');

-- Links with which everybody who has one can create requests about an asset, without a login.
create table requests.request_form_links (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  type_id uuid not null,
  note text,
  requests_per_hour smallint not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  request_count integer not null default 0,
  last_used_at timestamptz,
  -- The current hour, in true time, and the requests in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  -- Requests are created in the name of this user.
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint request_form_links_pkey primary key (tenant_id, id),
  constraint request_form_links_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint request_form_links_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint request_form_links_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint request_form_links_per_hour_check check (requests_per_hour between 1 and 1000)
);
create index request_form_links_by_time on requests.request_form_links (tenant_id, created_at, id);
create index request_form_links_by_asset on requests.request_form_links (tenant_id, asset_id, created_at, id);
-- Not for users of a vendor.
call app.protect('requests.request_form_links');

create table requests.requests (
  tenant_id uuid not null,
  id uuid not null,
  number text not null,
  type_id uuid not null,
  instance_id uuid not null,
  building_id uuid,
  asset_id uuid,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- `priority` follows from impact and urgency, unless a user has set it (`set_priority`).
  impact smallint,
  urgency smallint,
  set_priority smallint,
  priority smallint not null default 1,
  due_at timestamptz,
  tags text[] not null default '{}',
  -- `due_at` for sorting: `infinity` without a due date.
  due_order timestamptz not null generated always as (coalesce(due_at, 'infinity'::timestamptz)) stored,
  space_id uuid,
  -- The link with which the request was created.
  link_id uuid,
  is_deleted boolean not null default false,
  deleted_at timestamptz,
  deleted_by uuid,
  is_from_email boolean not null default false,
  constraint requests_pkey primary key (tenant_id, id),
  constraint requests_number_key unique (tenant_id, number),
  constraint requests_instance_key unique (tenant_id, instance_id),
  constraint requests_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint requests_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint requests_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint requests_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint requests_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint requests_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id),
  constraint requests_link_fkey foreign key (tenant_id, link_id) references requests.request_form_links (tenant_id, id),
  constraint requests_impact_check check (impact between 0 and 2),
  constraint requests_urgency_check check (urgency between 0 and 2),
  constraint requests_priority_check check (priority between 0 and 3 and set_priority between 0 and 3),
  constraint requests_tags_check check (cardinality(tags) <= 20),
  constraint requests_space_check check (space_id is null or building_id is not null),
  constraint requests_deleted_check check (num_nonnulls(deleted_at, deleted_by) = case when is_deleted then 2 else 0 end)
);
create index requests_by_age on requests.requests (tenant_id, created_at, id) include (is_deleted);
create index requests_by_type on requests.requests (tenant_id, type_id, created_at, id) include (is_deleted);
create index requests_by_creator on requests.requests (tenant_id, created_by, created_at, id) include (is_deleted);
create index requests_by_building on requests.requests (tenant_id, building_id, created_at, id) include (is_deleted) where building_id is not null;
create index requests_by_asset on requests.requests (tenant_id, asset_id, created_at, id) include (is_deleted) where asset_id is not null;
create index requests_by_space on requests.requests (tenant_id, space_id, created_at, id) include (is_deleted) where space_id is not null;
create index requests_by_priority on requests.requests (tenant_id, priority, created_at, id) include (is_deleted);
create index requests_by_impact on requests.requests (tenant_id, impact, created_at, id) include (is_deleted) where impact is not null;
create index requests_by_urgency on requests.requests (tenant_id, urgency, created_at, id) include (is_deleted) where urgency is not null;
create index requests_by_due on requests.requests (tenant_id, due_order, id) include (is_deleted);
create index requests_by_deletion on requests.requests (tenant_id, deleted_at, id) where is_deleted;
call app.protect('requests.requests', vendor_sees => 'app.vendor_sees(id)');

create table requests.request_type_versions (
  tenant_id uuid not null,
  type_id uuid not null,
  version integer not null,
  terms jsonb not null,
  message text,
  -- Null: the version is older than the history.
  author_id uuid,
  created_at timestamptz not null default now(),
  constraint request_type_versions_pkey primary key (tenant_id, type_id, version),
  constraint request_type_versions_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id)
);
call app.protect('requests.request_type_versions');

create table requests.comments (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  -- Never changes.
  audience text not null,
  -- Vendor to which the request was assigned at that time. Only this vendor sees the comment; without one, every vendor to which the request is
  -- assigned.
  vendor_id uuid,
  author_id uuid not null,
  on_behalf_of uuid,
  text text not null,
  mentioned_ids uuid[] not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null,
  edited_at timestamptz,
  deleted_at timestamptz,
  deleted_by uuid,
  -- The comment of another request that a comment is a copy of.
  copied_from_id uuid,
  -- SHA-256 of the ID of the email that the comment was written with.
  email_hash text,
  constraint comments_pkey primary key (tenant_id, id),
  constraint comments_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint comments_author_fkey foreign key (tenant_id, author_id) references identity.users (tenant_id, id),
  constraint comments_deleted_by_fkey foreign key (tenant_id, deleted_by) references identity.users (tenant_id, id),
  constraint comments_copied_from_fkey foreign key (tenant_id, copied_from_id) references requests.comments (tenant_id, id),
  constraint comments_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint comments_internal_check check (audience = 'PUBLIC' or vendor_id is null),
  constraint comments_deleted_check check ((deleted_at is null) = (deleted_by is null) and (deleted_at is null or text = ''))
);
create index comments_by_request on requests.comments (tenant_id, request_id, id);
create index comments_by_time on requests.comments (tenant_id, request_id, created_at) where deleted_at is null;
create unique index comments_copied_once on requests.comments (tenant_id, request_id, copied_from_id) where copied_from_id is not null;
create index comments_by_original on requests.comments (tenant_id, copied_from_id) where copied_from_id is not null;
-- An email becomes one comment, even if it is delivered again.
create unique index comments_by_email on requests.comments (tenant_id, request_id, author_id, email_hash) where email_hash is not null;
call app.protect('requests.comments',
  vendor_sees => $$audience = 'PUBLIC' and coalesce(vendor_id, app.vendor()) = app.vendor() and app.vendor_sees(request_id)$$);

-- Earlier texts of edited comments. Append-only.
create table requests.comment_versions (
  tenant_id uuid not null,
  comment_id uuid not null,
  version integer not null,
  text text not null,
  author_id uuid not null,
  replaced_at timestamptz not null,
  constraint comment_versions_pkey primary key (tenant_id, comment_id, version),
  constraint comment_versions_comment_fkey foreign key (tenant_id, comment_id) references requests.comments (tenant_id, id)
);
call app.protect('requests.comment_versions', vendor_sees => 'app.vendor_sees_comment(comment_id)');

-- Users who watch a request. Rows are ended and not deleted, because users of a vendor delete nothing.
create table requests.watchers (
  tenant_id uuid not null,
  request_id uuid not null,
  user_id uuid not null,
  added_by uuid not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint watchers_pkey primary key (tenant_id, request_id, user_id),
  constraint watchers_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint watchers_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index watchers_by_user on requests.watchers (tenant_id, user_id, request_id) where ended_at is null;
call app.protect('requests.watchers', vendor_sees => 'user_id = app.user_id() and app.vendor_sees(request_id)');

-- Links between requests. RELATES_TO has no direction; its smaller ID comes first.
create table requests.links (
  tenant_id uuid not null,
  kind text not null,
  from_id uuid not null,
  to_id uuid not null,
  created_by uuid not null,
  created_at timestamptz not null,
  constraint links_pkey primary key (tenant_id, kind, from_id, to_id),
  constraint links_from_fkey foreign key (tenant_id, from_id) references requests.requests (tenant_id, id),
  constraint links_to_fkey foreign key (tenant_id, to_id) references requests.requests (tenant_id, id),
  constraint links_kind_check check (kind in ('BLOCKS', 'DUPLICATES', 'PARENT_OF', 'RELATES_TO')),
  constraint links_self_check check (from_id <> to_id)
);
create index links_by_from on requests.links (tenant_id, from_id);
create index links_by_to on requests.links (tenant_id, to_id);
create unique index links_one_parent on requests.links (tenant_id, to_id) where kind = 'PARENT_OF';
create unique index links_one_original on requests.links (tenant_id, from_id) where kind = 'DUPLICATES';
call app.protect('requests.links', vendor_sees => 'app.vendor_sees(from_id) and app.vendor_sees(to_id)', vendor_writes => 'false');

-- Meters of assets, such as hours of operation or a temperature, and their readings.
create table requests.meters (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  name text not null,
  unit text not null,
  -- CUMULATIVE: its values never fall. GAUGE: they rise and fall.
  kind text not null,
  status text not null default 'ACTIVE',
  -- Thresholds: an event occurs when a reading rises to `above`, falls to `below`, or passes a multiple of `every`.
  above numeric(20,6),
  below numeric(20,6),
  every numeric(20,6),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meters_pkey primary key (tenant_id, id),
  constraint meters_name_key unique (tenant_id, asset_id, name),
  constraint meters_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint meters_kind_check check (kind in ('CUMULATIVE', 'GAUGE')),
  constraint meters_status_check check (status in ('ACTIVE', 'INACTIVE')),
  constraint meters_thresholds_check check (below < above and every > 0 and (kind = 'CUMULATIVE' or every is null))
);
call app.protect('requests.meters', vendor_sees => 'app.vendor_sees(asset_id)', vendor_writes => 'false');

-- Readings are never changed or deleted: a correction is another row, which replaces the wrong one. Only `shift` follows corrections of earlier
-- readings.
create table requests.meter_readings (
  tenant_id uuid not null,
  id uuid not null,
  meter_id uuid not null,
  read_at timestamptz not null,
  -- What the device shows. With `shift`, it is the total, which continues when the device is replaced.
  value numeric(20,6) not null,
  shift numeric(20,6) not null default 0,
  -- First reading of another device.
  is_reset boolean not null default false,
  note text,
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  -- The reading that this one corrects, and why.
  replaces_id uuid,
  reason text,
  -- The reading that corrects this one. Null: this one is valid.
  replaced_by_id uuid,
  constraint meter_readings_pkey primary key (tenant_id, id),
  constraint meter_readings_meter_fkey foreign key (tenant_id, meter_id) references requests.meters (tenant_id, id),
  constraint meter_readings_user_fkey foreign key (tenant_id, recorded_by) references identity.users (tenant_id, id),
  constraint meter_readings_reason_check check ((replaces_id is null) = (reason is null))
);
create unique index meter_readings_by_time on requests.meter_readings (tenant_id, meter_id, read_at) where replaced_by_id is null;
create index meter_readings_by_meter on requests.meter_readings (tenant_id, meter_id, id);
call app.protect('requests.meter_readings', vendor_sees => 'app.vendor_sees_meter(meter_id)', vendor_writes => 'false');

-- Where assets have been: a row for each change of an asset's building.
create table requests.asset_transfers (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  from_building_id uuid not null,
  to_building_id uuid not null,
  -- The asset that was transferred, if this one moved as a part of it.
  moved_with_id uuid,
  reason text,
  actor_id uuid not null,
  created_at timestamptz not null default now(),
  constraint asset_transfers_pkey primary key (tenant_id, id),
  constraint asset_transfers_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint asset_transfers_from_fkey foreign key (tenant_id, from_building_id) references requests.buildings (tenant_id, id),
  constraint asset_transfers_to_fkey foreign key (tenant_id, to_building_id) references requests.buildings (tenant_id, id),
  constraint asset_transfers_moved_with_fkey foreign key (tenant_id, moved_with_id) references requests.assets (tenant_id, id),
  constraint asset_transfers_actor_fkey foreign key (tenant_id, actor_id) references identity.users (tenant_id, id)
);
create index asset_transfers_by_asset on requests.asset_transfers (tenant_id, asset_id, created_at, id);
call app.protect('requests.asset_transfers');

-- Users and teams in charge of a building.
create table requests.building_contacts (
  tenant_id uuid not null,
  id uuid not null,
  building_id uuid not null,
  user_id uuid,
  team_id uuid,
  -- What they are in charge of, for example "Caretaker".
  role text not null,
  created_at timestamptz not null default now(),
  constraint building_contacts_pkey primary key (tenant_id, id),
  constraint building_contacts_user_key unique (tenant_id, building_id, user_id),
  constraint building_contacts_team_key unique (tenant_id, building_id, team_id),
  constraint building_contacts_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint building_contacts_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint building_contacts_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint building_contacts_principal_check check (num_nonnulls(user_id, team_id) = 1)
);
create index building_contacts_by_user on requests.building_contacts (tenant_id, user_id) where user_id is not null;
create index building_contacts_by_team on requests.building_contacts (tenant_id, team_id) where team_id is not null;
call app.protect('requests.building_contacts', vendor_sees => 'false', vendor_writes => 'false');

-- Requests can be merged and split: their comments and files are copied, so that each request keeps its own.
create table requests.copies (
  tenant_id uuid not null,
  id uuid not null,
  -- MERGE: `from` is a duplicate and ended, `to` goes on with its content. SPLIT: `to` was created from a part of `from`.
  kind text not null,
  from_id uuid not null,
  to_id uuid not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  created_at timestamptz not null,
  constraint copies_pkey primary key (tenant_id, id),
  constraint copies_from_fkey foreign key (tenant_id, from_id) references requests.requests (tenant_id, id),
  constraint copies_to_fkey foreign key (tenant_id, to_id) references requests.requests (tenant_id, id),
  constraint copies_kind_check check (kind in ('MERGE', 'SPLIT')),
  constraint copies_self_check check (from_id <> to_id)
);
create index copies_by_from on requests.copies (tenant_id, from_id, created_at);
create index copies_by_to on requests.copies (tenant_id, to_id, created_at);
-- Users of a vendor might not see the other request.
call app.protect('requests.copies');

-- Maintenance plans generate requests by the calendar, by a meter, or by whichever comes first. An occurrence and its request are one transaction.
create table requests.maintenance_plans (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  -- Template of the requests. Files are attached to the plan, and copied.
  type_id uuid not null,
  data jsonb not null,
  building_id uuid,
  asset_id uuid,
  -- In the building. Null: that of the asset when the request is created.
  space_id uuid,
  -- 0 to 3: LOW, NORMAL, HIGH, URGENT. Null: the default of the type.
  priority smallint,
  due_in_seconds integer,
  tags text[] not null default '{}',
  -- Calendar: at most one of the two.
  cron text,
  every_seconds integer,
  time_zone text not null,
  starts_at timestamptz,
  ends_at timestamptz,
  -- Since when the planned times are these. Intervals are counted from it unless there is a start.
  planned_since timestamptz not null,
  -- The next planned time that is not skipped, and when it takes place: another time if it was shifted.
  next_planned_at timestamptz,
  next_run_at timestamptz,
  -- Meter: a request is generated when the total reaches next_total - meter_lead.
  meter_id uuid,
  meter_every numeric(20,6),
  meter_lead numeric(20,6) not null default 0,
  next_total numeric(20,6),
  missed_runs text not null,
  catch_up_seconds integer not null,
  -- The user on whose behalf requests are created.
  owner_id uuid not null,
  status text not null default 'ACTIVE',
  pause_reason text,
  -- Null if the plan paused itself.
  paused_by uuid,
  paused_at timestamptz,
  failures_in_row integer not null default 0,
  -- When a worker must look at the plan.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint maintenance_plans_pkey primary key (tenant_id, id),
  constraint maintenance_plans_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint maintenance_plans_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint maintenance_plans_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint maintenance_plans_space_fkey foreign key (tenant_id, building_id, space_id) references requests.spaces (tenant_id, building_id, id),
  constraint maintenance_plans_meter_fkey foreign key (tenant_id, meter_id) references requests.meters (tenant_id, id),
  constraint maintenance_plans_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint maintenance_plans_space_check check (space_id is null or building_id is not null),
  constraint maintenance_plans_timing_check check (num_nonnulls(cron, every_seconds) <= 1 and num_nonnulls(cron, every_seconds, meter_id) >= 1),
  constraint maintenance_plans_meter_check check (
    num_nonnulls(meter_id, meter_every, next_total) in (0, 3) and meter_every > 0 and meter_lead >= 0 and meter_lead < meter_every),
  constraint maintenance_plans_missed_runs_check check (missed_runs in ('SKIP', 'RUN_ONCE', 'RUN_ALL')),
  constraint maintenance_plans_status_check check (status in ('ACTIVE', 'PAUSED', 'ENDED')),
  constraint maintenance_plans_paused_check check ((status = 'PAUSED') = (paused_at is not null)),
  constraint maintenance_plans_due_check check (due_at is null or status = 'ACTIVE')
);
create index maintenance_plans_by_name on requests.maintenance_plans (tenant_id, name, id);
create index maintenance_plans_by_asset on requests.maintenance_plans (tenant_id, asset_id) where asset_id is not null;
create index maintenance_plans_by_building on requests.maintenance_plans (tenant_id, building_id) where building_id is not null;
create index maintenance_plans_by_type on requests.maintenance_plans (tenant_id, type_id);
create index maintenance_plans_by_meter on requests.maintenance_plans (tenant_id, meter_id) where meter_id is not null;
create index maintenance_plans_due on requests.maintenance_plans (due_at, tenant_id) where due_at is not null;
create index maintenance_plans_due_in_tenant on requests.maintenance_plans (tenant_id, due_at, id) where due_at is not null;
call app.protect('requests.maintenance_plans');

create table requests.maintenance_occurrences (
  tenant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  cause text not null,
  -- By the calendar, the time in the series. By the meter, the time of the decision.
  planned_at timestamptz not null,
  -- By the meter, the total in the series.
  total numeric(20,6),
  -- SHIFTED: it takes place at starts_at.
  status text not null,
  starts_at timestamptz,
  request_id uuid,
  -- Why a user has skipped or shifted it.
  reason text,
  decided_by uuid,
  code text,
  message text,
  created_at timestamptz not null,
  constraint maintenance_occurrences_pkey primary key (tenant_id, id),
  constraint maintenance_occurrences_plan_fkey foreign key (tenant_id, plan_id) references requests.maintenance_plans (tenant_id, id),
  constraint maintenance_occurrences_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint maintenance_occurrences_cause_check check (cause in ('CALENDAR', 'METER') and (cause = 'METER') = (total is not null)),
  constraint maintenance_occurrences_status_check check (status in ('GENERATED', 'SHIFTED', 'SKIPPED', 'MISSED', 'FAILED')),
  constraint maintenance_occurrences_request_check check ((status = 'GENERATED') = (request_id is not null)),
  constraint maintenance_occurrences_shifted_check check (status <> 'SHIFTED' or starts_at is not null)
);
create unique index maintenance_occurrences_planned_key on requests.maintenance_occurrences (tenant_id, plan_id, planned_at) where total is null;
create unique index maintenance_occurrences_total_key on requests.maintenance_occurrences (tenant_id, plan_id, total) where total is not null;
create index maintenance_occurrences_by_plan on requests.maintenance_occurrences (tenant_id, plan_id, planned_at, id);
create index maintenance_occurrences_by_request on requests.maintenance_occurrences (tenant_id, request_id) where request_id is not null;
call app.protect('requests.maintenance_occurrences');

-- Requests can be converted to another type: another instance takes the place of theirs. The former one is cancelled and belongs to no request any
-- more.
create table requests.former_instances (
  tenant_id uuid not null,
  instance_id uuid not null,
  request_id uuid not null,
  -- Type of the request until then.
  type_id uuid not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  -- Creation time of the request, and so of the instance that took its place.
  created_at timestamptz not null,
  converted_at timestamptz not null,
  constraint former_instances_pkey primary key (tenant_id, instance_id),
  constraint former_instances_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint former_instances_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint former_instances_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id)
);
create index former_instances_by_request on requests.former_instances (tenant_id, request_id, converted_at);
create index former_instances_by_time on requests.former_instances (tenant_id, converted_at);
-- A conversion ends what the vendor sees of a request.
call app.protect('requests.former_instances');

-- Dates of assets that are announced by events: the end of the warranty, and the next inspection. The asset's type says how many days before.
create table requests.asset_dates (
  tenant_id uuid not null,
  asset_id uuid not null,
  kind text not null,
  -- Null: the asset has no such date.
  on_date date,
  -- When a worker must look at it. Null: there is nothing to announce, or it is announced.
  due_at timestamptz,
  -- The date that was announced last.
  announced_date date,
  constraint asset_dates_pkey primary key (tenant_id, asset_id, kind),
  constraint asset_dates_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint asset_dates_kind_check check (kind in ('WARRANTY', 'INSPECTION'))
);
create index asset_dates_due on requests.asset_dates (due_at, tenant_id) where due_at is not null;
create index asset_dates_due_in_tenant on requests.asset_dates (tenant_id, due_at, asset_id, kind) where due_at is not null;
call app.protect('requests.asset_dates');

-- The scope BUILDING reaches the objects of the buildings to which a user is assigned. See docs/explanation/decisions/0027-building-scope.md.
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

-- Requests are offered to vendors, which accept or decline. What a vendor sees of the request before it accepts is copied into the offer.
create table requests.vendor_offers (
  tenant_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  vendor_id uuid not null,
  status text not null default 'OPEN',
  request_number text not null,
  title text not null,
  category text not null,
  building_name text,
  due_at timestamptz,
  note text,
  -- Why the vendor declined.
  reason text,
  offered_by uuid not null,
  offered_at timestamptz not null,
  expires_at timestamptz not null,
  -- Null if nobody answered.
  answered_by uuid,
  ended_at timestamptz,
  version integer not null default 1,
  constraint vendor_offers_pkey primary key (tenant_id, id),
  constraint vendor_offers_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint vendor_offers_offered_by_fkey foreign key (tenant_id, offered_by) references identity.users (tenant_id, id),
  constraint vendor_offers_answered_by_fkey foreign key (tenant_id, answered_by) references identity.users (tenant_id, id),
  constraint vendor_offers_status_check check (
    status in ('OPEN', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN') and (status = 'OPEN') = (ended_at is null)),
  constraint vendor_offers_expiry_check check (offered_at < expires_at)
);
create unique index vendor_offers_open_key on requests.vendor_offers (tenant_id, request_id, vendor_id) where status = 'OPEN';
create index vendor_offers_by_request on requests.vendor_offers (tenant_id, request_id, offered_at, id);
create index vendor_offers_by_vendor on requests.vendor_offers (tenant_id, vendor_id, offered_at, id);
create index vendor_offers_by_time on requests.vendor_offers (tenant_id, offered_at, id);
create index vendor_offers_by_offerer on requests.vendor_offers (tenant_id, offered_by);
create index vendor_offers_by_answerer on requests.vendor_offers (tenant_id, answered_by) where answered_by is not null;
create index vendor_offers_due on requests.vendor_offers (expires_at, tenant_id) where status = 'OPEN';
create index vendor_offers_due_of_tenant on requests.vendor_offers (tenant_id, expires_at, id) where status = 'OPEN';
call app.protect('requests.vendor_offers', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Replies to the emails of notifications become comments: an address for each user, request, audience and assigned vendor, and what was received
-- already.
create table requests.reply_addresses (
  tenant_id uuid not null,
  -- 64 random bits, as 16 hexadecimal digits. Part of the address.
  key text not null,
  request_id uuid not null,
  user_id uuid not null,
  -- Audience of the comments: INTERNAL | PUBLIC
  audience text not null,
  -- Of public comments: the vendor that the request was assigned to when the address was made. Another vendor must not read the reply.
  vendor_id uuid,
  -- The current hour, in true time, and the messages in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  created_at timestamptz not null default now(),
  constraint reply_addresses_pkey primary key (tenant_id, key),
  constraint reply_addresses_use_key unique nulls not distinct (tenant_id, user_id, request_id, audience, vendor_id),
  constraint reply_addresses_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint reply_addresses_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint reply_addresses_audience_check check (audience in ('INTERNAL', 'PUBLIC')),
  constraint reply_addresses_internal_check check (audience = 'PUBLIC' or vendor_id is null)
);
-- Only workers read and write them.
call app.protect('requests.reply_addresses');

-- Requests by email: addresses at which an email becomes a request, and the emails that became one.
create table requests.inbound_mail_addresses (
  tenant_id uuid not null,
  id uuid not null,
  -- 64 random bits, as 16 hexadecimal digits. Part of the address.
  key text not null,
  name text not null,
  type_id uuid not null,
  -- Field of the type's form that gets the subject. Null if the subject is the first line of the text.
  subject_field text,
  -- Field of the type's form that gets the text.
  text_field text not null,
  -- Values of other fields.
  data jsonb not null,
  is_active boolean not null default true,
  -- The current hour, in true time, and the emails in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  last_received_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint inbound_mail_addresses_pkey primary key (tenant_id, id),
  constraint inbound_mail_addresses_key_key unique (tenant_id, key),
  constraint inbound_mail_addresses_type_fkey foreign key (tenant_id, type_id) references requests.request_types (tenant_id, id),
  constraint inbound_mail_addresses_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index inbound_mail_addresses_by_time on requests.inbound_mail_addresses (tenant_id, created_at, id);
-- Vendors see none of them.
call app.protect('requests.inbound_mail_addresses');

-- A table of its own: an index on the requests would be built while nobody can write them.
create table requests.emailed_requests (
  tenant_id uuid not null,
  request_id uuid not null,
  address_id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the ID of the email.
  email_hash text not null,
  constraint emailed_requests_pkey primary key (tenant_id, request_id),
  -- An email becomes one request, even if it is delivered again.
  constraint emailed_requests_email_key unique (tenant_id, address_id, user_id, email_hash),
  constraint emailed_requests_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id) on delete cascade,
  constraint emailed_requests_address_fkey foreign key (tenant_id, address_id) references requests.inbound_mail_addresses (tenant_id, id) on delete cascade
);
-- A vendor's user who can create requests sends emails, too.
call app.protect('requests.emailed_requests', vendor_sees => 'user_id = app.user_id()');

-- References from the schemas above to requests.
alter table app.attachments add constraint attachments_comment_fkey foreign key (tenant_id, comment_id) references requests.comments (tenant_id, id);

-- Schema vendors: vendors, contracts, projects.

-- Companies that work for a tenant.
create table vendors.vendors (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  email text,
  phone text,
  categories text[] not null default '{}',
  status text not null default 'ACTIVE',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  fields jsonb not null default '{}',
  fields_version integer not null default 0,
  -- Why the vendor has its status. Null if nobody gave a reason.
  status_reason text,
  status_changed_at timestamptz not null default now(),
  -- The last onboarding. Null: the vendor was created as active. Not a foreign key: instances reference vendors, and a cycle could not be purged.
  instance_id uuid,
  -- The link is no foreign key: it refers to the user who created it, and users refer to their vendor. A purge deletes tables in the order of their
  -- keys, and could not with such a cycle.
  registration_method text,
  registration_link_id uuid,
  constraint vendors_pkey primary key (tenant_id, id),
  constraint vendors_code_key unique (tenant_id, code),
  constraint vendors_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint vendors_status_check check (status in ('ONBOARDING', 'ACTIVE', 'SUSPENDED', 'BLOCKED', 'REJECTED', 'INACTIVE')),
  constraint vendors_registration_check check (
    (registration_method is null) = (registration_link_id is null) and registration_method in ('LINK', 'INVITATION'))
);
create index vendors_by_age on vendors.vendors (tenant_id, created_at, id);
create index vendors_by_name on vendors.vendors (tenant_id, name, id);
create index vendors_by_registration_link on vendors.vendors (tenant_id, registration_link_id, created_at, id) where registration_link_id is not null;
call app.protect('vendors.vendors', vendor_sees => 'id = app.vendor()', vendor_writes => 'false');

create table vendors.projects (
  tenant_id uuid not null,
  id uuid not null,
  code text not null,
  name text not null,
  description text not null default '',
  instance_id uuid not null,
  currency text,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  fields jsonb not null default '{}',
  fields_version integer not null default 0,
  starts_on date,
  ends_on date,
  -- For sorting: `infinity` without a day.
  starts_order date not null generated always as (coalesce(starts_on, 'infinity'::date)) stored,
  ends_order date not null generated always as (coalesce(ends_on, 'infinity'::date)) stored,
  manager_id uuid,
  budget_amount bigint,
  is_deleted boolean not null default false,
  deleted_at timestamptz,
  deleted_by uuid,
  constraint projects_pkey primary key (tenant_id, id),
  constraint projects_instance_key unique (tenant_id, instance_id),
  constraint projects_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint projects_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint projects_manager_fkey foreign key (tenant_id, manager_id) references identity.users (tenant_id, id),
  constraint projects_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint projects_days_check check (ends_on >= starts_on),
  constraint projects_deleted_check check (num_nonnulls(deleted_at, deleted_by) = case when is_deleted then 2 else 0 end),
  constraint projects_budget_check check (budget_amount >= 0 and (budget_amount is null) = (currency is null))
);
create unique index projects_code_key on vendors.projects (tenant_id, code) where not is_deleted;
create index projects_by_age on vendors.projects (tenant_id, created_at, id) include (is_deleted);
create index projects_by_name on vendors.projects (tenant_id, name, id) include (is_deleted);
create index projects_by_start on vendors.projects (tenant_id, starts_order, id) include (is_deleted);
create index projects_by_end on vendors.projects (tenant_id, ends_order, id) include (is_deleted);
create index projects_by_manager on vendors.projects (tenant_id, manager_id, created_at, id) include (is_deleted) where manager_id is not null;
create index projects_by_deletion on vendors.projects (tenant_id, deleted_at, id) where is_deleted;
call app.protect('vendors.projects', vendor_sees => 'app.vendor_sees(id)');

-- Members of projects. Scope ASSIGNED of the permissions of projects reaches them.
create table vendors.project_members (
  tenant_id uuid not null,
  project_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamptz not null default now(),
  constraint project_members_pkey primary key (tenant_id, project_id, user_id),
  constraint project_members_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_members_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint project_members_role_check check (role in ('MANAGER', 'MEMBER', 'OBSERVER'))
);
create index project_members_by_user on vendors.project_members (tenant_id, user_id, project_id);
call app.protect('vendors.project_members');

-- How a project is scheduled. A project without a row has a plan with the defaults.
create table vendors.project_plans (
  tenant_id uuid not null,
  project_id uuid not null,
  -- Incremented on every change of the tasks, of their dependencies, and of this row. Its lock puts changes of a plan in order.
  version integer not null default 1,
  -- Name of a calendar of the configuration. Null: the tenant's.
  calendar text,
  direction text not null default 'FORWARD',
  -- Null: the creation time of the project.
  start_at timestamptz,
  finish_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint project_plans_pkey primary key (tenant_id, project_id),
  constraint project_plans_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_plans_direction_check check (direction in ('FORWARD', 'BACKWARD'))
);
call app.protect('vendors.project_plans');

create table vendors.project_tasks (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  -- The summary task that contains it. Null: at the top level.
  parent_id uuid,
  -- Place among the tasks with the same parent.
  position integer not null,
  name text not null,
  description text not null default '',
  -- Working minutes. 0: a milestone.
  duration_minutes integer not null,
  constraint_kind text not null default 'ASAP',
  constraint_at timestamptz,
  deadline_at timestamptz,
  -- Name of a calendar of the configuration. Null: that of the plan.
  calendar text,
  -- Work, by one person.
  estimate_minutes integer,
  actual_minutes integer not null default 0,
  percent_complete integer not null default 0,
  actual_start_at timestamptz,
  actual_finish_at timestamptz,
  -- At most one of them.
  assignee_user_id uuid,
  assignee_vendor_id uuid,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  -- Whether the project is deleted.
  is_hidden boolean not null default false,
  constraint project_tasks_pkey primary key (tenant_id, id),
  constraint project_tasks_project_key unique (tenant_id, project_id, id),
  constraint project_tasks_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  -- In the same project.
  constraint project_tasks_parent_fkey foreign key (tenant_id, project_id, parent_id) references vendors.project_tasks (tenant_id, project_id, id),
  constraint project_tasks_user_fkey foreign key (tenant_id, assignee_user_id) references identity.users (tenant_id, id),
  constraint project_tasks_vendor_fkey foreign key (tenant_id, assignee_vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_tasks_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint project_tasks_parent_check check (parent_id <> id),
  constraint project_tasks_minutes_check check (duration_minutes >= 0 and estimate_minutes >= 0 and actual_minutes >= 0),
  constraint project_tasks_percent_check check (percent_complete between 0 and 100),
  constraint project_tasks_constraint_check check (
    constraint_kind in ('ASAP', 'ALAP', 'START_NO_EARLIER_THAN', 'START_NO_LATER_THAN', 'FINISH_NO_EARLIER_THAN', 'FINISH_NO_LATER_THAN', 'MUST_START_ON', 'MUST_FINISH_ON')
    and (constraint_at is null) = (constraint_kind in ('ASAP', 'ALAP'))),
  -- What is finished has begun, and is complete.
  constraint project_tasks_actual_check check (
    actual_finish_at is null or (actual_start_at is not null and actual_start_at <= actual_finish_at and percent_complete = 100)),
  constraint project_tasks_assignee_check check (num_nonnulls(assignee_user_id, assignee_vendor_id) <= 1)
);
create index project_tasks_by_project on vendors.project_tasks (tenant_id, project_id) where deleted_at is null;
create index project_tasks_by_age on vendors.project_tasks (tenant_id, created_at, id);
create index project_tasks_by_name on vendors.project_tasks (tenant_id, name, id);
create index project_tasks_by_user on vendors.project_tasks (tenant_id, assignee_user_id) where assignee_user_id is not null;
create index project_tasks_by_vendor on vendors.project_tasks (tenant_id, assignee_vendor_id) where assignee_vendor_id is not null;
create index project_tasks_open on vendors.project_tasks (tenant_id, assignee_vendor_id)
  where assignee_vendor_id is not null and percent_complete < 100 and deleted_at is null;
call app.protect('vendors.project_tasks', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');

-- Reports are never changed. They contain the values that a report has set.
create table vendors.project_task_reports (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  percent_complete integer not null,
  -- Minutes worked since the report before.
  worked_minutes integer not null,
  note text,
  reported_by uuid not null,
  reported_at timestamptz not null,
  constraint project_task_reports_pkey primary key (tenant_id, id),
  constraint project_task_reports_task_fkey foreign key (tenant_id, task_id) references vendors.project_tasks (tenant_id, id),
  constraint project_task_reports_user_fkey foreign key (tenant_id, reported_by) references identity.users (tenant_id, id),
  constraint project_task_reports_percent_check check (percent_complete between 0 and 100),
  constraint project_task_reports_worked_check check (worked_minutes >= 0)
);
create index project_task_reports_by_task on vendors.project_task_reports (tenant_id, task_id, id);
call app.protect('vendors.project_task_reports', vendor_sees => 'app.vendor_sees(task_id)', vendor_writes => 'false');

-- Dependencies between the tasks of a project.
create table vendors.project_task_dependencies (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  predecessor_id uuid not null,
  successor_id uuid not null,
  -- which date of the predecessor determines which date of the successor
  kind text not null,
  -- Working minutes of the plan's calendar between the two. Negative: they overlap.
  lag_minutes integer not null default 0,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint project_task_dependencies_pkey primary key (tenant_id, id),
  constraint project_task_dependencies_key unique (tenant_id, successor_id, predecessor_id),
  -- Both in the same project.
  constraint project_task_dependencies_predecessor_fkey foreign key (tenant_id, project_id, predecessor_id) references vendors.project_tasks (tenant_id, project_id, id),
  constraint project_task_dependencies_successor_fkey foreign key (tenant_id, project_id, successor_id) references vendors.project_tasks (tenant_id, project_id, id),
  constraint project_task_dependencies_self_check check (predecessor_id <> successor_id),
  constraint project_task_dependencies_kind_check check (kind in ('FINISH_TO_START', 'START_TO_START', 'FINISH_TO_FINISH', 'START_TO_FINISH'))
);
create index project_task_dependencies_by_project on vendors.project_task_dependencies (tenant_id, project_id);
create index project_task_dependencies_by_predecessor on vendors.project_task_dependencies (tenant_id, predecessor_id);
call app.protect('vendors.project_task_dependencies',
  vendor_sees => 'app.vendor_sees(predecessor_id) and app.vendor_sees(successor_id)', vendor_writes => 'false');

-- Contracts and their versions. A signed version is immutable and hashed.
create table vendors.contracts (
  tenant_id uuid not null,
  id uuid not null,
  number text not null,
  kind text not null,
  status text not null default 'DRAFT',
  vendor_id uuid not null,
  project_id uuid,
  owner_id uuid not null,
  owner_notes text not null default '',
  -- Of the version in force, or of the draft as long as none is signed.
  title text not null,
  amount bigint not null,
  currency text not null,
  starts_on date not null,
  ends_on date,
  -- The version in force. Null until one is signed.
  signed_number integer,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  -- Days before the last day for a notice at which the owner is reminded.
  reminder_days integer[] not null default '{90,60,30,7}',
  -- The last reminder: the end that it was about, and its days.
  reminded_for date,
  reminded_days integer,
  -- First day on which a terminated contract is no longer in force.
  terminates_on date,
  termination_reason text,
  -- When a worker looks at the contract again.
  due_at timestamptz,
  constraint contracts_pkey primary key (tenant_id, id),
  constraint contracts_number_key unique (tenant_id, number),
  constraint contracts_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint contracts_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint contracts_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint contracts_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint contracts_kind_check check (kind in ('SERVICE', 'SUPPLY', 'MAINTENANCE', 'FRAMEWORK', 'OTHER')),
  constraint contracts_status_check check (status in ('DRAFT', 'IN_APPROVAL', 'SIGNED', 'ACTIVE', 'EXPIRED', 'TERMINATED')),
  constraint contracts_signed_check check ((signed_number is null) = (status in ('DRAFT', 'IN_APPROVAL'))),
  constraint contracts_amount_check check (amount >= 0),
  constraint contracts_days_check check (ends_on is null or ends_on >= starts_on),
  constraint contracts_deleted_check check ((deleted_at is null) = (deleted_by is null)),
  constraint contracts_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint contracts_termination_check check ((terminates_on is null) = (termination_reason is null))
);
create index contracts_by_age on vendors.contracts (tenant_id, created_at, id);
create index contracts_by_title on vendors.contracts (tenant_id, title, id);
create index contracts_by_start on vendors.contracts (tenant_id, starts_on, id);
create index contracts_by_end on vendors.contracts (tenant_id, ends_on, id);
create index contracts_by_vendor on vendors.contracts (tenant_id, vendor_id, created_at, id);
create index contracts_by_project on vendors.contracts (tenant_id, project_id, created_at, id) where project_id is not null;
create index contracts_due on vendors.contracts (due_at, tenant_id) where due_at is not null;
create index contracts_due_of_tenant on vendors.contracts (tenant_id, due_at, id) where due_at is not null;
call app.protect('vendors.contracts', vendor_sees => 'vendor_id = app.vendor() and signed_number > 0', vendor_writes => 'false');

create table vendors.contract_versions (
  tenant_id uuid not null,
  contract_id uuid not null,
  number integer not null,
  -- Of the contract, for the policy.
  vendor_id uuid not null,
  status text not null default 'DRAFT',
  content jsonb not null,
  -- SHA-256 of the signed content.
  hash text,
  instance_id uuid,
  -- Why the last approval ended without a signature.
  reason text,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  submitted_by uuid,
  submitted_at timestamptz,
  signed_at timestamptz,
  constraint contract_versions_pkey primary key (tenant_id, contract_id, number),
  constraint contract_versions_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint contract_versions_status_check check (status in ('DRAFT', 'IN_APPROVAL', 'SIGNED')),
  constraint contract_versions_signed_check check ((status = 'SIGNED') = (hash is not null) and (hash is null) = (signed_at is null))
);
-- At most one version is not signed.
create unique index contract_versions_draft_key on vendors.contract_versions (tenant_id, contract_id) where status <> 'SIGNED';
call app.protect('vendors.contract_versions', vendor_sees => 'vendor_id = app.vendor() and status = ''SIGNED''', vendor_writes => 'false');

-- Users rate the vendors that completed their requests.
create table vendors.ratings (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  request_id uuid not null,
  rated_by uuid not null,
  stars smallint not null,
  comment text,
  -- Whether users of the vendor can read the comment.
  is_for_vendor boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint ratings_pkey primary key (tenant_id, id),
  constraint ratings_request_key unique (tenant_id, request_id, vendor_id),
  constraint ratings_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint ratings_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint ratings_rated_by_fkey foreign key (tenant_id, rated_by) references identity.users (tenant_id, id),
  constraint ratings_stars_check check (stars between 1 and 5)
);
create index ratings_by_vendor on vendors.ratings (tenant_id, vendor_id, created_at, id);
create index ratings_by_user on vendors.ratings (tenant_id, rated_by);
call app.protect('vendors.ratings', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- What vendors did for requests: a row for each assignment of a request to a vendor. Triggers on events.log and on SLA clocks keep it.
create table vendors.work (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  request_id uuid not null,
  instance_id uuid not null,
  -- The instance's version that assigned it.
  version integer not null,
  -- ENDED: the request was rejected or cancelled.
  outcome text not null default 'OPEN',
  assigned_at timestamptz not null,
  -- The first transition or comment by a user of the vendor.
  responded_at timestamptz,
  ended_at timestamptz,
  -- How often the request was reopened.
  reopened integer not null default 0,
  -- Whether all SLA clocks that ended during the work were met. Null if none ended.
  is_sla_met boolean,
  stars smallint,
  rated_at timestamptz,
  -- Whether the request is deleted.
  is_deleted boolean not null default false,
  constraint work_pkey primary key (tenant_id, id),
  constraint work_version_key unique (tenant_id, instance_id, version),
  constraint work_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint work_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint work_outcome_check check (outcome in ('OPEN', 'COMPLETED', 'ENDED', 'REASSIGNED') and (outcome = 'OPEN') = (ended_at is null)),
  constraint work_rated_check check ((stars is null) = (rated_at is null))
);
create unique index work_open_key on vendors.work (tenant_id, instance_id) where outcome = 'OPEN';
create index work_by_request on vendors.work (tenant_id, request_id);
create index work_assigned on vendors.work (tenant_id, vendor_id, assigned_at, id) include (responded_at) where not is_deleted;
create index work_completed on vendors.work (tenant_id, vendor_id, ended_at, id) include (assigned_at, reopened, is_sla_met)
  where outcome = 'COMPLETED' and not is_deleted;
create index work_rated on vendors.work (tenant_id, vendor_id, rated_at, id) include (stars) where rated_at is not null and not is_deleted;
-- What counts for the limits.
create index work_open on vendors.work (tenant_id, vendor_id) where outcome = 'OPEN' and not is_deleted;
call app.protect('vendors.work', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Sums of the work of vendors by day, so that figures of a year do not read each assignment. Triggers on vendors.work add rows, which are
-- differences: the sum of a day's rows is what its assignments give. A worker replaces them by their sum.
create table vendors.work_days (
  tenant_id uuid not null,
  vendor_id uuid not null,
  -- In UTC: of the assignment for the first three sums, of the end for the next five, of the rating for the last two.
  day date not null,
  id uuid not null,
  assigned integer not null,
  responded integer not null,
  -- Microseconds, which add up without rounding.
  response_us bigint not null,
  completed integer not null,
  completion_us bigint not null,
  reopened integer not null,
  measured integer not null,
  met integer not null,
  rated integer not null,
  stars integer not null,
  constraint work_days_pkey primary key (tenant_id, vendor_id, day, id),
  constraint work_days_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id)
);
call app.protect('vendors.work_days', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Links with which companies register as vendors, without a login: for everybody who has the link, or for one company that was invited by email.
create table vendors.registration_links (
  tenant_id uuid not null,
  id uuid not null,
  note text,
  -- The invited address. Null if everybody who has the link can use it.
  email text,
  registrations_per_hour smallint not null,
  -- Null: no limit.
  max_registrations integer,
  expires_at timestamptz,
  revoked_at timestamptz,
  registration_count integer not null default 0,
  last_used_at timestamptz,
  -- The current hour, in true time, and the registrations in it.
  hour_started_at timestamptz,
  hour_count smallint not null default 0,
  -- Vendors are created in the name of this user.
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint registration_links_pkey primary key (tenant_id, id),
  constraint registration_links_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint registration_links_per_hour_check check (registrations_per_hour between 1 and 1000),
  constraint registration_links_max_check check (max_registrations >= 1),
  constraint registration_links_invitation_check check (email is null or max_registrations = 1 and expires_at is not null)
);
create index registration_links_by_time on vendors.registration_links (tenant_id, created_at, id);
create index registration_links_by_creator on vendors.registration_links (tenant_id, created_by);
-- Not for users of a vendor.
call app.protect('vendors.registration_links');

-- People at a vendor whom the organization talks to. They need no login.
create table vendors.vendor_contacts (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  name text not null,
  role text,
  email text,
  phone text,
  is_primary boolean not null default false,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint vendor_contacts_pkey primary key (tenant_id, id),
  constraint vendor_contacts_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id)
);
create index vendor_contacts_by_vendor on vendors.vendor_contacts (tenant_id, vendor_id, created_at, id);
create unique index vendor_contacts_primary_key on vendors.vendor_contacts (tenant_id, vendor_id) where is_primary;
call app.protect('vendors.vendor_contacts', vendor_sees => 'vendor_id = app.vendor()');

-- What vendors charge, and where they work.
create table vendors.vendor_rates (
  tenant_id uuid not null,
  vendor_id uuid not null,
  position smallint not null,
  -- Category of work. Null: every category without a rate of its own.
  category text,
  unit text not null,
  -- In minor units of `currency` (ISO 4217).
  amount bigint not null,
  currency text not null,
  -- First and last day. Null: no limit.
  valid_from date,
  valid_until date,
  constraint vendor_rates_pkey primary key (tenant_id, vendor_id, position),
  constraint vendor_rates_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint vendor_rates_unit_check check (unit in ('HOUR', 'VISIT', 'FIXED')),
  constraint vendor_rates_amount_check check (amount >= 0),
  constraint vendor_rates_validity_check check (valid_from <= valid_until)
);
call app.protect('vendors.vendor_rates', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

create table vendors.vendor_service_areas (
  tenant_id uuid not null,
  vendor_id uuid not null,
  position smallint not null,
  -- Either a region, as users wrote it, or a building.
  region text,
  building_id uuid,
  -- By which regions are compared.
  region_key text generated always as (lower(region)) stored,
  constraint vendor_service_areas_pkey primary key (tenant_id, vendor_id, position),
  constraint vendor_service_areas_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint vendor_service_areas_building_fkey foreign key (tenant_id, building_id) references requests.buildings (tenant_id, id),
  constraint vendor_service_areas_place_check check ((region is null) <> (building_id is null))
);
create index vendor_service_areas_by_region on vendors.vendor_service_areas (tenant_id, region_key, vendor_id) where region is not null;
create index vendor_service_areas_by_building on vendors.vendor_service_areas (tenant_id, building_id, vendor_id) where building_id is not null;
call app.protect('vendors.vendor_service_areas', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Documents of vendors, and which of them a vendor must have to get work.
create table vendors.documents (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  kind text not null,
  title text not null,
  number text,
  issued_on date,
  -- Last day. It ends with that day, in the tenant's time zone. Null: no end.
  valid_until date,
  status text not null default 'SUBMITTED',
  -- Why it was rejected. Users of the vendor see it.
  reason text,
  -- For users of the organization.
  review_note text,
  reviewed_by uuid,
  reviewed_at timestamptz,
  -- The last reminder: the last day that it was about, and its days.
  reminded_for date,
  reminded_days integer,
  -- The last day whose end was announced.
  expired_for date,
  -- When a worker looks at the document again.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  -- `valid_until` for sorting: `infinity` without a last day.
  valid_until_order date not null generated always as (coalesce(valid_until, 'infinity'::date)) stored,
  constraint documents_pkey primary key (tenant_id, id),
  constraint documents_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint documents_kind_check check (kind ~ '^[A-Z][A-Z0-9_]{0,39}$'),
  constraint documents_status_check check (status in ('SUBMITTED', 'ACCEPTED', 'REJECTED')),
  constraint documents_reason_check check ((status = 'REJECTED') = (reason is not null)),
  constraint documents_reviewed_check check ((reviewed_at is null) = (reviewed_by is null)),
  constraint documents_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint documents_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index documents_by_vendor on vendors.documents (tenant_id, vendor_id, created_at, id) where deleted_at is null;
create index documents_by_kind on vendors.documents (tenant_id, vendor_id, kind, status) where deleted_at is null;
create index documents_due on vendors.documents (due_at, tenant_id) where due_at is not null;
create index documents_due_of_tenant on vendors.documents (tenant_id, due_at, id) where due_at is not null;
create index documents_by_time on vendors.documents (tenant_id, created_at, id) where deleted_at is null;
create index documents_by_last_day on vendors.documents (tenant_id, valid_until_order, id) where deleted_at is null;
create index documents_by_status on vendors.documents (tenant_id, status, created_at, id) where deleted_at is null;
create index documents_by_kind_and_last_day on vendors.documents (tenant_id, kind, valid_until_order, id) where deleted_at is null;
-- What users of a vendor add waits for its review.
call app.protect('vendors.documents', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'vendor_id = app.vendor() and status = ''SUBMITTED''');

create table vendors.document_requirements (
  tenant_id uuid not null,
  version integer not null default 1,
  -- A list of {kind, categories, reminderDays}. No categories: of all vendors.
  requirements jsonb not null,
  updated_by uuid not null,
  updated_at timestamptz not null,
  constraint document_requirements_pkey primary key (tenant_id),
  constraint document_requirements_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
-- Users of a vendor see what their vendor lacks.
call app.protect('vendors.document_requirements', vendor_sees => 'true', vendor_writes => 'false');

-- Dated duties of contracts, whose completion is tracked.
create table vendors.contract_obligations (
  tenant_id uuid not null,
  id uuid not null,
  contract_id uuid not null,
  title text not null,
  party text not null,
  due_on date not null,
  recurrence text not null default 'NONE',
  -- The day from which recurring days count.
  anchor_on date not null,
  completed_count integer not null default 0,
  amount bigint,
  currency text,
  reminder_days integer[] not null default '{30,7,1}',
  -- The last reminder: the day that it was about, and its days.
  reminded_for date,
  reminded_days integer,
  -- When a worker looks at the obligation again.
  due_at timestamptz,
  completed_for date,
  completed_at timestamptz,
  completed_by uuid,
  completion_note text,
  -- Null for those that recur.
  done_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  constraint contract_obligations_pkey primary key (tenant_id, id),
  constraint contract_obligations_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint contract_obligations_party_check check (party in ('US', 'VENDOR')),
  constraint contract_obligations_recurrence_check check (recurrence in ('NONE', 'MONTHLY', 'QUARTERLY', 'YEARLY')),
  constraint contract_obligations_amount_check check (amount >= 0 and (amount is null) = (currency is null)),
  constraint contract_obligations_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint contract_obligations_done_check check (done_at is null or recurrence = 'NONE'),
  constraint contract_obligations_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index contract_obligations_by_contract on vendors.contract_obligations (tenant_id, contract_id, due_on, id) where deleted_at is null;
create index contract_obligations_due on vendors.contract_obligations (due_at, tenant_id) where due_at is not null;
create index contract_obligations_due_of_tenant on vendors.contract_obligations (tenant_id, due_at, id) where due_at is not null;
call app.protect('vendors.contract_obligations');

-- Vendors without a row take any number of assignments. An assignment locks the row, so that concurrent ones count each other.
create table vendors.availability (
  tenant_id uuid not null,
  vendor_id uuid not null,
  -- Name of a calendar of the configuration. Null: that of the organization.
  calendar text,
  max_open integer,
  per_day integer,
  per_week integer,
  constraint availability_pkey primary key (tenant_id, vendor_id),
  constraint availability_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint availability_limits_check check (max_open >= 0 and per_day >= 0 and per_week >= 0)
);
call app.protect('vendors.availability', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

create table vendors.absences (
  tenant_id uuid not null,
  vendor_id uuid not null,
  from_day date not null,
  -- Last day.
  until_day date not null,
  -- For users of the organization.
  reason text,
  constraint absences_pkey primary key (tenant_id, vendor_id, from_day),
  constraint absences_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint absences_days_check check (from_day <= until_day)
);
call app.protect('vendors.absences', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Vendors of projects, with their history. Users of a vendor see its projects as far as their permissions reach.
create table vendors.project_vendors (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  vendor_id uuid not null,
  role text not null,
  assigned_by uuid not null,
  assigned_at timestamptz not null,
  ended_by uuid,
  ended_at timestamptz,
  constraint project_vendors_pkey primary key (tenant_id, id),
  constraint project_vendors_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_vendors_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_vendors_assigner_fkey foreign key (tenant_id, assigned_by) references identity.users (tenant_id, id),
  constraint project_vendors_ender_fkey foreign key (tenant_id, ended_by) references identity.users (tenant_id, id),
  constraint project_vendors_ended_check check ((ended_by is null) = (ended_at is null))
);
create unique index project_vendors_present_key on vendors.project_vendors (tenant_id, project_id, vendor_id) where ended_at is null;
create index project_vendors_by_project on vendors.project_vendors (tenant_id, project_id, assigned_at, id);
create index project_vendors_by_vendor on vendors.project_vendors (tenant_id, vendor_id, project_id) where ended_at is null;
create index project_vendors_by_assigner on vendors.project_vendors (tenant_id, assigned_by);
create index project_vendors_by_ender on vendors.project_vendors (tenant_id, ended_by) where ended_by is not null;
call app.protect('vendors.project_vendors', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Baselines of projects: the dates, the work, and the budget of a plan, to compare with later ones.
create table vendors.project_baselines (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  number integer not null,
  name text not null,
  is_current boolean not null default true,
  -- Version of the plan.
  plan_version integer not null,
  -- Version of the scope. Null: none was approved.
  scope_number integer,
  start_at timestamptz not null,
  finish_at timestamptz not null,
  work_minutes bigint not null,
  budget_amount bigint,
  currency text,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  constraint project_baselines_pkey primary key (tenant_id, id),
  constraint project_baselines_number_key unique (tenant_id, project_id, number),
  constraint project_baselines_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_baselines_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint project_baselines_budget_check check ((budget_amount is null) = (currency is null))
);
create unique index project_baselines_current_key on vendors.project_baselines (tenant_id, project_id) where is_current;
call app.protect('vendors.project_baselines');

create table vendors.project_baseline_tasks (
  tenant_id uuid not null,
  baseline_id uuid not null,
  task_id uuid not null,
  -- Place in the order of the plan.
  place integer not null,
  name text not null,
  start_at timestamptz not null,
  finish_at timestamptz not null,
  work_minutes bigint not null,
  constraint project_baseline_tasks_pkey primary key (tenant_id, baseline_id, task_id),
  constraint project_baseline_tasks_baseline_fkey foreign key (tenant_id, baseline_id) references vendors.project_baselines (tenant_id, id),
  constraint project_baseline_tasks_task_fkey foreign key (tenant_id, task_id) references vendors.project_tasks (tenant_id, id)
);
create index project_baseline_tasks_by_task on vendors.project_baseline_tasks (tenant_id, task_id);
call app.protect('vendors.project_baseline_tasks');

-- The scope of projects: its items, its versions, and the changes that lead from one version to the next.
create table vendors.scope_items (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  title text not null,
  description text not null default '',
  acceptance_criteria text[] not null default '{}',
  status text not null default 'PLANNED',
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  constraint scope_items_pkey primary key (tenant_id, id),
  constraint scope_items_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_items_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint scope_items_status_check check (status in ('PLANNED', 'IN_PROGRESS', 'DELIVERED', 'ACCEPTED'))
);
create index scope_items_by_project on vendors.scope_items (tenant_id, project_id, id) where removed_at is null;
call app.protect('vendors.scope_items');

create table vendors.scope_changes (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  number integer not null,
  status text not null default 'IN_APPROVAL',
  -- Why the change is proposed.
  reason text not null,
  -- Why it is rejected, stale, or withdrawn.
  outcome_reason text,
  -- What was asked for, from which a refreshed change is computed.
  proposal jsonb not null,
  -- What it does to the dates and the budget.
  impact jsonb not null,
  -- What its approval writes. Null once it is written, or never will be.
  application jsonb,
  -- On which versions the impact and the application are based.
  base_number integer not null,
  base_project_version integer not null,
  base_plan_version integer not null,
  -- The version of the scope that the change has made.
  applied_number integer,
  -- The last approval.
  instance_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint scope_changes_pkey primary key (tenant_id, id),
  constraint scope_changes_number_key unique (tenant_id, project_id, number),
  constraint scope_changes_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_changes_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint scope_changes_status_check check (status in ('IN_APPROVAL', 'APPLIED', 'REJECTED', 'STALE', 'WITHDRAWN')),
  constraint scope_changes_applied_check check ((status = 'APPLIED') = (applied_number is not null)),
  constraint scope_changes_application_check check (status <> 'IN_APPROVAL' or application is not null)
);
create index scope_changes_by_age on vendors.scope_changes (tenant_id, created_at, id);
call app.protect('vendors.scope_changes');

create table vendors.scope_versions (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  number integer not null,
  content jsonb not null,
  -- SHA-256 of the content.
  hash text not null,
  -- The change that has made it. Null for the first one.
  change_id uuid,
  -- Null: a timer approved the change.
  approved_by uuid,
  approved_at timestamptz not null,
  constraint scope_versions_pkey primary key (tenant_id, id),
  constraint scope_versions_number_key unique (tenant_id, project_id, number),
  constraint scope_versions_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_versions_change_fkey foreign key (tenant_id, change_id) references vendors.scope_changes (tenant_id, id),
  constraint scope_versions_approver_fkey foreign key (tenant_id, approved_by) references identity.users (tenant_id, id)
);
call app.protect('vendors.scope_versions');

-- Milestones of projects, which a workflow approves.
create table vendors.milestones (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  name text not null,
  description text not null default '',
  due_on date not null,
  owner_id uuid not null,
  status text not null default 'PLANNED',
  -- The last review. Not a foreign key: instances reference milestones, and a cycle could not be purged.
  instance_id uuid,
  submitted_by uuid,
  submitted_at timestamptz,
  reached_at timestamptz,
  -- Why the last review ended without an approval.
  reason text,
  -- The last notice: the due day that it was about, and the days until then. -1: it is overdue.
  reminded_for date,
  reminded_days integer,
  -- When a worker looks at the milestone again.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  constraint milestones_pkey primary key (tenant_id, id),
  constraint milestones_project_key unique (tenant_id, project_id, id),
  constraint milestones_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint milestones_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint milestones_status_check check (status in ('PLANNED', 'IN_REVIEW', 'REACHED') and (status = 'REACHED') = (reached_at is not null)),
  constraint milestones_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint milestones_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index milestones_by_project on vendors.milestones (tenant_id, project_id, due_on, id) where deleted_at is null;
create index milestones_by_day on vendors.milestones (tenant_id, due_on, id) include (deleted_at);
create index milestones_by_age on vendors.milestones (tenant_id, created_at, id) include (deleted_at);
create index milestones_by_owner on vendors.milestones (tenant_id, owner_id, due_on, id);
create index milestones_due on vendors.milestones (due_at, tenant_id) where due_at is not null;
create index milestones_due_of_tenant on vendors.milestones (tenant_id, due_at, id) where due_at is not null;
call app.protect('vendors.milestones', vendor_sees => 'app.vendor_sees_milestone(id)', vendor_writes => 'false');

-- Tasks that must be done before a milestone can be submitted.
create table vendors.milestone_tasks (
  tenant_id uuid not null,
  milestone_id uuid not null,
  task_id uuid not null,
  project_id uuid not null,
  constraint milestone_tasks_pkey primary key (tenant_id, milestone_id, task_id),
  -- Both in the same project.
  constraint milestone_tasks_milestone_fkey foreign key (tenant_id, project_id, milestone_id) references vendors.milestones (tenant_id, project_id, id),
  constraint milestone_tasks_task_fkey foreign key (tenant_id, project_id, task_id) references vendors.project_tasks (tenant_id, project_id, id)
);
create index milestone_tasks_by_task on vendors.milestone_tasks (tenant_id, task_id);
call app.protect('vendors.milestone_tasks', vendor_sees => 'app.vendor_sees(task_id)', vendor_writes => 'false');

-- What projects cost. A cost is never changed or deleted: it is voided, and a correction replaces it.
create table vendors.project_costs (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  spent_on date not null,
  -- In minor units of `currency` (ISO 4217), the currency of the project.
  amount bigint not null,
  currency text not null,
  category text not null,
  vendor_id uuid,
  contract_id uuid,
  note text not null default '',
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  -- The cost that this one corrects.
  corrects_id uuid,
  voided_at timestamptz,
  voided_by uuid,
  void_reason text,
  version integer not null default 1,
  constraint project_costs_pkey primary key (tenant_id, id),
  constraint project_costs_corrects_key unique (tenant_id, corrects_id),
  constraint project_costs_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_costs_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_costs_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint project_costs_recorder_fkey foreign key (tenant_id, recorded_by) references identity.users (tenant_id, id),
  constraint project_costs_corrects_fkey foreign key (tenant_id, corrects_id) references vendors.project_costs (tenant_id, id),
  constraint project_costs_amount_check check (amount > 0),
  constraint project_costs_category_check check (category in ('LABOR', 'MATERIAL', 'SERVICE', 'EQUIPMENT', 'TRAVEL', 'OTHER')),
  constraint project_costs_voided_check check (num_nonnulls(voided_at, voided_by, void_reason) in (0, 3))
);
create index project_costs_by_project on vendors.project_costs (tenant_id, project_id, spent_on, id) include (amount, currency, voided_at);
create index project_costs_by_contract on vendors.project_costs (tenant_id, contract_id) include (amount, currency) where contract_id is not null and voided_at is null;
create index project_costs_by_vendor on vendors.project_costs (tenant_id, vendor_id) where vendor_id is not null;
call app.protect('vendors.project_costs');

-- Risks and decisions of projects.
create table vendors.project_risks (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  title text not null,
  -- 1 (very low) to 5 (very high).
  probability integer not null,
  impact integer not null,
  score integer not null generated always as (probability * impact) stored,
  mitigation text not null default '',
  owner_id uuid,
  status text not null default 'OPEN',
  -- Why it was closed.
  outcome text,
  closed_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_risks_pkey primary key (tenant_id, id),
  constraint project_risks_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_risks_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint project_risks_scale_check check (probability between 1 and 5 and impact between 1 and 5),
  constraint project_risks_status_check check (status in ('OPEN', 'CLOSED') and num_nonnulls(outcome, closed_at) = case status when 'CLOSED' then 2 else 0 end)
);
create index project_risks_by_score on vendors.project_risks (tenant_id, project_id, score, id);
create index project_risks_by_owner on vendors.project_risks (tenant_id, owner_id) where owner_id is not null;
call app.protect('vendors.project_risks');

create table vendors.project_decisions (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  title text not null,
  decision text not null,
  reason text not null default '',
  decided_on date not null,
  decided_by uuid not null,
  status text not null default 'ACTIVE',
  -- Why it no longer applies.
  outcome text,
  closed_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_decisions_pkey primary key (tenant_id, id),
  constraint project_decisions_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_decisions_decider_fkey foreign key (tenant_id, decided_by) references identity.users (tenant_id, id),
  constraint project_decisions_status_check check (status in ('ACTIVE', 'CLOSED') and num_nonnulls(outcome, closed_at) = case status when 'CLOSED' then 2 else 0 end)
);
create index project_decisions_by_day on vendors.project_decisions (tenant_id, project_id, decided_on, id);
create index project_decisions_by_user on vendors.project_decisions (tenant_id, decided_by);
call app.protect('vendors.project_decisions');

-- Templates of projects: plans and milestones relative to the first day.
create table vendors.project_templates (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null default '',
  content jsonb not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_templates_pkey primary key (tenant_id, id),
  constraint project_templates_name_key unique (tenant_id, name),
  constraint project_templates_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index project_templates_by_name on vendors.project_templates (tenant_id, name, id);
call app.protect('vendors.project_templates');

-- References from the schemas above to vendors.
alter table identity.users add constraint users_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table app.object_access add constraint object_access_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table app.attachments add constraint attachments_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table workflows.instances add constraint instances_assignee_vendor_fkey foreign key (tenant_id, assignee_vendor_id) references vendors.vendors (tenant_id, id);
alter table requests.assets add constraint assets_owner_vendor_fkey foreign key (tenant_id, owner_vendor_id) references vendors.vendors (tenant_id, id);
alter table requests.comments add constraint comments_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table requests.vendor_offers add constraint vendor_offers_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);
alter table requests.reply_addresses add constraint reply_addresses_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id);

-- Schema events: the log, the outbox of the relay, webhooks, integrations. Nothing refers to the log by a foreign key: it is append-only and
-- partition-ready (IDs are time-ordered), so that retention can drop a partition.

-- Log of events. They are never changed, and deleted when they are old. Personal values in the payload are encrypted with the person's key.
create table events.log (
  tenant_id uuid not null,
  id uuid not null,
  type text not null,
  type_version integer not null,
  subject_type text not null,
  subject_id uuid not null,
  subject_version integer not null,
  related jsonb not null,
  payload jsonb not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  cause_id uuid,
  request_id text not null,
  trace_id text,
  occurred_at timestamptz not null,
  constraint log_pkey primary key (tenant_id, id)
);
create index log_of_sla_clocks on events.log (tenant_id, subject_id) where type in ('sla.recorded', 'sla.warning', 'sla.breached');
-- Type under which users see an event: the declared name of a custom event.
create index log_by_type on events.log (tenant_id, (case when type = 'custom.published' then payload->>'name' else type end), id);
create index log_by_subject on events.log (tenant_id, subject_id, id);
create index log_by_actor on events.log (tenant_id, actor_id, id);
-- Events of internal comments are about an instance or a request that the vendor can see.
call app.protect('events.log', vendor_writes => 'true',
  vendor_sees => $$app.vendor_sees_event(subject_id, related) and payload ->> 'audience' is distinct from 'INTERNAL'$$);

create table events.outbox (
  tenant_id uuid not null,
  event_id uuid not null,
  seq bigint not null generated always as identity,
  constraint outbox_pkey primary key (tenant_id, seq)
);
call app.protect('events.outbox', vendor_sees => 'false', vendor_writes => 'true');

create table events.positions (
  tenant_id uuid not null,
  position bigint not null,
  event_id uuid not null,
  constraint positions_pkey primary key (tenant_id, position),
  constraint positions_event_key unique (tenant_id, event_id)
);
call app.protect('events.positions', vendor_sees => 'true', vendor_writes => 'false');

create table events.position_heads (
  tenant_id uuid not null,
  position bigint not null,
  constraint position_heads_pkey primary key (tenant_id),
  constraint position_heads_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.position_heads', vendor_sees => 'true', vendor_writes => 'false');

create table events.consumer_cursors (
  tenant_id uuid not null,
  consumer text not null,
  position bigint not null,
  -- Number of attempts at the events after the position, since it last advanced.
  attempts integer not null default 0,
  careful_to bigint not null default 0,
  -- Number of consecutively parked events.
  parked_in_row integer not null default 0,
  constraint consumer_cursors_pkey primary key (tenant_id, consumer),
  constraint consumer_cursors_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.consumer_cursors');

-- Events that a consumer could not handle and skipped.
create table events.parked (
  tenant_id uuid not null,
  consumer text not null,
  event_id uuid not null,
  position bigint not null,
  instance_id uuid,
  attempts integer not null,
  status text not null default 'PARKED',
  parked_at timestamptz not null default now(),
  id uuid not null default gen_random_uuid(),
  constraint parked_pkey primary key (tenant_id, consumer, event_id),
  constraint parked_id_key unique (tenant_id, id),
  constraint parked_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint parked_status_check check (status in ('PARKED', 'RETRY', 'SKIPPED', 'DONE'))
);
create index parked_to_retry on events.parked (tenant_id, consumer, position) where status = 'RETRY';
create index parked_by_instance on events.parked (tenant_id, instance_id) where status = 'PARKED';
create index parked_by_time on events.parked (tenant_id, parked_at, id);
call app.protect('events.parked');

-- Custom events: types that a tenant declares.
create table events.custom_types (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null,
  -- JSON. The order of the properties is kept.
  payload_schema json not null,
  -- Version of the payload. Incremented on incompatible changes.
  type_version integer not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint custom_types_pkey primary key (tenant_id, id),
  constraint custom_types_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint custom_types_name_check check (name ~ '^custom\.[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$' and length(name) <= 100),
  constraint custom_types_type_version_check check (type_version > 0)
);
-- Deleted types keep their versions, so that a type that is declared again continues after them.
create unique index custom_types_name_key on events.custom_types (tenant_id, name) where deleted_at is null;
create index custom_types_by_name on events.custom_types (tenant_id, name, type_version);
call app.protect('events.custom_types', vendor_sees => 'false', vendor_writes => 'false');

-- Webhooks: endpoints that receive events, what was sent to them, and what they answered.
create table events.webhooks (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  url text not null,
  -- Null: events of all types.
  event_types text[],
  -- CEL; empty: every event of the types.
  condition text not null default '',
  header_names text[] not null default '{}',
  -- The values, as encrypted JSON.
  headers text,
  is_ordered boolean not null default false,
  -- Requests per second.
  rate_limit integer,
  status text not null default 'ACTIVE',
  stop_reason text,
  status_changed_at timestamptz not null,
  -- Encrypted, as are the headers.
  secret text not null,
  previous_secret text,
  previous_secret_expires_at timestamptz,
  -- A webhook receives only events that are numbered after it was created or activated again.
  after_position bigint not null default 0,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  payload_query text,
  -- The query runs with the rights of this user.
  payload_user_id uuid,
  -- Raised whenever the query, its user, or the destination changes.
  payload_generation integer not null default 0,
  constraint webhooks_pkey primary key (tenant_id, id),
  constraint webhooks_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint webhooks_status_check check (status in ('ACTIVE', 'PAUSED', 'DISABLED')),
  constraint webhooks_reason_check check ((status = 'DISABLED') = (stop_reason is not null) and stop_reason in ('GONE', 'FAILING')),
  constraint webhooks_types_check check (cardinality(event_types) > 0),
  constraint webhooks_rate_check check (rate_limit between 1 and 1000),
  constraint webhooks_headers_check check ((headers is null) = (cardinality(header_names) = 0)),
  constraint webhooks_previous_check check ((previous_secret is null) = (previous_secret_expires_at is null)),
  constraint webhooks_payload_check check ((payload_query is null) = (payload_user_id is null))
);
create index webhooks_by_age on events.webhooks (tenant_id, created_at, id);
call app.protect('events.webhooks');

-- What changes with deliveries, apart from the webhook itself. Its row is the lock under which deliveries of the webhook are claimed.
create table events.webhook_states (
  tenant_id uuid not null,
  webhook_id uuid not null,
  consecutive_failures integer not null default 0,
  failing_since timestamptz,
  -- The endpoint asked for a pause.
  blocked_until timestamptz,
  -- The time up to which the rate limit is used up.
  rate_used_until timestamptz,
  last_failed_at timestamptz,
  -- The subject after which the next search for deliveries of an ordered webhook begins.
  last_subject_id uuid,
  -- The last claim, to the hour, and the first one since claims were last days apart.
  last_claimed_at timestamptz,
  active_since timestamptz,
  payload_error text,
  -- The endpoint has answered slowly, and counts as slow until then.
  slow_until timestamptz,
  -- Since when the secret or the headers cannot be decrypted.
  unreadable_since timestamptz,
  constraint webhook_states_pkey primary key (tenant_id, webhook_id),
  constraint webhook_states_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint webhook_states_failing_check check ((consecutive_failures = 0) = (failing_since is null)),
  constraint webhook_states_active_check check ((last_claimed_at is null) = (active_since is null))
);
call app.protect('events.webhook_states');

create table events.webhook_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  -- The order in which deliveries were queued.
  seq bigint not null generated always as identity,
  -- The header webhook-id: the same for all deliveries of an event.
  message_id text not null,
  -- Null: a test.
  event_id uuid,
  event_type text not null,
  subject_id uuid not null,
  replay_of uuid,
  -- Stored only for tests. Otherwise it is derived from the event.
  body text,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  lease_until timestamptz,
  claim_token uuid,
  last_status integer,
  last_error text,
  last_latency_ms integer,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  -- Claims in a row whose sender ended without a result.
  takeovers integer not null default 0,
  has_payload boolean not null default false,
  -- Null: nothing is to be built. While it is built, the time after which it is built again.
  payload_due_at timestamptz,
  payload_attempts integer not null default 0,
  -- The user whose data the body contains.
  payload_user_id uuid,
  -- That of the webhook for which the body was built.
  payload_generation integer,
  -- Claims in a row that no gateway has ended.
  payload_lapses integer not null default 0,
  -- Since when it could not be built. Null if the last attempt did not fail.
  payload_failing_since timestamptz,
  constraint webhook_deliveries_pkey primary key (tenant_id, id),
  constraint webhook_deliveries_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint webhook_deliveries_status_check check (status in ('PENDING', 'DELIVERED', 'FAILED', 'CANCELLED')),
  constraint webhook_deliveries_finished_check check ((status = 'PENDING') = (finished_at is null)),
  constraint webhook_deliveries_lease_check check ((claim_token is null) = (lease_until is null) and (claim_token is null or status = 'PENDING')),
  constraint webhook_deliveries_next_check check (
    (next_attempt_at is null or status = 'PENDING') and (status <> 'PENDING' or next_attempt_at is not null or payload_due_at is not null)),
  constraint webhook_deliveries_payload_check check (payload_due_at is null or (has_payload and next_attempt_at is null)),
  constraint webhook_deliveries_body_check check ((event_id is null or has_payload or body is null) and (event_id is not null or body is not null))
);
-- An event is queued once for each webhook. Replays are further rows.
create unique index webhook_deliveries_event_key on events.webhook_deliveries (tenant_id, webhook_id, event_id) where replay_of is null and event_id is not null;
create index webhook_deliveries_due on events.webhook_deliveries (tenant_id, webhook_id, next_attempt_at, seq) where status = 'PENDING';
create index webhook_deliveries_claimed on events.webhook_deliveries (tenant_id, webhook_id, lease_until) where claim_token is not null;
create index webhook_deliveries_in_order on events.webhook_deliveries (tenant_id, webhook_id, subject_id, seq) where status = 'PENDING';
create index webhook_deliveries_by_age on events.webhook_deliveries (tenant_id, created_at, id);
create index webhook_deliveries_of_webhook on events.webhook_deliveries (tenant_id, webhook_id, created_at, id);
create index webhook_deliveries_replays on events.webhook_deliveries (tenant_id, replay_of) where replay_of is not null;
create index webhook_deliveries_finished on events.webhook_deliveries (tenant_id, finished_at, id) where finished_at is not null;
create index webhook_deliveries_ended on events.webhook_deliveries (tenant_id, webhook_id, finished_at) where finished_at is not null;
create index webhook_deliveries_payload_due on events.webhook_deliveries (tenant_id, payload_due_at, seq)
  where status = 'PENDING' and payload_due_at is not null;
create index webhook_deliveries_payload_of_webhook on events.webhook_deliveries (tenant_id, webhook_id, payload_due_at, seq)
  where status = 'PENDING' and payload_due_at is not null;
-- Deliveries that repeat another one are outside the unique index of events.
create index webhook_deliveries_repeated_event on events.webhook_deliveries (tenant_id, event_id) where replay_of is not null;
call app.protect('events.webhook_deliveries');

create table events.webhook_attempts (
  tenant_id uuid not null,
  id uuid not null,
  delivery_id uuid not null,
  number integer not null,
  started_at timestamptz not null,
  latency_ms integer not null,
  -- Without the values of custom headers.
  request_headers jsonb not null,
  -- Null: there was no response.
  status integer,
  response_headers jsonb,
  response_body text,
  is_truncated boolean not null default false,
  error text,
  -- The user whose data the request contained, and the response can repeat. It can differ from that of the delivery, if the webhook has changed
  -- since.
  payload_user_id uuid,
  constraint webhook_attempts_pkey primary key (tenant_id, id),
  constraint webhook_attempts_delivery_fkey foreign key (tenant_id, delivery_id) references events.webhook_deliveries (tenant_id, id) on delete cascade
);
create index webhook_attempts_by_delivery on events.webhook_attempts (tenant_id, delivery_id, number);
call app.protect('events.webhook_attempts');

-- Inbound webhooks: endpoints to which other systems send messages, the messages, and what became of them.
create table events.inbound_webhooks (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  scheme text not null,
  -- Of the schemes HMAC and BASIC: names of headers, encoding, user name.
  settings jsonb not null default '{}',
  -- Encrypted.
  secret text not null,
  previous_secret text,
  previous_secret_expires_at timestamptz,
  status text not null default 'ACTIVE',
  -- Name of the custom event that a message becomes.
  event_type text not null,
  -- CEL; empty: every message.
  condition text not null default '',
  -- Expressions by property of the event's payload. Null: the body. JSON, so that the order of the properties is kept.
  payload json,
  -- Expression: ID of the object that the event is about.
  subject text,
  -- Headers that expressions can read.
  header_names text[] not null default '{}',
  user_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint inbound_webhooks_pkey primary key (tenant_id, id),
  constraint inbound_webhooks_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint inbound_webhooks_scheme_check check (scheme in ('STANDARD_WEBHOOKS', 'GITHUB', 'STRIPE', 'SLACK', 'HMAC', 'BASIC')),
  constraint inbound_webhooks_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint inbound_webhooks_previous_check check ((previous_secret is null) = (previous_secret_expires_at is null))
);
create index inbound_webhooks_by_age on events.inbound_webhooks (tenant_id, created_at, id);
call app.protect('events.inbound_webhooks');

create table events.inbound_messages (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  -- From the sender. Otherwise derived from what was signed, or random.
  message_id text not null,
  -- Hash of what was signed, if that does not include the ID of the message.
  replay_key text,
  -- Body and headers. Encrypted, because they can contain personal data.
  content text not null,
  size integer not null,
  status text not null default 'RECEIVED',
  -- Encrypted, too: it can quote the body.
  error text,
  event_id uuid,
  attempts integer not null default 0,
  received_at timestamptz not null,
  handled_at timestamptz,
  constraint inbound_messages_pkey primary key (tenant_id, id),
  constraint inbound_messages_message_key unique (tenant_id, webhook_id, message_id),
  constraint inbound_messages_webhook_fkey foreign key (tenant_id, webhook_id)
    references events.inbound_webhooks (tenant_id, id) on delete cascade,
  constraint inbound_messages_status_check check (status in ('RECEIVED', 'PUBLISHED', 'IGNORED', 'FAILED')),
  constraint inbound_messages_handled_check check ((status = 'RECEIVED') = (handled_at is null)),
  constraint inbound_messages_error_check check ((status = 'FAILED') = (error is not null)),
  constraint inbound_messages_event_check check ((status = 'PUBLISHED') = (event_id is not null))
);
create unique index inbound_messages_replay_key on events.inbound_messages (tenant_id, webhook_id, replay_key) where replay_key is not null;
create index inbound_messages_by_age on events.inbound_messages (tenant_id, received_at, id);
create index inbound_messages_of_webhook on events.inbound_messages (tenant_id, webhook_id, received_at, id);
create index inbound_messages_waiting on events.inbound_messages (tenant_id, received_at) where status = 'RECEIVED';
create index inbound_messages_ended on events.inbound_messages (tenant_id, handled_at) where handled_at is not null;
create index inbound_messages_by_status on events.inbound_messages (tenant_id, webhook_id, status);
call app.protect('events.inbound_messages');

-- Integrations: connections to systems of the tenant, and the calls that are sent to them.
create table events.integrations (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  connector text not null,
  configuration jsonb not null,
  credentials text not null,
  credential_names text[] not null,
  status text not null default 'ACTIVE',
  health text not null default 'UNKNOWN',
  checked_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  failures_in_row integer not null default 0,
  blocked_until timestamptz,
  call_count integer not null default 0,
  failed_call_count integer not null default 0,
  last_called_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  resumed_at timestamptz,
  hour_started_at timestamptz,
  calls_in_hour integer not null default 0,
  limited_until timestamptz,
  constraint integrations_pkey primary key (tenant_id, id),
  constraint integrations_key_key unique (tenant_id, key),
  constraint integrations_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint integrations_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint integrations_health_check check (health in ('UNKNOWN', 'HEALTHY', 'UNHEALTHY'))
);
create index integrations_by_name on events.integrations (tenant_id, name, id);
call app.protect('events.integrations');

create table events.integration_calls (
  tenant_id uuid not null,
  id uuid not null,
  integration_key text not null,
  integration_id uuid,
  action text not null,
  input text not null,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  claim_token uuid,
  result text,
  error text,
  event_id uuid,
  instance_id uuid,
  follow_up jsonb,
  follow_up_status text,
  follow_up_error text,
  created_by uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint integration_calls_pkey primary key (tenant_id, id),
  constraint integration_calls_integration_fkey foreign key (tenant_id, integration_id) references events.integrations (tenant_id, id) on delete cascade,
  constraint integration_calls_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint integration_calls_follow_up_check check (follow_up_status in ('DONE', 'SKIPPED', 'FAILED')),
  constraint integration_calls_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'UNKNOWN', 'DEAD', 'EXPIRED'))
);
create index integration_calls_by_integration on events.integration_calls (tenant_id, integration_id, id);
create index integration_calls_by_instance on events.integration_calls (tenant_id, instance_id, id) where instance_id is not null;
create index integration_calls_by_age on events.integration_calls (tenant_id, finished_at) where status <> 'PENDING';
-- A sender looks up the first call of each integration, so that calls of paused integrations are never read.
create index integration_calls_to_send on events.integration_calls (tenant_id, integration_id, next_attempt_at, id) where status = 'PENDING';
call app.protect('events.integration_calls');

-- Pauses of channels.
create table events.delivery_pauses (
  tenant_id uuid not null,
  channel text not null,
  reason text not null,
  paused_by uuid not null,
  paused_at timestamptz not null default now(),
  -- Null while the channel is paused. The last pause is kept: what waited for its end is not too old to be sent.
  resumed_at timestamptz,
  constraint delivery_pauses_pkey primary key (tenant_id, channel),
  constraint delivery_pauses_user_fkey foreign key (tenant_id, paused_by) references identity.users (tenant_id, id),
  constraint delivery_pauses_channel_check check (channel in ('WEBHOOK', 'NOTIFICATION', 'CALL'))
);
call app.protect('events.delivery_pauses');

-- Replays: deliveries of past events that a webhook never received, queued in the background.
create table events.replays (
  tenant_id uuid not null,
  id uuid not null,
  webhook_id uuid not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  -- Null: all types that the webhook receives.
  event_types text[],
  -- Events after the start and up to the end are examined. The position is that of the last examined one.
  start_position bigint not null,
  end_position bigint not null,
  position bigint not null,
  reached_at timestamptz,
  queued_count integer not null default 0,
  status text not null default 'RUNNING',
  created_by uuid not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint replays_pkey primary key (tenant_id, id),
  constraint replays_webhook_fkey foreign key (tenant_id, webhook_id) references events.webhooks (tenant_id, id) on delete cascade,
  constraint replays_status_check check (status in ('RUNNING', 'COMPLETED', 'LIMIT_REACHED', 'STOPPED')),
  constraint replays_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint replays_period_check check (from_at <= to_at),
  constraint replays_position_check check (start_position <= position),
  constraint replays_types_check check (cardinality(event_types) > 0)
);
create unique index replays_running_key on events.replays (tenant_id, webhook_id) where status = 'RUNNING';
create index replays_by_webhook on events.replays (tenant_id, webhook_id);
call app.protect('events.replays');

-- Triggers of integrations: what is polled in other systems, and how its items become custom events.
create table events.integration_triggers (
  tenant_id uuid not null,
  id uuid not null,
  integration_id uuid not null,
  name text not null,
  -- Key of the trigger of the connector.
  trigger text not null,
  configuration jsonb not null,
  interval_seconds integer not null,
  -- Name of the custom event that an item becomes.
  event_type text not null,
  -- CEL; empty: every item.
  condition text not null default '',
  -- Expressions by property of the event's payload. Null: the item. JSON, so that the order of the properties is kept.
  payload json,
  -- Expression: ID of the object that the event is about.
  subject text,
  status text not null default 'ACTIVE',
  -- Whether the next start publishes what exists already.
  is_from_beginning boolean not null default false,
  -- Null: the next poll starts, and finds the cursor.
  started_at timestamptz,
  -- Where the next poll continues. Encrypted, because it can contain values of the other system.
  cursor text,
  -- While a poll runs: the time after which another worker can take it over.
  next_poll_at timestamptz not null default now(),
  claim_token uuid,
  last_polled_at timestamptz,
  last_succeeded_at timestamptz,
  failures_in_row integer not null default 0,
  -- Encrypted: it can quote an item.
  last_error text,
  last_error_at timestamptz,
  published_count integer not null default 0,
  ignored_count integer not null default 0,
  failed_count integer not null default 0,
  -- The user in whose name events are published: who last saved the trigger.
  user_id uuid not null,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint integration_triggers_pkey primary key (tenant_id, id),
  constraint integration_triggers_integration_fkey foreign key (tenant_id, integration_id)
    references events.integrations (tenant_id, id) on delete cascade,
  constraint integration_triggers_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint integration_triggers_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint integration_triggers_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint integration_triggers_interval_check check (interval_seconds between 60 and 86400),
  constraint integration_triggers_cursor_check check (cursor is null or started_at is not null),
  constraint integration_triggers_error_check check ((last_error is null) = (last_error_at is null))
);
create index integration_triggers_of_integration on events.integration_triggers (tenant_id, integration_id, id);
create index integration_triggers_due on events.integration_triggers (next_poll_at, tenant_id) where status = 'ACTIVE';
create index integration_triggers_due_of_tenant on events.integration_triggers (tenant_id, next_poll_at, id) where status = 'ACTIVE';
call app.protect('events.integration_triggers');

-- Events are deleted after the time that the configuration says. What was deleted of the past is recorded, so that nothing is replayed that is not
-- known.
create table events.retention (
  tenant_id uuid not null,
  -- Events up to this position have been deleted, except those that are still needed.
  deleted_position bigint not null default 0,
  -- The last one of them occurred at this time.
  deleted_until timestamptz,
  -- Up to here, those that had been needed were examined again.
  examined_position bigint not null default 0,
  -- The last delivery of a webhook, and the last run of a trigger, that was deleted began then. What a webhook or a trigger did before is not
  -- known.
  deliveries_deleted_until timestamptz,
  runs_deleted_until timestamptz,
  constraint retention_pkey primary key (tenant_id),
  constraint retention_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
call app.protect('events.retention', vendor_sees => 'true', vendor_writes => 'false');

-- Schema audit: the sealed audit trail, and notifications. Entries and seals are append-only for every role.

-- Append-only. Written in the transaction of the change that it describes. Contains complete images before and after, with personal values as
-- ciphertext.
create table audit.entries (
  tenant_id uuid not null,
  id uuid not null,
  action text not null,
  entity_type text not null,
  entity_id uuid not null,
  before jsonb,
  after jsonb,
  actor_id uuid not null,
  on_behalf_of uuid,
  session_id uuid,
  request_id text not null,
  address text,
  at timestamptz not null default now(),
  constraint entries_pkey primary key (tenant_id, id)
);
create index entries_by_entity on audit.entries (tenant_id, entity_id, id);
create index entries_by_actor on audit.entries (tenant_id, actor_id, id);
-- Entries of rare actions and of rare types. The most frequent ones are found quickly by age, and every transition writes one: an index that had
-- them would slow down every transition.
create index entries_by_action on audit.entries (tenant_id, action, id) where action not in ('workflow.start', 'workflow.fire');
create index entries_by_type on audit.entries (tenant_id, entity_type, id) where entity_type <> 'instance';
-- Entries of a period. Rows are appended in the order of time, so a summary of 32 pages is enough, and costs a write nothing that can be measured.
create index entries_by_time on audit.entries (tenant_id, at, id);
-- Hidden from vendors: what entries of assets say about owners and costs, those of projects and their workflows about budgets, those of documents,
-- vendors and their workflows about reviews; and entries that name tags, users, teams, or other requests.
call app.protect('audit.entries', vendor_writes => 'true', vendor_sees => $$app.vendor_sees(entity_id)
  and entity_type not in ('asset', 'vendorDocument', 'project', 'vendor')
  and not (entity_type = 'instance' and (app.is_of_project(entity_id) or app.is_about_vendor(entity_id)))
  and action not in ('request.tag', 'request.watch', 'request.unwatch', 'request.link', 'request.unlink', 'request.merge', 'request.split',
    'request.set_external_id', 'building.set_contact', 'building.remove_contact', 'building.assign_users', 'building.remove_users',
    'building.set_external_id')$$);

create table audit.unsealed (
  tenant_id uuid not null,
  entry_id uuid not null,
  seq bigint not null generated always as identity,
  constraint unsealed_pkey primary key (tenant_id, seq)
);
call app.protect('audit.unsealed', vendor_sees => 'false', vendor_writes => 'true');

create table audit.seals (
  tenant_id uuid not null,
  sequence bigint not null,
  entry_id uuid not null,
  entry_hash text not null,
  hash text not null,
  sealed_at timestamptz not null default now(),
  constraint seals_pkey primary key (tenant_id, sequence),
  constraint seals_entry_key unique (tenant_id, entry_id)
);
call app.protect('audit.seals');

create table audit.checkpoints (
  tenant_id uuid not null,
  sequence bigint not null,
  hash text not null,
  signature text not null,
  at timestamptz not null default now(),
  constraint checkpoints_pkey primary key (tenant_id, sequence)
);
call app.protect('audit.checkpoints');

create table audit.notifications (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  event_id uuid not null,
  kind text not null,
  title text not null,
  subject_type text not null,
  subject_id uuid not null,
  params jsonb not null,
  read_at timestamptz,
  created_at timestamptz not null,
  is_deleted boolean not null default false,
  archived_at timestamptz,
  rule_id uuid,
  constraint notifications_pkey primary key (tenant_id, id),
  constraint notifications_event_key unique nulls not distinct (tenant_id, user_id, event_id, kind, rule_id),
  constraint notifications_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index notifications_unread on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted) where read_at is null;
create index notifications_by_subject on audit.notifications (tenant_id, subject_id);
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id) include (is_deleted, archived_at);
call app.protect('audit.notifications', vendor_sees => 'user_id = app.user_id()');

-- Verifications of the whole chain, which a worker runs page by page.
create table audit.verifications (
  tenant_id uuid not null,
  id uuid not null,
  status text not null default 'RUNNING',
  -- A signed end of the chain that was stored outside Weft.
  known_checkpoint text,
  -- Sealed entries, as counted last.
  total bigint not null,
  -- Position reached so far, the hash of the chain there, and the last signed end before it.
  sequence bigint not null default 0,
  hash text,
  checkpoint text,
  is_valid boolean,
  -- The first place where the chain is broken.
  problem jsonb,
  unsealed bigint,
  -- Why it failed.
  message text,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint verifications_pkey primary key (tenant_id, id),
  constraint verifications_status_check check (status in ('RUNNING', 'COMPLETED', 'FAILED')),
  constraint verifications_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint verifications_valid_check check ((status = 'COMPLETED') = (is_valid is not null))
);
-- One at a time, and where the worker finds it.
create unique index verifications_running on audit.verifications (tenant_id) where status = 'RUNNING';
call app.protect('audit.verifications');

-- The newest signed end up to which a tenant's chain was found valid.
create table audit.verified_ends (
  tenant_id uuid not null,
  sequence bigint not null,
  checkpoint text not null,
  verified_at timestamptz not null default now(),
  constraint verified_ends_pkey primary key (tenant_id)
);
call app.protect('audit.verified_ends');

-- Notifications beyond the app: preferences of users, deliveries, and addresses to which no mail is sent.
create table audit.notification_preferences (
  tenant_id uuid not null,
  user_id uuid not null,
  -- A kind of notification. ALL: all kinds without a row of their own.
  kind text not null,
  -- ALL: the row with the quiet hours.
  channel text not null,
  -- Null: as the wider row, and finally the organization, says.
  is_enabled boolean,
  digest text,
  -- Local times, HH:MM.
  quiet_from text,
  quiet_to text,
  snoozed_until timestamptz,
  updated_at timestamptz not null default now(),
  constraint notification_preferences_pkey primary key (tenant_id, user_id, kind, channel),
  constraint notification_preferences_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_preferences_digest_check check (digest is null or (digest in ('NONE', 'HOURLY', 'DAILY') and channel = 'EMAIL')),
  constraint notification_preferences_quiet_check check (
    (quiet_from is null) = (quiet_to is null) and quiet_from <> quiet_to
    and quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' and quiet_to ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
  constraint notification_preferences_times_check check (channel = 'ALL' or (quiet_from is null and snoozed_until is null)),
  constraint notification_preferences_channel_check check (
    channel in ('IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'SMS', 'ALL') and (channel <> 'ALL' or kind = 'ALL'))
);
call app.protect('audit.notification_preferences', vendor_sees => 'user_id = app.user_id()');

create table audit.notification_deliveries (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid,
  notification_id uuid,
  event_id uuid not null,
  kind text not null,
  channel text not null,
  status text not null default 'QUEUED',
  -- Why it was postponed, cancelled or suppressed.
  reason text,
  -- When it becomes part of a message, in the tenant's time. Null once it has.
  due_at timestamptz,
  -- The message that contains it: the ID of the message's first delivery.
  message_id uuid,
  bundled_at timestamptz,
  attempts integer not null default 0,
  -- When the message is tried, in true time; while it is SENDING, when its claim ends. Only of one delivery of the message.
  next_attempt_at timestamptz,
  last_error text,
  sent_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null default now(),
  is_mandatory boolean not null default false,
  -- What the recipient could read when it was queued, and must still be able to read when it is sent. Null: nothing is checked.
  required_access jsonb,
  -- When its message became ready to be sent, in true time.
  ready_at timestamptz,
  -- Number of claims. Unlike the attempts, it is never reset, so that a sender whose claim was lost changes nothing.
  claims integer not null default 0,
  -- Null for emails.
  destination_id uuid,
  -- SHA-256 of the address to which an email was sent. The user can have another one when a report comes.
  address_hash text,
  -- The team whose chat gets it, instead of a user.
  team_id uuid,
  -- Of deliveries to teams: the rule, and what it says about the event. Users have notifications instead.
  rule_id uuid,
  title text,
  body text,
  constraint notification_deliveries_pkey primary key (tenant_id, id),
  -- At most one message per user, channel, destination and event; of a team, one for each rule.
  constraint notification_deliveries_event_key unique nulls not distinct (tenant_id, user_id, channel, event_id, destination_id, rule_id),
  constraint notification_deliveries_notification_fkey foreign key (tenant_id, notification_id) references audit.notifications (tenant_id, id),
  constraint notification_deliveries_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_deliveries_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint notification_deliveries_message_check check ((message_id is null) = (bundled_at is null)),
  constraint notification_deliveries_channel_check check (
    channel in ('EMAIL', 'CHAT', 'WEB_PUSH', 'SMS') and (channel = 'EMAIL') = (destination_id is null)),
  constraint notification_deliveries_receiver_check check (
    case when team_id is null then num_nonnulls(user_id, notification_id) = 2 and num_nonnulls(rule_id, title, body) = 0
      else num_nonnulls(user_id, notification_id) = 0 and num_nonnulls(rule_id, title, body) = 3 and channel = 'CHAT' end)
);
-- Not validated, as in databases from before the baseline, whose earlier constraint was stricter.
alter table audit.notification_deliveries
  add constraint notification_deliveries_status_check check (
    status in ('QUEUED', 'READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'CANCELLED', 'SUPPRESSED', 'BOUNCED', 'COMPLAINED')
    and (status = 'QUEUED') = (due_at is not null) and (next_attempt_at is null or status in ('READY', 'SENDING'))) not valid;
create index notification_deliveries_due on audit.notification_deliveries (due_at, tenant_id) where due_at is not null;
create index notification_deliveries_due_of_tenant on audit.notification_deliveries (tenant_id, due_at, id) where due_at is not null;
create index notification_deliveries_next on audit.notification_deliveries (next_attempt_at, tenant_id) where next_attempt_at is not null;
create index notification_deliveries_by_message on audit.notification_deliveries (tenant_id, message_id) where message_id is not null;
-- Counts messages: of a person in an hour, and of the tenant in a day.
create index notification_deliveries_messages on audit.notification_deliveries (tenant_id, bundled_at, user_id) where id = message_id;
create index notification_deliveries_by_time on audit.notification_deliveries (tenant_id, created_at, id);
create index notification_deliveries_by_status on audit.notification_deliveries (tenant_id, status, created_at, id);
create index notification_deliveries_by_user on audit.notification_deliveries (tenant_id, user_id, created_at, id);
create index notification_deliveries_by_notification on audit.notification_deliveries (tenant_id, notification_id);
create index notification_deliveries_by_team on audit.notification_deliveries (tenant_id, team_id, created_at, id) where team_id is not null;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at)
  where status in ('SENT', 'FAILED', 'UNKNOWN', 'BOUNCED', 'COMPLAINED');
call app.protect('audit.notification_deliveries');

-- Addresses that a mail server has refused permanently. A new address of the user is not suppressed.
create table audit.mail_suppressions (
  tenant_id uuid not null,
  user_id uuid not null,
  -- SHA-256
  address_hash text not null,
  reason text not null,
  created_at timestamptz not null default now(),
  constraint mail_suppressions_pkey primary key (tenant_id, user_id, address_hash),
  constraint mail_suppressions_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
call app.protect('audit.mail_suppressions');

-- Templates of the messages about notifications, with their versions. The published version is used; without one, the built-in template.
create table audit.notification_templates (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  channel text not null,
  -- BCP 47.
  locale text not null,
  -- Null: none is published.
  published_number integer,
  latest_number integer not null default 1,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_templates_pkey primary key (tenant_id, id),
  constraint notification_templates_place_key unique (tenant_id, kind, channel, locale),
  constraint notification_templates_channel_check check (channel in ('EMAIL')),
  constraint notification_templates_numbers_check check (published_number between 1 and latest_number)
);
create index notification_templates_by_kind on audit.notification_templates (tenant_id, kind, id);
create index notification_templates_by_time on audit.notification_templates (tenant_id, updated_at, id);
call app.protect('audit.notification_templates');

create table audit.notification_template_versions (
  tenant_id uuid not null,
  template_id uuid not null,
  number integer not null,
  -- Sources: Liquid, MJML with Liquid, Liquid.
  subject text not null,
  body text not null,
  text text,
  -- HTML with Liquid, made from the body.
  html text not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  constraint notification_template_versions_pkey primary key (tenant_id, template_id, number),
  constraint notification_template_versions_template_fkey foreign key (tenant_id, template_id)
    references audit.notification_templates (tenant_id, id) on delete cascade,
  constraint notification_template_versions_user_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
call app.protect('audit.notification_template_versions');

-- Rules of tenants: which events notify whom. What they cause has the rule's ID, so that each rule notifies a user once per event.
create table audit.notification_rules (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  event_types text[] not null,
  -- CEL; empty: every event of the types.
  condition text not null default '',
  recipients jsonb not null,
  -- Templates with values of the event.
  title text not null,
  body text not null default '',
  channels text[] not null,
  is_mandatory boolean not null default false,
  status text not null default 'ACTIVE',
  -- A rule considers only events that are numbered after it was activated.
  after_position bigint not null default 0,
  owner_id uuid not null,
  -- The last event that had more recipients than a rule can notify, and their number.
  last_cut_at timestamptz,
  last_cut_count integer,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint notification_rules_pkey primary key (tenant_id, id),
  constraint notification_rules_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint notification_rules_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint notification_rules_types_check check (cardinality(event_types) between 1 and 50),
  constraint notification_rules_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint notification_rules_cut_check check ((last_cut_at is null) = (last_cut_count is null)),
  constraint notification_rules_channels_check check (
    cardinality(channels) > 0 and channels <@ array['IN_APP', 'EMAIL', 'CHAT', 'WEB_PUSH', 'SMS'])
);
create index notification_rules_by_age on audit.notification_rules (tenant_id, created_at, id);
call app.protect('audit.notification_rules');

-- Notifications in chats and by web push: users add destinations, and each destination gets deliveries of its own.
create table audit.notification_destinations (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid,
  channel text not null,
  name text not null,
  -- Only of chats.
  format text,
  -- Encrypted: the URL, and the keys of a browser.
  address text not null,
  -- SHA-256, by which a destination that is added again is found.
  address_hash text not null,
  host text not null,
  status text not null default 'ACTIVE',
  -- Why it was disabled.
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  team_id uuid,
  constraint notification_destinations_pkey primary key (tenant_id, id),
  constraint notification_destinations_address_key unique nulls not distinct (tenant_id, user_id, team_id, channel, address_hash),
  constraint notification_destinations_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint notification_destinations_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint notification_destinations_channel_check check (
    channel in ('CHAT', 'WEB_PUSH', 'SMS') and (channel = 'CHAT') = (format is not null) and (format is null or format in ('SLACK', 'TEAMS'))),
  constraint notification_destinations_status_check check (
    status in ('UNCONFIRMED', 'ACTIVE', 'DISABLED', 'REMOVED') and (status = 'REMOVED') = (address = '')
    and (status <> 'UNCONFIRMED' or channel = 'SMS') and (status = 'UNCONFIRMED' or (status = 'DISABLED') = (reason is not null))),
  constraint notification_destinations_owner_check check (num_nonnulls(user_id, team_id) = 1 and (team_id is null or channel = 'CHAT'))
);
create index notification_destinations_by_team on audit.notification_destinations (tenant_id, team_id) where team_id is not null;
call app.protect('audit.notification_destinations', vendor_sees => 'user_id = app.user_id()');

-- Notifications by SMS: a phone number is a destination that its user confirms with a code. Text messages cost money, so they are counted.
create table audit.text_messages (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  destination_id uuid not null,
  -- Of the number, as in the destinations: limits apply to it.
  address_hash text not null,
  purpose text not null,
  -- Only of codes: notifications have the status of their deliveries.
  status text,
  -- HMAC of the code, made when it is sent.
  code_hash text,
  expires_at timestamptz,
  wrong_tries integer not null default 0,
  attempts integer not null default 0,
  -- When the code is tried; while it is SENDING, when its claim ends.
  next_attempt_at timestamptz,
  created_at timestamptz not null default now(),
  constraint text_messages_pkey primary key (tenant_id, id),
  constraint text_messages_destination_fkey foreign key (tenant_id, destination_id) references audit.notification_destinations (tenant_id, id) on delete cascade,
  constraint text_messages_purpose_check check (purpose in ('CODE', 'NOTIFICATION') and (purpose = 'CODE') = (status is not null)),
  constraint text_messages_status_check check (
    status in ('READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN') and (status in ('READY', 'SENDING')) = (next_attempt_at is not null))
);
create index text_messages_by_time on audit.text_messages (tenant_id, created_at);
-- Codes that a number has got from all tenants.
create index text_messages_by_address on audit.text_messages (address_hash, created_at, tenant_id) where purpose = 'CODE';
create index text_messages_by_destination on audit.text_messages (tenant_id, destination_id, created_at);
create index text_messages_next on audit.text_messages (tenant_id, next_attempt_at) where next_attempt_at is not null;
call app.protect('audit.text_messages', vendor_sees => 'user_id = app.user_id()');

-- Down Migration
drop schema audit, events, vendors, requests, workflows, app, identity, engine cascade;
