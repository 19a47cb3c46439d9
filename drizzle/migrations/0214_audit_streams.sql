-- Up Migration

-- Streams of the audit trail to other systems. The sealer writes how far the chain reaches; a worker sends what lies between that and the place up to which the
-- receiver has the entries.
create table audit.streams (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  transport text not null,
  url text not null,
  -- What the receiver asks for, as encrypted JSON, and the names of its members.
  access text not null,
  access_names text[] not null default '{}',
  includes_values boolean not null default false,
  status text not null default 'ACTIVE',
  -- Place in the chain up to which the receiver has the entries.
  sequence bigint not null,
  -- Last place of the chain.
  head bigint not null,
  -- True times.
  due_at timestamptz,
  claims integer not null default 0,
  failures integer not null default 0,
  failing_since timestamptz,
  last_error text,
  last_sent_at timestamptz,
  -- When the administrators were told that it stands still.
  stalled_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint streams_pkey primary key (tenant_id, id),
  constraint streams_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint streams_transport_check check (transport in ('SYSLOG', 'HTTP', 'S3')),
  constraint streams_status_check check (status in ('ACTIVE', 'PAUSED')),
  constraint streams_place_check check (0 <= sequence and sequence <= head),
  constraint streams_due_check check (status = 'ACTIVE' or due_at is null),
  constraint streams_failing_check check ((failures > 0) = (failing_since is not null))
);
create index streams_due on audit.streams (due_at, tenant_id) where due_at is not null;
create index streams_due_of_tenant on audit.streams (tenant_id, due_at, id) where due_at is not null;
create index streams_by_name on audit.streams (tenant_id, name, id);
create index streams_by_creation on audit.streams (tenant_id, created_at, id);
create index streams_by_creator on audit.streams (tenant_id, created_by);
-- Not for users of a vendor.
call app.protect('audit.streams');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["auditStream.read", "auditStream.manage"]}}');

-- Down Migration

-- Granted permissions stay: roles of tenants may have them by choice.
drop table audit.streams;
