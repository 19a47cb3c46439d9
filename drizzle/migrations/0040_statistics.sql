-- Up Migration
-- Sums of what instances did, by period, so that statistics of a million instances are read from few rows. A consumer of the events keeps them up to date; it
-- starts with the first event, so it also counts what happened before this migration.

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
  -- Bin of the sketch → number of durations.
  durations jsonb not null,
  -- Sum of the durations in milliseconds.
  ms bigint not null,
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

-- Down Migration
drop table workflows.statistics_instances;
drop table workflows.statistics;
