-- Up Migration
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
  -- OPEN | CLOSED
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
  -- ACTIVE | CLOSED
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

-- Down Migration
drop table vendors.project_decisions, vendors.project_risks;
