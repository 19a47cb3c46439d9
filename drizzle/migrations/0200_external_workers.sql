-- Up Migration

-- Steps that wait for an external worker. Workers of Weft look for what is due, so these steps are not due: they are offered.
alter table workflows.run_steps
  -- The task under which external workers can take it. Null: it is not offered.
  add column offered_task text,
  -- Since when, or from when on, they can take it.
  add column offered_at timestamptz,
  add constraint run_steps_offered_check check ((offered_task is null) = (offered_at is null)) not valid;
create index run_steps_offered on workflows.run_steps (tenant_id, offered_task, priority, offered_at) where offered_task is not null;

-- Leases that external workers have taken. A row stays with its run, so that a report that is sent again gets the same answer.
create table workflows.step_leases (
  tenant_id uuid not null,
  token uuid not null,
  run_id uuid not null,
  -- ID of the step in the definition, with the index of the item in brackets.
  step text not null,
  attempt integer not null,
  is_compensation boolean not null,
  -- The user who has taken it. Nobody else can report.
  taken_by uuid not null,
  taken_at timestamptz not null,
  -- When the attempt has timed out.
  ends_at timestamptz not null,
  -- What was recorded. Null: nothing yet.
  result text,
  reported_at timestamptz,
  -- Lines of the log that were recorded.
  log_lines integer not null default 0,
  constraint step_leases_pkey primary key (tenant_id, token),
  constraint step_leases_run_fkey foreign key (tenant_id, run_id) references workflows.runs (tenant_id, id) on delete cascade,
  constraint step_leases_result_check check (result in ('SUCCEEDED', 'FAILED', 'RELEASED')),
  constraint step_leases_reported_check check ((result is null) = (reported_at is null))
);
create index step_leases_by_run on workflows.step_leases (tenant_id, run_id);
call app.protect('workflows.step_leases');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["step.take"]}}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table workflows.step_leases;
drop index workflows.run_steps_offered;
alter table workflows.run_steps
  drop constraint run_steps_offered_check,
  drop column offered_at,
  drop column offered_task;
