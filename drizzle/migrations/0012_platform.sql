-- Up Migration
-- The platform's own tenant, the life cycle of the others, sessions of platform operators, and when a purge may delete.

alter table identity.tenants
  add column kind text not null default 'CUSTOMER',
  add column archived_at timestamptz,
  -- Set when it is archived, from the retention of that day: a promise is not shortened afterwards.
  add column purge_at timestamptz,
  -- From then on parts of it are gone, so it is not restored any more.
  add column purge_started_at timestamptz,
  add constraint tenants_kind_check check (kind in ('CUSTOMER', 'PLATFORM')),
  -- Its operators could undo neither.
  add constraint tenants_platform_check check (kind = 'CUSTOMER' or status = 'ACTIVE'),
  add constraint tenants_archive_check check (status = 'ARCHIVED' or archived_at is null and purge_at is null and purge_started_at is null);

-- One platform tenant per installation.
create unique index tenants_platform_key on identity.tenants (kind) where kind = 'PLATFORM';

-- OPERATOR: stands in a tenant for a user of the platform tenant, so that what he does there has an actor. Nobody logs in as one.
alter table identity.users
  drop constraint users_type_check,
  add constraint users_type_check check (type in ('EMPLOYEE', 'VENDOR', 'SERVICE', 'OPERATOR')),
  add constraint users_operator_check check (type <> 'OPERATOR' or password_hash is null);

-- The user and the session in the platform tenant behind a session here. No foreign key: it would lead into another tenant.
alter table identity.sessions
  add column operator_tenant_id uuid,
  add column operator_id uuid,
  add column operator_session_id uuid,
  add column operator_reason text,
  add constraint sessions_operator_check check (num_nulls(operator_tenant_id, operator_id, operator_session_id, operator_reason) in (0, 4));
create index sessions_of_operators on identity.sessions (tenant_id, created_at, id) where operator_id is not null;

-- Whether everything of the transaction's tenant may be deleted. Stands in a restrictive policy of the role that purges, on every table: the database
-- itself refuses to delete a tenant before its time, whatever the program believes.
create function app.purge_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.tenants t
     where t.tenant_id = app.tenant() and t.kind = 'CUSTOMER' and t.status = 'ARCHIVED' and t.purge_at <= now());
end $$;

-- Down Migration
drop function app.purge_is_due() cascade;
drop index identity.sessions_of_operators;
alter table identity.sessions
  drop constraint sessions_operator_check,
  drop column operator_reason,
  drop column operator_session_id,
  drop column operator_id,
  drop column operator_tenant_id;
alter table identity.users
  drop constraint users_operator_check,
  drop constraint users_type_check,
  add constraint users_type_check check (type in ('EMPLOYEE', 'VENDOR', 'SERVICE'));
drop index identity.tenants_platform_key;
alter table identity.tenants
  drop constraint tenants_archive_check,
  drop constraint tenants_platform_check,
  drop constraint tenants_kind_check,
  drop column purge_started_at,
  drop column purge_at,
  drop column archived_at,
  drop column kind;
