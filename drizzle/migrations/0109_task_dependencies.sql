-- Up Migration
-- Dependencies between the tasks of a project.

create table vendors.project_task_dependencies (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  predecessor_id uuid not null,
  successor_id uuid not null,
  -- FINISH_TO_START | START_TO_START | FINISH_TO_FINISH | START_TO_FINISH: which date of the predecessor determines which date of the successor
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
call app.protect('vendors.project_task_dependencies');

-- Down Migration
drop table vendors.project_task_dependencies;
