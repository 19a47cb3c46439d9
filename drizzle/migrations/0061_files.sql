-- Up Migration
-- Files, and the objects that they are attached to. The bytes are in the file storage; a file's key there consists of its tenant, its ID, and the attempt.

create table app.files (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  -- Announced before the bytes, and counted against the plan's storage from then on.
  size bigint not null,
  -- Null: by content alone.
  declared_type text,
  declared_sha256 text,
  -- By content. Null until the bytes are stored.
  type text,
  sha256 text,
  status text not null default 'PENDING',
  -- Why it was rejected.
  reason text,
  -- Number of the latest attempt to receive the bytes. Each attempt writes to a key of its own, and only the latest can succeed.
  attempt smallint not null default 0,
  is_attached boolean not null default false,
  created_by uuid not null,
  -- True time, like the other times here: a sandbox could turn the tenant's clock, but not what was promised about the bytes.
  created_at timestamptz not null default now(),
  stored_at timestamptz,
  -- When a worker has to do something: scan it, delete it, or, if it is not attached by then, let it expire.
  due_at timestamptz,
  constraint files_pkey primary key (tenant_id, id),
  constraint files_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint files_size_check check (size > 0),
  constraint files_status_check check (status in ('PENDING', 'SCANNING', 'STORED', 'REJECTED', 'DELETED')),
  constraint files_content_check check (status not in ('SCANNING', 'STORED') or type is not null and sha256 is not null and stored_at is not null),
  constraint files_reason_check check ((status = 'REJECTED') = (reason is not null)),
  -- Only files that have found their place wait for nothing. The row of a rejected one stays as long as its attachments.
  constraint files_due_check check (due_at is not null or status in ('STORED', 'REJECTED') and is_attached)
);
create index files_due on app.files (due_at, tenant_id) where due_at is not null;
create index files_due_of_tenant on app.files (tenant_id, due_at, id) where due_at is not null;
create index files_by_creator on app.files (tenant_id, created_by, created_at, id) where not is_attached;

create table app.attachments (
  tenant_id uuid not null,
  id uuid not null,
  file_id uuid not null,
  object_type text not null,
  object_id uuid not null,
  visibility text not null,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  constraint attachments_pkey primary key (tenant_id, id),
  constraint attachments_file_fkey foreign key (tenant_id, file_id) references app.files (tenant_id, id),
  constraint attachments_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint attachments_object_key unique (tenant_id, object_id, file_id),
  constraint attachments_object_type_check check (object_type in ('request', 'building', 'asset')),
  constraint attachments_visibility_check check (visibility in ('INTERNAL', 'SHARED'))
);
create index attachments_by_object on app.attachments (tenant_id, object_id, id);
create index attachments_by_file on app.attachments (tenant_id, file_id);

-- Whether the file is attached to an object that the acting vendor was given, and is not internal there.
create or replace function app.vendor_sees_file(file uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.attachments a
    where a.tenant_id = app.tenant() and a.file_id = file and a.visibility = 'SHARED' and app.vendor_sees(a.object_id));
end $$;

call app.protect('app.attachments', vendor_sees => $$visibility = 'SHARED' and app.vendor_sees(object_id)$$);
call app.protect('app.files', vendor_sees => 'created_by = app.user_id() or app.vendor_sees_file(id)', vendor_writes => 'created_by = app.user_id()');

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["file.create", "file.delete"]},
  "workflow_manager": {"TENANT": ["file.create", "file.delete"]},
  "operations": {"TENANT": ["file.create", "file.delete"]},
  "requester": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "approver": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "underwriter": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "credit_team": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "legal_team": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "technical_team": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "operator": {"TENANT": ["file.create"], "OWN": ["file.delete"]},
  "vendor_user": {"TENANT": ["file.create"]}
}');

-- Down Migration
drop table app.attachments;
drop table app.files;
drop function app.vendor_sees_file(uuid);
