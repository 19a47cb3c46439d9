-- Up Migration
-- Audit entries, the chain that seals them, notifications. Entries and seals are append-only for every role.

create schema audit;

create table audit.entries (
  tenant_id uuid not null,
  id uuid not null,
  action text not null,
  entity_type text not null,
  entity_id uuid not null,
  before jsonb,
  after jsonb,
  actor_id uuid not null,
  on_behalf_of uuid,
  session_id uuid,
  request_id text not null,
  address text,
  at timestamptz not null default now(),
  constraint entries_pkey primary key (tenant_id, id)
);
create index entries_by_entity on audit.entries (tenant_id, entity_id, id);
create index entries_by_actor on audit.entries (tenant_id, actor_id, id);
call app.protect('audit.entries', vendor_sees => 'app.vendor_sees(entity_id)', vendor_writes => 'true');

create table audit.unsealed (
  tenant_id uuid not null,
  entry_id uuid not null,
  seq bigint not null generated always as identity,
  constraint unsealed_pkey primary key (tenant_id, entry_id)
);
create index unsealed_by_seq on audit.unsealed (tenant_id, seq);
call app.protect('audit.unsealed', vendor_sees => 'false', vendor_writes => 'true');

create table audit.seals (
  tenant_id uuid not null,
  sequence bigint not null,
  entry_id uuid not null,
  entry_hash text not null,
  hash text not null,
  sealed_at timestamptz not null default now(),
  constraint seals_pkey primary key (tenant_id, sequence),
  constraint seals_entry_key unique (tenant_id, entry_id)
);
call app.protect('audit.seals');

create table audit.checkpoints (
  tenant_id uuid not null,
  sequence bigint not null,
  hash text not null,
  signature text not null,
  at timestamptz not null default now(),
  constraint checkpoints_pkey primary key (tenant_id, sequence)
);
call app.protect('audit.checkpoints');

create table audit.notifications (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  event_id uuid not null,
  kind text not null,
  title text not null,
  subject_type text not null,
  subject_id uuid not null,
  params jsonb not null,
  read_at timestamptz,
  created_at timestamptz not null,
  constraint notifications_pkey primary key (tenant_id, id),
  constraint notifications_event_key unique (tenant_id, user_id, event_id, kind),
  constraint notifications_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index notifications_by_user on audit.notifications (tenant_id, user_id, created_at, id);
create index notifications_unread on audit.notifications (tenant_id, user_id, created_at, id) where read_at is null;
call app.protect('audit.notifications', vendor_sees => 'user_id = app.user_id()');

-- Down Migration
drop schema audit cascade;
