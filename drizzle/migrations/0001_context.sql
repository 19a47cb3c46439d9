-- Up Migration
-- The schema that all share: the context of a transaction, the macro that protects a table, and the tables of no subgraph.

create schema app;

-- One STABLE expression each: the planner inlines them, so a policy on tenant_id becomes an index condition. `nullif` and `true`
-- make a transaction without a context see nothing; without them it would fail instead.
create function app.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;

create function app.user_id() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.user_id', true), '')::uuid;

-- The vendor whose user acts; null for everybody else.
create function app.vendor() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.vendor_id', true), '')::uuid;

-- Whether the vendor policies let everything pass. A function, because Citus cannot propagate a policy that holds `is null`.
create function app.is_staff() returns boolean language sql stable parallel safe
  return nullif(current_setting('app.vendor_id', true), '') is null;

-- Writes the policies of a table. Permissive: the tenant. Restrictive: a vendor user sees nothing of a table unless `vendor_sees`
-- says what (a second permissive policy would be OR-ed and widen access), writes what `vendor_writes` says (default: what is seen), and
-- deletes nothing. Predicates call functions: Citus cannot propagate a sub-select.
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
end $$;
revoke execute on procedure app.protect(regclass, text, text) from public;

create table app.object_access (
  tenant_id uuid not null,
  object_id uuid not null,
  vendor_id uuid not null,
  granted_at timestamptz not null default now(),
  constraint object_access_pkey primary key (tenant_id, object_id, vendor_id)
);
create index object_access_by_vendor on app.object_access (tenant_id, vendor_id, object_id);
call app.protect('app.object_access', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Whether the acting vendor was given the object. plpgsql keeps its plan for the session; lists are narrowed by an index
-- on the assignee first (equality of uuids is leak-proof), so this runs on the few rows that are left.
create function app.vendor_sees(object uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor());
end $$;

create table app.idempotency_keys (
  tenant_id uuid not null,
  user_id uuid not null,
  mutation text not null,
  key text not null,
  input_hash text not null,
  result jsonb,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (tenant_id, user_id, mutation, key),
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
  constraint person_keys_destroyed_check check ((wrapped_key is null) = (destroyed_at is not null))
);
-- The keys are wrapped by the installation's master key: a row alone opens nothing. A vendor user's writes may concern persons without a key.
call app.protect('app.person_keys', vendor_sees => 'true', vendor_writes => 'true');

create table app.counters (
  tenant_id uuid not null,
  name text not null,
  value bigint not null,
  constraint counters_pkey primary key (tenant_id, name)
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

-- Down Migration
drop schema app cascade;
