-- Up Migration

-- While a hold is open, nothing that it covers is erased.
create table identity.legal_holds (
  tenant_id uuid not null,
  id uuid not null,
  object_type text not null,
  object_id uuid not null,
  reason text not null,
  created_by uuid not null,
  ended_at timestamptz,
  ended_by uuid,
  end_reason text,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint legal_holds_pkey primary key (tenant_id, id),
  constraint legal_holds_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint legal_holds_object_type_check check (object_type in ('user', 'vendorContact', 'request', 'tenant')),
  constraint legal_holds_ended_check check ((ended_at is null) = (ended_by is null))
);
create index legal_holds_by_age on identity.legal_holds (tenant_id, created_at, id);
create unique index legal_holds_open_key on identity.legal_holds (tenant_id, object_id) where ended_at is null;
call app.protect('identity.legal_holds');

-- Requests to export, anonymize or erase the data of a person.
create table identity.privacy_requests (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  person_type text not null,
  person_id uuid not null,
  status text not null default 'REQUESTED',
  reason text not null,
  requested_by uuid not null,
  session_id uuid not null,
  decided_by uuid,
  decided_at timestamptz,
  decision_note text,
  message text,
  receipt jsonb,
  signed_receipt text,
  -- While it is executed: the values by which copies are found, encrypted with the key of the person.
  sought_values text,
  file_id uuid,
  tries smallint not null default 0,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  due_at timestamptz,
  constraint privacy_requests_pkey primary key (tenant_id, id),
  constraint privacy_requests_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint privacy_requests_kind_check check (kind in ('EXPORT', 'ANONYMISE', 'ERASE')),
  constraint privacy_requests_person_type_check check (person_type in ('user', 'vendorContact')),
  constraint privacy_requests_status_check check (status in ('REQUESTED', 'APPROVED', 'COMPLETED', 'DECLINED', 'WITHDRAWN', 'FAILED')),
  constraint privacy_requests_due_check check ((status = 'APPROVED') = (due_at is not null)),
  -- What destroys data needs a second person.
  constraint privacy_requests_approved_check
    check (kind = 'EXPORT' or status not in ('APPROVED', 'COMPLETED', 'FAILED') or (decided_by is not null and decided_by <> requested_by))
);
create index privacy_requests_by_age on identity.privacy_requests (tenant_id, created_at, id);
create index privacy_requests_of_person on identity.privacy_requests (tenant_id, person_id);
create index privacy_requests_due on identity.privacy_requests (due_at, tenant_id) where due_at is not null;
create index privacy_requests_due_of_tenant on identity.privacy_requests (tenant_id, due_at) where due_at is not null;
-- One request at a time destroys data of a person.
create unique index privacy_requests_open_key on identity.privacy_requests (tenant_id, person_id)
  where kind <> 'EXPORT' and status in ('REQUESTED', 'APPROVED');
call app.protect('identity.privacy_requests');

-- The size of an export of a person's data is not known when it is requested. Rows that exist fulfill the narrower constraint.
alter table app.files drop constraint files_size_check;
alter table app.files add constraint files_size_check
  check (size > 0 or size = 0 and declared_type in ('text/csv', 'application/x-ndjson', 'application/zip')) not valid;
alter table app.files validate constraint files_size_check;

-- Here, and not only in their files: `migrate` writes policies that call them, so they must outlive the files when this migration is undone.
create or replace function app.has_worked_on(person uuid, request uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from requests.requests r where r.tenant_id = app.tenant() and r.id = request and r.created_by = person)
    or exists (select from requests.comments c where c.tenant_id = app.tenant() and c.request_id = request and person in (c.author_id, c.on_behalf_of))
    or exists (
      select from app.attachments a join app.files f on f.tenant_id = a.tenant_id and f.id = a.file_id
       where a.tenant_id = app.tenant() and a.object_id = request and f.created_by = person)
    or exists (
      with recursive below (id) as (
        select r.instance_id from requests.requests r where r.tenant_id = app.tenant() and r.id = request
        union select f.instance_id from requests.former_instances f where f.tenant_id = app.tenant() and f.request_id = request
        union select i.id from workflows.instances i join below b on i.parent_id = b.id where i.tenant_id = app.tenant()
      )
      select from below b
       where exists (select from workflows.history e where e.tenant_id = app.tenant() and e.instance_id = b.id and person in (e.actor_id, e.on_behalf_of))
          or exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.instance_id = b.id and person in (t.assignee_id, t.completed_by))
          or exists (
            select from workflows.task_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of))
          or exists (
            select from workflows.internal_comments c where c.tenant_id = app.tenant() and c.instance_id = b.id and person in (c.author_id, c.on_behalf_of)));
end $$;

create or replace function app.is_held(person uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.legal_holds h
     where h.tenant_id = app.tenant() and h.ended_at is null
       and (h.object_type = 'tenant' or h.object_id = person or (h.object_type = 'request' and app.has_worked_on(person, h.object_id))));
end $$;

create or replace function app.erasure_is_due(person uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.privacy_requests r
     where r.tenant_id = app.tenant() and r.person_id = person and r.kind in ('ANONYMISE', 'ERASE') and r.status = 'APPROVED'
       and r.decided_by <> r.requested_by) and not app.is_held(person);
end $$;

create or replace function app.any_erasure_is_due() returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.privacy_requests r
     where r.tenant_id = app.tenant() and r.kind in ('ANONYMISE', 'ERASE') and r.status = 'APPROVED'
       and r.decided_by <> r.requested_by and not app.is_held(r.person_id));
end $$;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["privacy.read", "privacy.manage"]},
  "platform_admin": {"TENANT": ["privacy.read", "privacy.manage"]}
}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
delete from app.files where size = 0 and declared_type = 'application/zip';
alter table app.files drop constraint files_size_check;
alter table app.files add constraint files_size_check check (size > 0 or size = 0 and declared_type in ('text/csv', 'application/x-ndjson'));
do $$
declare
  target regclass;
begin
  for target in select polrelid from pg_policy where polname = 'erase_when_due' loop
    execute format('drop policy erase_when_due on %s', target);
  end loop;
end $$;
drop function if exists app.any_erasure_is_due();
drop function if exists app.erasure_is_due(uuid);
drop function if exists app.is_held(uuid);
drop function if exists app.has_worked_on(uuid, uuid);
drop table identity.privacy_requests;
drop table identity.legal_holds;
