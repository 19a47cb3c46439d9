-- Up Migration
-- Templates of projects: plans and milestones relative to the first day.

create table vendors.project_templates (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null default '',
  content jsonb not null,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint project_templates_pkey primary key (tenant_id, id),
  constraint project_templates_name_key unique (tenant_id, name),
  constraint project_templates_creator_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id)
);
create index project_templates_by_name on vendors.project_templates (tenant_id, name, id);
call app.protect('vendors.project_templates');

-- Down Migration
drop table vendors.project_templates;
