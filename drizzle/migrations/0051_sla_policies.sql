-- Up Migration
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
  constraint sla_policies_pkey primary key (tenant_id, id),
  constraint sla_policies_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint sla_policies_sla_check check (sla is null or definition_key is not null)
);
create unique index sla_policies_key on workflows.sla_policies (tenant_id, key) where deleted_at is null;
create index sla_policies_by_position on workflows.sla_policies (tenant_id, position, id) where deleted_at is null;
call app.protect('workflows.sla_policies');

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
  -- Transactions that were running when it began may have read the terms of before. Clocks are read after these have ended: those with a lower number.
  waits_for bigint,
  -- Open clocks when it began, and those that have been examined.
  total integer,
  examined integer not null default 0,
  -- Clocks are examined by instance. All up to this one have been.
  last_instance_id uuid,
  created_at timestamptz not null,
  completed_at timestamptz,
  constraint sla_recomputations_pkey primary key (tenant_id, id),
  constraint sla_recomputations_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint sla_recomputations_policy_fkey foreign key (tenant_id, policy_id) references workflows.sla_policies (tenant_id, id),
  constraint sla_recomputations_cause_check check (cause in ('POLICY_CHANGE', 'CALENDAR_CHANGE')),
  constraint sla_recomputations_completed_check check (completed_at is null or total is not null)
);
create index sla_recomputations_open on workflows.sla_recomputations (tenant_id, created_at, id) where completed_at is null;
create index sla_recomputations_by_age on workflows.sla_recomputations (tenant_id, created_at, id);
call app.protect('workflows.sla_recomputations');

alter table workflows.sla_intervals
  -- The recomputation that wrote the entry.
  add column recomputation_id uuid,
  add constraint sla_intervals_recomputation_fkey foreign key (tenant_id, recomputation_id) references workflows.sla_recomputations (tenant_id, id);
create index sla_intervals_by_recomputation on workflows.sla_intervals (tenant_id, recomputation_id, clock_id) where recomputation_id is not null;

-- Down Migration
alter table workflows.sla_intervals drop column recomputation_id;
drop table workflows.sla_recomputations, workflows.sla_policy_versions, workflows.sla_policies;
