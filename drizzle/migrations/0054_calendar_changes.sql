-- Up Migration
-- A change of calendars (time zone, working hours, holidays) recomputes the open clocks of all tenants that inherit them.

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
  -- Transactions that were running when a worker first saw the change can still start clocks with the calendars of before.
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

-- The team whose calendars have changed; null: all clocks.
alter table workflows.sla_recomputations add column team_id uuid;

-- Down Migration
alter table workflows.sla_recomputations drop column team_id;
drop table app.calendar_changes;
