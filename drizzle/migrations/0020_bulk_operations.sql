-- Up Migration
-- Operations on many instances: who asked for what, and for each instance what became of it. A worker does them item by item; the row of an item and what was
-- done to its instance are of one transaction, so an operation that was interrupted goes on where it stood.

create table workflows.bulk_operations (
  tenant_id uuid not null,
  id uuid not null,
  -- TRANSITION | MIGRATION | UNDO
  kind text not null,
  status text not null default 'RUNNING',
  -- What is to be done, as the kind needs it.
  params jsonb not null,
  comment text,
  -- Of an UNDO: the migration.
  undoes_id uuid,
  total integer not null,
  done integer not null default 0,
  failed integer not null default 0,
  -- Why it ended before its end.
  message text,
  created_by uuid not null,
  session_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default app.weft_now(),
  updated_at timestamptz not null default app.weft_now(),
  finished_at timestamptz,
  constraint bulk_operations_pkey primary key (tenant_id, id),
  constraint bulk_operations_undoes_fkey foreign key (tenant_id, undoes_id) references workflows.bulk_operations (tenant_id, id),
  constraint bulk_operations_kind_check check (kind in ('TRANSITION', 'MIGRATION', 'UNDO')),
  constraint bulk_operations_status_check check (status in ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint bulk_operations_undoes_check check ((kind = 'UNDO') = (undoes_id is not null)),
  constraint bulk_operations_finished_check check ((status = 'RUNNING') = (finished_at is null))
);
create index bulk_operations_by_age on workflows.bulk_operations (tenant_id, created_at, id);
create index bulk_operations_running on workflows.bulk_operations (tenant_id, updated_at, id) where status = 'RUNNING';
-- A migration is undone once.
create unique index bulk_operations_undo_key on workflows.bulk_operations (tenant_id, undoes_id) where undoes_id is not null and status <> 'CANCELLED';
call app.protect('workflows.bulk_operations');

create table workflows.bulk_items (
  tenant_id uuid not null,
  operation_id uuid not null,
  -- From 1: the order in which they are done.
  position integer not null,
  instance_id uuid not null,
  -- The version that the operation was asked upon.
  planned_version integer not null,
  -- PENDING | DONE | FAILED | CANCELLED
  status text not null default 'PENDING',
  code text,
  message text,
  -- Of the instance, when it was done.
  result_version integer,
  -- What undoing needs to know: copies of data and tasks, which are forgotten when nothing can be undone any more.
  kept jsonb,
  has_kept boolean not null generated always as (kept is not null) stored,
  finished_at timestamptz,
  constraint bulk_items_pkey primary key (tenant_id, operation_id, position),
  constraint bulk_items_instance_key unique (tenant_id, operation_id, instance_id),
  constraint bulk_items_operation_fkey foreign key (tenant_id, operation_id) references workflows.bulk_operations (tenant_id, id),
  constraint bulk_items_instance_fkey foreign key (tenant_id, instance_id) references workflows.instances (tenant_id, id),
  constraint bulk_items_status_check check (status in ('PENDING', 'DONE', 'FAILED', 'CANCELLED')),
  constraint bulk_items_finished_check check ((status = 'PENDING') = (finished_at is null))
);
create index bulk_items_by_status on workflows.bulk_items (tenant_id, operation_id, status, position);
create index bulk_items_by_instance on workflows.bulk_items (tenant_id, instance_id);
create index bulk_items_kept on workflows.bulk_items (tenant_id, finished_at) where has_kept;
call app.protect('workflows.bulk_items');

-- Down Migration
drop table workflows.bulk_items;
drop table workflows.bulk_operations;
