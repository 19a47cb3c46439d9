-- Up Migration
-- Imports of CSV files. A worker checks every line, and after the start writes the objects with the rights of the user who imports them.

create table app.imports (
  tenant_id uuid not null,
  id uuid not null,
  -- REQUESTS | BUILDINGS | ASSETS
  list text not null,
  -- UPDATE | SKIP
  on_existing text not null,
  -- ALL_OR_NOTHING | LINE_BY_LINE; null until the import is started.
  mode text,
  -- Null until the header has been read, unless the client chose it.
  separator text,
  -- The header.
  columns text[] not null default '{}',
  -- [{"column", "field"}]; null: by the names in the header, until it has been read.
  mapping jsonb,
  -- CHECKING | READY | RUNNING | COMPLETED | CANCELLED | FAILED
  status text not null default 'CHECKING',
  -- Null until the file has been read once.
  line_count integer,
  -- Where the check or the import continues: bytes before the next line, and its number.
  next_offset bigint not null default 0,
  next_line integer not null default 1,
  done_count integer not null default 0,
  created_count integer not null default 0,
  updated_count integer not null default 0,
  skipped_count integer not null default 0,
  failed_count integer not null default 0,
  file_id uuid not null,
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
  constraint imports_pkey primary key (tenant_id, id),
  constraint imports_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint imports_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint imports_on_existing_check check (on_existing in ('UPDATE', 'SKIP')),
  constraint imports_mode_check check (mode in ('ALL_OR_NOTHING', 'LINE_BY_LINE')),
  constraint imports_status_check check (status in ('CHECKING', 'READY', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint imports_due_check check ((status in ('CHECKING', 'RUNNING')) = (due_at is not null)),
  constraint imports_finished_check check ((status in ('COMPLETED', 'CANCELLED', 'FAILED')) = (finished_at is not null))
);
create index imports_due on app.imports (due_at, tenant_id) where due_at is not null;
create index imports_due_of_tenant on app.imports (tenant_id, due_at, id) where due_at is not null;
create index imports_by_creator on app.imports (tenant_id, created_by, created_at, id);
-- Not for users of a vendor.
call app.protect('app.imports');

create table app.import_problems (
  tenant_id uuid not null,
  id uuid not null,
  import_id uuid not null,
  -- Line of the file, from 1.
  line integer not null,
  -- Name in the header. Null if the problem is not that of one column.
  column_name text,
  -- Field of the objects.
  field text,
  message text not null,
  created_by uuid not null,
  constraint import_problems_pkey primary key (tenant_id, id),
  constraint import_problems_import_fkey foreign key (tenant_id, import_id) references app.imports (tenant_id, id)
);
create index import_problems_by_line on app.import_problems (tenant_id, import_id, line, id);
call app.protect('app.import_problems');

-- IDs of objects in other systems, by which imports find them again.
create table app.external_ids (
  tenant_id uuid not null,
  -- REQUESTS | BUILDINGS | ASSETS
  list text not null,
  external_id text not null,
  object_id uuid not null,
  created_at timestamptz not null default now(),
  constraint external_ids_pkey primary key (tenant_id, list, external_id),
  constraint external_ids_object_key unique (tenant_id, object_id),
  constraint external_ids_list_check check (list in ('REQUESTS', 'BUILDINGS', 'ASSETS')),
  constraint external_ids_length_check check (char_length(external_id) between 1 and 200)
);
call app.protect('app.external_ids');

-- Down Migration
drop table app.external_ids;
drop table app.import_problems;
drop table app.imports;
