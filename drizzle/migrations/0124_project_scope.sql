-- Up Migration
-- The scope of projects: its items, its versions, and the changes that lead from one version to the next.

create table vendors.scope_items (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  title text not null,
  description text not null default '',
  acceptance_criteria text[] not null default '{}',
  -- PLANNED | IN_PROGRESS | DELIVERED | ACCEPTED
  status text not null default 'PLANNED',
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  removed_at timestamptz,
  constraint scope_items_pkey primary key (tenant_id, id),
  constraint scope_items_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_items_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint scope_items_status_check check (status in ('PLANNED', 'IN_PROGRESS', 'DELIVERED', 'ACCEPTED'))
);
create index scope_items_by_project on vendors.scope_items (tenant_id, project_id, id) where removed_at is null;
call app.protect('vendors.scope_items');

create table vendors.scope_changes (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  number integer not null,
  -- IN_APPROVAL | APPLIED | REJECTED | STALE | WITHDRAWN
  status text not null default 'IN_APPROVAL',
  -- Why the change is proposed.
  reason text not null,
  -- Why it is rejected, stale, or withdrawn.
  outcome_reason text,
  -- What was asked for, from which a refreshed change is computed.
  proposal jsonb not null,
  -- What it does to the dates and the budget.
  impact jsonb not null,
  -- What its approval writes. Null once it is written, or never will be.
  application jsonb,
  -- On which versions the impact and the application are based.
  base_number integer not null,
  base_project_version integer not null,
  base_plan_version integer not null,
  -- The version of the scope that the change has made.
  applied_number integer,
  -- The last approval.
  instance_id uuid not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint scope_changes_pkey primary key (tenant_id, id),
  constraint scope_changes_number_key unique (tenant_id, project_id, number),
  constraint scope_changes_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_changes_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint scope_changes_status_check check (status in ('IN_APPROVAL', 'APPLIED', 'REJECTED', 'STALE', 'WITHDRAWN')),
  constraint scope_changes_applied_check check ((status = 'APPLIED') = (applied_number is not null)),
  constraint scope_changes_application_check check (status <> 'IN_APPROVAL' or application is not null)
);
create index scope_changes_by_age on vendors.scope_changes (tenant_id, created_at, id);
call app.protect('vendors.scope_changes');

create table vendors.scope_versions (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  number integer not null,
  content jsonb not null,
  -- SHA-256 of the content.
  hash text not null,
  -- The change that has made it. Null for the first one.
  change_id uuid,
  -- Null: a timer approved the change.
  approved_by uuid,
  approved_at timestamptz not null,
  constraint scope_versions_pkey primary key (tenant_id, id),
  constraint scope_versions_number_key unique (tenant_id, project_id, number),
  constraint scope_versions_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint scope_versions_change_fkey foreign key (tenant_id, change_id) references vendors.scope_changes (tenant_id, id),
  constraint scope_versions_approver_fkey foreign key (tenant_id, approved_by) references identity.users (tenant_id, id)
);
call app.protect('vendors.scope_versions');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["scope.read", "scope.update", "scope.approve"]},
  "workflow_manager": {"TENANT": ["scope.read", "scope.update", "scope.approve"]},
  "operations": {"TENANT": ["scope.read"]},
  "approver": {"TENANT": ["scope.read"]},
  "viewer": {"TENANT": ["scope.read"]}
}');

-- Down Migration
drop table vendors.scope_versions;
drop table vendors.scope_changes;
drop table vendors.scope_items;
