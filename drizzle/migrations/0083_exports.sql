-- Up Migration
-- Exports of lists to files. A worker reads an export page by page with the rights of the user who asked for it.

create table app.exports (
  tenant_id uuid not null,
  id uuid not null,
  -- REQUESTS | BUILDINGS | ASSETS
  list text not null,
  -- CSV | JSON_LINES
  format text not null,
  -- In the terms of the list's filter input; null for no conditions.
  filter jsonb,
  -- {"field", "direction", "name"}; null for the list's own order.
  order_by jsonb,
  columns text[] not null,
  status text not null default 'RUNNING',
  -- Objects that have been read, and the cursor of the last one.
  row_count integer not null default 0,
  last_cursor text,
  -- Attempts of the file that stored the parts, in order.
  parts smallint[] not null default '{}',
  file_id uuid not null,
  -- The rights with which the objects were read. With other rights, the file cannot be downloaded.
  rights_version text,
  -- Attempts since the last progress.
  tries smallint not null default 0,
  message text,
  created_by uuid not null,
  session_id uuid not null,
  version integer not null default 1,
  -- True times, like those of files.
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  due_at timestamptz,
  constraint exports_pkey primary key (tenant_id, id),
  constraint exports_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint exports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint exports_format_check check (format in ('CSV', 'JSON_LINES')),
  constraint exports_status_check check (status in ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint exports_columns_check check (cardinality(columns) between 1 and 50),
  constraint exports_due_check check ((status = 'RUNNING') = (due_at is not null)),
  constraint exports_finished_check check ((status = 'RUNNING') = (finished_at is null))
);
create index exports_due on app.exports (due_at, tenant_id) where due_at is not null;
create index exports_due_of_tenant on app.exports (tenant_id, due_at, id) where due_at is not null;
create index exports_by_creator on app.exports (tenant_id, created_by, created_at, id);
create index exports_by_file on app.exports (tenant_id, file_id);
-- Not for users of a vendor.
call app.protect('app.exports');

-- The file of an export grows, and can be empty.
alter table app.files drop constraint files_size_check;
alter table app.files add constraint files_size_check check (size > 0 or size = 0 and declared_type in ('text/csv', 'application/x-ndjson')) not valid;
alter table app.files validate constraint files_size_check;

-- Down Migration
drop table app.exports;
alter table app.files no force row level security;
alter table app.attachments no force row level security;
delete from app.attachments a using app.files f where f.tenant_id = a.tenant_id and f.id = a.file_id and f.size = 0;
delete from app.files where size = 0;
alter table app.attachments force row level security;
alter table app.files force row level security;
alter table app.files drop constraint files_size_check;
alter table app.files add constraint files_size_check check (size > 0);
