-- Up Migration
-- The clock of a sandbox can be advanced. While it is, it stands at one time after the other at which something is due, so everything happens at exactly its time.

alter table identity.tenants
  -- The tenant's time while its clock is being advanced.
  add column clock_stands_at timestamptz,
  add constraint tenants_clock_stands_check check (is_sandbox or clock_stands_at is null);

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

-- A tenant that works for real never becomes a sandbox, and no clock goes back. The owner of the tables sets up demonstrations and tests.
create function app.guard_clock() returns trigger language plpgsql as $$
begin
  if pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member') then
    return new;
  end if;
  if new.is_sandbox is distinct from old.is_sandbox then
    raise exception 'a tenant is a sandbox for ever or never' using errcode = 'check_violation', constraint = 'tenants_sandbox_check';
  end if;
  if coalesce(new.clock_stands_at, now() + new.clock_offset_ms * interval '1 millisecond')
     < coalesce(old.clock_stands_at, now() + old.clock_offset_ms * interval '1 millisecond') then
    raise exception 'the clock of a sandbox does not go back' using errcode = 'check_violation', constraint = 'tenants_clock_forward_check';
  end if;
  return new;
end $$;
create trigger tenants_guard_clock before update of is_sandbox, clock_offset_ms, clock_stands_at on identity.tenants for each row
  execute function app.guard_clock();

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["clock.advance"]}}');

-- Down Migration
drop trigger tenants_guard_clock on identity.tenants;
drop function app.guard_clock();
drop table identity.clock_advances;
alter table identity.tenants
  drop constraint tenants_clock_stands_check,
  drop column clock_stands_at;
