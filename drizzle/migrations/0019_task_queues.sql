-- Up Migration
-- Queues of tasks that stay as fast when there are many: for whom a task waits and by when it is due as single values, which indexes begin with. Row-level security
-- lets no index answer a question about an array, whose operators are not leakproof; that of equal texts is.

alter table workflows.tasks
  -- The one candidate it has (role:operations, user:…, team:…, vendor:…); `many` of several, `none` of none.
  add column queue_key text not null generated always as (
    case cardinality(candidate_roles) + cardinality(candidate_user_ids) + cardinality(candidate_team_ids) + cardinality(candidate_vendor_ids)
      when 0 then 'none'
      when 1 then coalesce('role:' || candidate_roles[1], 'user:' || candidate_user_ids[1]::text, 'team:' || candidate_team_ids[1]::text,
                           'vendor:' || candidate_vendor_ids[1]::text)
      else 'many' end) stored,
  -- To order by: what has no deadline comes last.
  add column due_order timestamptz not null generated always as (coalesce(due_at, 'infinity'::timestamptz)) stored,
  -- Who is asked, while a question waits.
  add column asked_id uuid,
  add constraint tasks_asked_fkey foreign key (tenant_id, asked_id) references identity.users (tenant_id, id),
  add constraint tasks_asked_check check ((asked_id is null) = (question_id is null));
create index tasks_waiting_by_queue on workflows.tasks (tenant_id, queue_key, created_at, id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_due on workflows.tasks (tenant_id, due_order, id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_priority on workflows.tasks (tenant_id, priority, id) where status in ('OPEN', 'CLAIMED');
create index tasks_waiting_by_assignee on workflows.tasks (tenant_id, assignee_id, created_at, id) where status in ('OPEN', 'CLAIMED') and assignee_id is not null;
create index tasks_by_asked on workflows.tasks (tenant_id, asked_id) where asked_id is not null;

-- One that ends before it begins is of no time.
alter table workflows.absences drop constraint absences_span_check, add constraint absences_span_check check (starts_at <= ends_at);

-- Links that complete a task without a login. The token itself is derived from the row, so nothing here opens anything.
create table workflows.task_links (
  tenant_id uuid not null,
  id uuid not null,
  task_id uuid not null,
  user_id uuid not null,
  -- Of the email that the link was sent to: it is void when the user has another one.
  email_hash text not null,
  created_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint task_links_pkey primary key (tenant_id, id),
  constraint task_links_task_fkey foreign key (tenant_id, task_id) references workflows.tasks (tenant_id, id),
  constraint task_links_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
-- A new one makes the old ones void, also of two that are made at once.
create unique index task_links_live_key on workflows.task_links (tenant_id, task_id, user_id) where used_at is null and revoked_at is null;
call app.protect('workflows.task_links');

-- New tenants get the permission with their roles; those that are there already get it here. The owner sees rows only while the force is lifted.
alter table identity.roles no force row level security;
alter table identity.role_permissions no force row level security;
insert into identity.role_permissions (tenant_id, role_id, permission, scope)
select r.tenant_id, r.id, 'task.assign', 'TENANT' from identity.roles r
 where r.is_shipped and r.key in ('admin', 'workflow_manager', 'operations', 'operator') on conflict do nothing;
alter table identity.roles force row level security;
alter table identity.role_permissions force row level security;

-- Down Migration
drop table workflows.task_links;
alter table workflows.absences drop constraint absences_span_check, add constraint absences_span_check check (starts_at < ends_at);
drop index workflows.tasks_by_asked, workflows.tasks_waiting_by_assignee, workflows.tasks_waiting_by_priority, workflows.tasks_waiting_by_due, workflows.tasks_waiting_by_queue;
alter table workflows.tasks
  drop constraint tasks_asked_check, drop constraint tasks_asked_fkey, drop column asked_id, drop column due_order, drop column queue_key;
