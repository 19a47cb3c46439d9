-- Up Migration
-- Plans of projects: their settings, and their tasks as a tree.

-- How a project is scheduled. A project without a row has a plan with the defaults.
create table vendors.project_plans (
  tenant_id uuid not null,
  project_id uuid not null,
  -- Incremented on every change of the tasks, of their dependencies, and of this row. Its lock puts changes of a plan in order.
  version integer not null default 1,
  -- Name of a calendar of the configuration. Null: the tenant's.
  calendar text,
  -- FORWARD | BACKWARD
  direction text not null default 'FORWARD',
  -- Null: the creation time of the project.
  start_at timestamptz,
  finish_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint project_plans_pkey primary key (tenant_id, project_id),
  constraint project_plans_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_plans_direction_check check (direction in ('FORWARD', 'BACKWARD'))
);
call app.protect('vendors.project_plans');

create table vendors.project_tasks (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  -- The summary task that contains it. Null: at the top level.
  parent_id uuid,
  -- Place among the tasks with the same parent.
  position integer not null,
  name text not null,
  description text not null default '',
  -- Working minutes. 0: a milestone.
  duration_minutes integer not null,
  constraint_kind text not null default 'ASAP',
  constraint_at timestamptz,
  deadline_at timestamptz,
  -- Name of a calendar of the configuration. Null: that of the plan.
  calendar text,
  -- Work, by one person.
  estimate_minutes integer,
  actual_minutes integer not null default 0,
  percent_complete integer not null default 0,
  actual_start_at timestamptz,
  actual_finish_at timestamptz,
  -- At most one of them.
  assignee_user_id uuid,
  assignee_vendor_id uuid,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  -- Whether the project is deleted.
  is_hidden boolean not null default false,
  constraint project_tasks_pkey primary key (tenant_id, id),
  constraint project_tasks_project_key unique (tenant_id, project_id, id),
  constraint project_tasks_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  -- In the same project.
  constraint project_tasks_parent_fkey foreign key (tenant_id, project_id, parent_id) references vendors.project_tasks (tenant_id, project_id, id),
  constraint project_tasks_user_fkey foreign key (tenant_id, assignee_user_id) references identity.users (tenant_id, id),
  constraint project_tasks_vendor_fkey foreign key (tenant_id, assignee_vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_tasks_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint project_tasks_parent_check check (parent_id <> id),
  constraint project_tasks_minutes_check check (duration_minutes >= 0 and estimate_minutes >= 0 and actual_minutes >= 0),
  constraint project_tasks_percent_check check (percent_complete between 0 and 100),
  constraint project_tasks_constraint_check check (
    constraint_kind in ('ASAP', 'ALAP', 'START_NO_EARLIER_THAN', 'START_NO_LATER_THAN', 'FINISH_NO_EARLIER_THAN', 'FINISH_NO_LATER_THAN', 'MUST_START_ON', 'MUST_FINISH_ON')
    and (constraint_at is null) = (constraint_kind in ('ASAP', 'ALAP'))),
  -- What is finished has begun, and is complete.
  constraint project_tasks_actual_check check (
    actual_finish_at is null or (actual_start_at is not null and actual_start_at <= actual_finish_at and percent_complete = 100)),
  constraint project_tasks_assignee_check check (num_nonnulls(assignee_user_id, assignee_vendor_id) <= 1)
);
create index project_tasks_by_project on vendors.project_tasks (tenant_id, project_id) where deleted_at is null;
create index project_tasks_by_age on vendors.project_tasks (tenant_id, created_at, id);
create index project_tasks_by_name on vendors.project_tasks (tenant_id, name, id);
create index project_tasks_by_user on vendors.project_tasks (tenant_id, assignee_user_id) where assignee_user_id is not null;
create index project_tasks_by_vendor on vendors.project_tasks (tenant_id, assignee_vendor_id) where assignee_vendor_id is not null;
call app.protect('vendors.project_tasks', vendor_sees => 'app.vendor_sees(id)', vendor_writes => 'false');
-- Tasks of deleted projects are hidden, in every statement, from all users.
create policy shown on vendors.project_tasks as restrictive for all using (not is_hidden or app.shows_deleted());

-- Hides the tasks of a deleted project with it, and shows them again. Users of a vendor see tasks without their project, so its policy is not enough.
create function vendors.hide_project_tasks() returns trigger language plpgsql as $$
begin
  update vendors.project_tasks set is_hidden = new.is_deleted where tenant_id = new.tenant_id and project_id = new.id;
  return null;
end $$;
create trigger project_tasks_hidden after update of is_deleted on vendors.projects for each row
  when (old.is_deleted is distinct from new.is_deleted)
  execute function vendors.hide_project_tasks();

-- Reports are never changed. They contain the values that a report has set.
create table vendors.project_task_reports (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  percent_complete integer not null,
  -- Minutes worked since the report before.
  worked_minutes integer not null,
  note text,
  reported_by uuid not null,
  reported_at timestamptz not null,
  constraint project_task_reports_pkey primary key (tenant_id, id),
  constraint project_task_reports_task_fkey foreign key (tenant_id, task_id) references vendors.project_tasks (tenant_id, id),
  constraint project_task_reports_user_fkey foreign key (tenant_id, reported_by) references identity.users (tenant_id, id),
  constraint project_task_reports_percent_check check (percent_complete between 0 and 100),
  constraint project_task_reports_worked_check check (worked_minutes >= 0)
);
create index project_task_reports_by_task on vendors.project_task_reports (tenant_id, task_id, id);
call app.protect('vendors.project_task_reports', vendor_sees => 'app.vendor_sees(task_id)', vendor_writes => 'false');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["projectTask.read", "projectTask.update", "projectTask.report"]},
  "workflow_manager": {"TENANT": ["projectTask.read", "projectTask.update", "projectTask.report"]},
  "operations": {"TENANT": ["projectTask.read", "projectTask.update", "projectTask.report"]},
  "approver": {"TENANT": ["projectTask.read"]},
  "viewer": {"TENANT": ["projectTask.read"]},
  "vendor_user": {"ASSIGNED": ["projectTask.read", "projectTask.report"]}
}');

-- Down Migration
drop trigger project_tasks_hidden on vendors.projects;
drop function vendors.hide_project_tasks();
drop table vendors.project_task_reports;
drop table vendors.project_tasks;
drop table vendors.project_plans;
