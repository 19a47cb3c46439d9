-- Up Migration
-- Members of projects. Scope ASSIGNED of the permissions of projects reaches them.

create table vendors.project_members (
  tenant_id uuid not null,
  project_id uuid not null,
  user_id uuid not null,
  -- MANAGER | MEMBER | OBSERVER
  role text not null,
  created_at timestamptz not null default now(),
  constraint project_members_pkey primary key (tenant_id, project_id, user_id),
  constraint project_members_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_members_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint project_members_role_check check (role in ('MANAGER', 'MEMBER', 'OBSERVER'))
);
create index project_members_by_user on vendors.project_members (tenant_id, user_id, project_id);
call app.protect('vendors.project_members');

-- Down Migration
drop table vendors.project_members;
