-- Up Migration

-- Exports of the audit trail to files. A worker reads the chain part by part with the rights of the user who asked for it.
create table audit.exports (
  tenant_id uuid not null,
  id uuid not null,
  format text not null,
  -- In the terms of the filter of audit entries; null for no conditions.
  filter jsonb,
  -- The range of the chain: its place before the first entry, and that of the last one, with the hashes at these places.
  after_sequence bigint not null,
  after_hash text not null,
  up_to_sequence bigint not null,
  up_to_hash text not null,
  status text not null default 'RUNNING',
  -- Place that was reached, and entries in the file up to it.
  sequence bigint not null,
  row_count integer not null default 0,
  -- Attempts of the file that stored the parts, in order.
  parts smallint[] not null default '{}',
  -- Hash of these parts, so that nobody can change them in the storage before they are signed.
  parts_hash text,
  file_id uuid not null,
  -- The rights with which the entries were read. With other rights, the file cannot be downloaded.
  rights_version text,
  -- Attempts since the last progress.
  tries smallint not null default 0,
  message text,
  -- What was signed for the file, as a compact JWS.
  proof text,
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
  constraint exports_format_check check (format in ('CSV', 'JSON_LINES')),
  constraint exports_status_check check (status in ('RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED')),
  constraint exports_range_check check (0 <= after_sequence and after_sequence <= sequence and sequence <= up_to_sequence),
  constraint exports_proof_check check ((status = 'COMPLETED') = (proof is not null)),
  constraint exports_due_check check ((status = 'RUNNING') = (due_at is not null)),
  constraint exports_finished_check check ((status = 'RUNNING') = (finished_at is null))
);
create index exports_due on audit.exports (due_at, tenant_id) where due_at is not null;
create index exports_due_of_tenant on audit.exports (tenant_id, due_at, id) where due_at is not null;
create index exports_by_creator on audit.exports (tenant_id, created_by, created_at, id);
create index exports_by_file on audit.exports (tenant_id, file_id);
create index exports_at_rest on audit.exports (tenant_id, updated_at, id) where due_at is null;
-- Not for users of a vendor.
call app.protect('audit.exports');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["audit.export"]}}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table audit.exports;
