-- Up Migration
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

-- Down Migration
drop table vendors.project_baseline_tasks;
drop table vendors.project_baselines;
