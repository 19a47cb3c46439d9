-- Up Migration
-- Milestones of projects, which a workflow approves.

create table vendors.milestones (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  name text not null,
  description text not null default '',
  due_on date not null,
  owner_id uuid not null,
  -- PLANNED | IN_REVIEW | REACHED
  status text not null default 'PLANNED',
  -- The last review. Not a foreign key: instances reference milestones, and a cycle could not be purged.
  instance_id uuid,
  submitted_by uuid,
  submitted_at timestamptz,
  reached_at timestamptz,
  -- Why the last review ended without an approval.
  reason text,
  -- The last notice: the due day that it was about, and the days until then. -1: it is overdue.
  reminded_for date,
  reminded_days integer,
  -- When a worker looks at the milestone again.
  due_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  deleted_by uuid,
  constraint milestones_pkey primary key (tenant_id, id),
  constraint milestones_project_key unique (tenant_id, project_id, id),
  constraint milestones_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint milestones_owner_fkey foreign key (tenant_id, owner_id) references identity.users (tenant_id, id),
  constraint milestones_status_check check (status in ('PLANNED', 'IN_REVIEW', 'REACHED') and (status = 'REACHED') = (reached_at is not null)),
  constraint milestones_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint milestones_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index milestones_by_project on vendors.milestones (tenant_id, project_id, due_on, id) where deleted_at is null;
create index milestones_by_day on vendors.milestones (tenant_id, due_on, id) include (deleted_at);
create index milestones_by_age on vendors.milestones (tenant_id, created_at, id) include (deleted_at);
create index milestones_by_owner on vendors.milestones (tenant_id, owner_id, due_on, id);
create index milestones_due on vendors.milestones (due_at, tenant_id) where due_at is not null;
create index milestones_due_of_tenant on vendors.milestones (tenant_id, due_at, id) where due_at is not null;
call app.protect('vendors.milestones');

-- Tasks that must be done before a milestone can be submitted.
create table vendors.milestone_tasks (
  tenant_id uuid not null,
  milestone_id uuid not null,
  task_id uuid not null,
  project_id uuid not null,
  constraint milestone_tasks_pkey primary key (tenant_id, milestone_id, task_id),
  -- Both in the same project.
  constraint milestone_tasks_milestone_fkey foreign key (tenant_id, project_id, milestone_id) references vendors.milestones (tenant_id, project_id, id),
  constraint milestone_tasks_task_fkey foreign key (tenant_id, project_id, task_id) references vendors.project_tasks (tenant_id, project_id, id)
);
create index milestone_tasks_by_task on vendors.milestone_tasks (tenant_id, task_id);
call app.protect('vendors.milestone_tasks');

-- Ends the review of a milestone with its instance, in the same transaction, with an event and an audit entry. The milestone becomes REACHED if the
-- instance is COMPLETED in a state that is final as `completed`. It becomes PLANNED, with the comment as the reason, if the instance is COMPLETED in
-- another final state, or CANCELLED. Until then it is IN_REVIEW. Without the vendor's restrictions, because a vendor's users fire transitions but change
-- no milestones.
create or replace function vendors.follow_milestone_approval() returns trigger language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  was record;
  next record;
  is_reached boolean;
  why text;
  event uuid := app.uuid_v7();
  entry uuid := app.uuid_v7();
begin
  perform set_config('app.vendor_id', '', true);
  select m.id, m.status, m.version into was
    from vendors.milestones m
   where m.tenant_id = new.tenant_id and m.id = (new.related ->> 'milestone')::uuid and m.instance_id = new.subject_id and m.status = 'IN_REVIEW'
     for no key update;
  if found then
    select i.status = 'COMPLETED' and d.document #>> array['states', i.state, 'final'] = 'completed' into is_reached
      from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
     where i.tenant_id = new.tenant_id and i.id = new.subject_id;
    if not is_reached then
      select h.comment into why from workflows.history h
       where h.tenant_id = new.tenant_id and h.instance_id = new.subject_id and h.version = new.subject_version and h.comment is not null limit 1;
    end if;
    update vendors.milestones m
       set status = case when is_reached then 'REACHED' else 'PLANNED' end,
           reached_at = case when is_reached then app.weft_now() end,
           due_at = case when is_reached then null else m.due_at end,
           reason = case when is_reached then null else coalesce(why, '') end,
           version = m.version + 1, updated_at = now()
     where m.tenant_id = new.tenant_id and m.id = was.id
     returning m.status, m.version into next;
    insert into events.log (
      tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
      request_id, trace_id, occurred_at)
    values (
      new.tenant_id, event, case when is_reached then 'milestone.reached' else 'milestone.refused' end, 1, 'milestone', was.id, next.version,
      jsonb_build_object('instance', new.subject_id), '{}', new.actor_id, new.on_behalf_of, new.id, new.request_id,
      new.trace_id, new.occurred_at);
    insert into events.outbox (tenant_id, event_id) values (new.tenant_id, event);
    insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
    values (
      new.tenant_id, entry, case when is_reached then 'milestone.reach' else 'milestone.refuse' end, 'milestone', was.id,
      jsonb_build_object('status', was.status, 'version', was.version), jsonb_build_object('status', next.status, 'version', next.version),
      new.actor_id, new.on_behalf_of, new.request_id);
    insert into audit.unsealed (tenant_id, entry_id) values (new.tenant_id, entry);
  end if;
  perform set_config('app.vendor_id', acting_vendor, true);
  return null;
end $$;
-- Other events only pay for the condition.
create or replace trigger milestones_follow after insert on events.log for each row
  when (new.subject_type = 'instance' and new.related ? 'milestone' and new.payload ? 'to' and new.payload ->> 'status' in ('COMPLETED', 'CANCELLED'))
  execute function vendors.follow_milestone_approval();

-- Down Migration
drop trigger milestones_follow on events.log;
drop table vendors.milestone_tasks, vendors.milestones;
drop function vendors.follow_milestone_approval();
