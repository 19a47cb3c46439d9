-- Up Migration
-- Definitions, instances, history, tasks.

create schema workflows;

create table workflows.definitions (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  number integer not null,
  name text not null,
  description text not null default '',
  status text not null default 'DRAFT',
  source text not null,
  format text not null,
  document jsonb not null,
  created_by uuid not null,
  published_by uuid,
  published_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint definitions_pkey primary key (tenant_id, id),
  constraint definitions_number_key unique (tenant_id, key, number),
  constraint definitions_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint definitions_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint definitions_published_by_fkey foreign key (tenant_id, published_by) references identity.users (tenant_id, id),
  constraint definitions_status_check check (status in ('DRAFT', 'PUBLISHED', 'DEPRECATED', 'RETIRED')),
  constraint definitions_format_check check (format in ('YAML', 'JSON')),
  constraint definitions_number_check check (number >= 1)
);
create index definitions_by_age on workflows.definitions (tenant_id, created_at, id);

-- A vendor user sees the definitions that what the vendor was given runs on: no drafts, no other process of the tenant. Starts from what
-- was given, which is less than the instances of a definition.
create function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
  );
end $$;
call app.protect('workflows.definitions', vendor_sees => 'app.vendor_sees_definition(id)', vendor_writes => 'false');

create table workflows.instances (
  tenant_id uuid not null,
  id uuid not null,
  definition_id uuid not null,
  definition_key text not null,
  state text not null,
  status text not null default 'RUNNING',
  data jsonb not null,
  version integer not null,
  subject_type text,
  subject_id uuid,
  owner_id uuid not null,
  team_id uuid,
  assignee_user_id uuid,
  assignee_team_id uuid,
  assignee_vendor_id uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  constraint instances_pkey primary key (tenant_id, id),
  constraint instances_definition_fkey foreign key (tenant_id, definition_id) references workflows.definitions (tenant_id, id),
  constraint instances_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint instances_team_fkey foreign key (tenant_id, team_id) references identity.teams (tenant_id, id),
  constraint instances_assignee_user_fkey foreign key (tenant_id, assignee_user_id) references identity.users (tenant_id, id),
  constraint instances_assignee_team_fkey foreign key (tenant_id, assignee_team_id) references identity.teams (tenant_id, id),
  constraint instances_status_check check (status in ('RUNNING', 'SUSPENDED', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint instances_finished_check check ((status in ('COMPLETED', 'CANCELLED')) = (finished_at is not null)),
  constraint instances_version_check check (version >= 1),
  constraint instances_subject_check check ((subject_type is null) = (subject_id is null)),
  constraint instances_assignee_check check (num_nonnulls(assignee_user_id, assignee_team_id, assignee_vendor_id) <= 1)
) with (fillfactor = 80);
create index instances_by_age on workflows.instances (tenant_id, created_at, id);
create index instances_by_definition on workflows.instances (tenant_id, definition_key, created_at, id);
create index instances_by_state on workflows.instances (tenant_id, state, created_at, id);
create index instances_by_owner on workflows.instances (tenant_id, owner_id, created_at, id);
create index instances_by_subject on workflows.instances (tenant_id, subject_id) where subject_id is not null;
create index instances_by_team on workflows.instances (tenant_id, team_id, created_at, id) where team_id is not null;
create index instances_by_assignee_user on workflows.instances (tenant_id, assignee_user_id, created_at, id) where assignee_user_id is not null;
create index instances_by_assignee_team on workflows.instances (tenant_id, assignee_team_id, created_at, id) where assignee_team_id is not null;
create index instances_by_assignee_vendor on workflows.instances (tenant_id, assignee_vendor_id, created_at, id) where assignee_vendor_id is not null;
call app.protect('workflows.instances', vendor_sees => 'app.vendor_sees(id)');

-- Append-only; partition-ready (ids are time-ordered), so nothing refers to it.
create table workflows.history (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  version integer not null,
  kind text not null,
  transition text,
  from_state text,
  to_state text not null,
  actor_id uuid not null,
  on_behalf_of uuid,
  comment text,
  input jsonb,
  changes jsonb,
  at timestamptz not null,
  constraint history_pkey primary key (tenant_id, id),
  constraint history_version_key unique (tenant_id, instance_id, version),
  constraint history_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint history_kind_check check (kind in ('START', 'TRANSITION', 'ASSIGNMENT', 'DATA', 'CANCELLATION')),
  constraint history_transition_check check (kind <> 'TRANSITION' or transition is not null)
);
call app.protect('workflows.history', vendor_sees => 'app.vendor_sees(instance_id)');

create table workflows.tasks (
  tenant_id uuid not null,
  id uuid not null,
  instance_id uuid not null,
  state text not null,
  rule text not null,
  title text not null,
  status text not null default 'OPEN',
  candidate_roles text[] not null default '{}',
  candidate_user_ids uuid[] not null default '{}',
  candidate_team_ids uuid[] not null default '{}',
  candidate_vendor_ids uuid[] not null default '{}',
  assignee_id uuid,
  claimed_at timestamptz,
  completed_by uuid,
  on_behalf_of uuid,
  transition text,
  due_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  closed_at timestamptz,
  constraint tasks_pkey primary key (tenant_id, id),
  constraint tasks_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint tasks_assignee_fkey foreign key (tenant_id, assignee_id) references identity.users (tenant_id, id),
  constraint tasks_status_check check (status in ('OPEN', 'CLAIMED', 'COMPLETED', 'CLOSED')),
  constraint tasks_claimed_check check (status <> 'CLAIMED' or assignee_id is not null),
  constraint tasks_closed_check check ((status in ('COMPLETED', 'CLOSED')) = (closed_at is not null)),
  constraint tasks_completed_check check ((status = 'COMPLETED') = (completed_by is not null))
) with (fillfactor = 80);
-- One open task per instance, step and rule.
create unique index tasks_open_key on workflows.tasks (tenant_id, instance_id, state, rule) where status in ('OPEN', 'CLAIMED');
create index tasks_by_instance on workflows.tasks (tenant_id, instance_id, created_at, id);
create index tasks_by_age on workflows.tasks (tenant_id, created_at, id);
create index tasks_by_status on workflows.tasks (tenant_id, status, created_at, id);
create index tasks_by_assignee on workflows.tasks (tenant_id, assignee_id, created_at, id) where assignee_id is not null;
-- The queue of a role: few tasks are open at a time, so the arrays are filtered, not indexed.
create index tasks_open on workflows.tasks (tenant_id, created_at, id) where status in ('OPEN', 'CLAIMED');
call app.protect('workflows.tasks', vendor_sees => 'app.vendor_sees(instance_id)');

-- What stores of other subgraphs may join. security_invoker: the policies of the caller hold, not the owner's.
create view workflows.instance_heads with (security_invoker = true) as
  select tenant_id, id, definition_id, definition_key, state, status, data, version,
         owner_id, team_id, assignee_user_id, assignee_team_id, assignee_vendor_id, updated_at, finished_at
    from workflows.instances;

-- Down Migration
drop schema workflows cascade;
drop function app.vendor_sees_definition(uuid);
