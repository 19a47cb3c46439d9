-- Up Migration
-- Verifications of the audit trail: those of the whole chain, which a worker does page by page, and how far a tenant's chain was verified before.

create table audit.verifications (
  tenant_id uuid not null,
  id uuid not null,
  status text not null default 'RUNNING',
  -- A signed end of the chain that was kept elsewhere.
  known_checkpoint text,
  -- Entries that were sealed when it was last looked.
  total bigint not null,
  -- The place up to which it has come, the hash of the chain there, and the last signed end on the way.
  sequence bigint not null default 0,
  hash text,
  checkpoint text,
  is_valid boolean,
  -- The first bad place.
  problem jsonb,
  unsealed bigint,
  -- Why it failed.
  message text,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint verifications_pkey primary key (tenant_id, id),
  constraint verifications_status_check check (status in ('RUNNING', 'COMPLETED', 'FAILED')),
  constraint verifications_finished_check check ((status = 'RUNNING') = (finished_at is null)),
  constraint verifications_valid_check check ((status = 'COMPLETED') = (is_valid is not null))
);
-- One at a time, and where the worker finds it.
create unique index verifications_running on audit.verifications (tenant_id) where status = 'RUNNING';
call app.protect('audit.verifications');

-- The newest signed end up to which the chain was found sound. Signed, so that whoever changes it can only name another signed end.
create table audit.verified_ends (
  tenant_id uuid not null,
  sequence bigint not null,
  checkpoint text not null,
  verified_at timestamptz not null default now(),
  constraint verified_ends_pkey primary key (tenant_id)
);
call app.protect('audit.verified_ends');

-- Down Migration
drop table audit.verified_ends;
drop table audit.verifications;
