-- Up Migration
-- Mails that wait to be sent, the one-time tokens that they carry, and which emails somebody has shown to be his.

alter table identity.users add column email_verified_at timestamptz;

-- Whose people name the slug at each login: until now this was told by `is_verified`, which from now on says that a mail was answered. An
-- organisation that registered itself stays out of the look-up without a slug for good: it could make users with anybody's email.
alter table identity.tenants add column is_self_registered boolean not null default false;
alter table identity.tenants no force row level security;
update identity.tenants set is_self_registered = true where not is_verified;
alter table identity.tenants force row level security;

-- The token itself is derived from the row, so nothing here opens anything.
create table identity.one_time_tokens (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  purpose text not null,
  -- Of the email that the token was sent to: it is void when the user has another one.
  email_hash text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint one_time_tokens_pkey primary key (tenant_id, id),
  constraint one_time_tokens_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint one_time_tokens_created_by_fkey foreign key (tenant_id, created_by) references identity.users (tenant_id, id),
  constraint one_time_tokens_purpose_check check (purpose in ('INVITATION', 'EMAIL_VERIFICATION'))
);
-- A new one makes the old ones void, also of two that are made at once.
create unique index one_time_tokens_live_key on identity.one_time_tokens (tenant_id, user_id, purpose) where used_at is null and revoked_at is null;
call app.protect('identity.one_time_tokens');

create table app.mails (
  tenant_id uuid not null,
  id uuid not null,
  -- Who gets it: the content is sealed under this person's key.
  person_id uuid not null,
  template text not null,
  -- What it is about, for whoever asks what became of it: a one-time token.
  reference_id uuid,
  destination_hash text not null,
  content text,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint mails_pkey primary key (tenant_id, id),
  constraint mails_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint mails_status_check check (status in ('PENDING', 'SENT', 'FAILED', 'DROPPED')),
  -- What is over keeps nothing that could be read.
  constraint mails_content_check check ((status = 'PENDING') = (content is not null)),
  constraint mails_finished_check check ((status = 'PENDING') = (finished_at is null))
);
create index mails_due on app.mails (tenant_id, next_attempt_at) where status = 'PENDING';
create index mails_by_age on app.mails (tenant_id, created_at);
create index mails_by_reference on app.mails (tenant_id, reference_id) where reference_id is not null;
-- Not by tenant: the sender bounds what one destination gets from all of them.
create index mails_by_destination on app.mails (destination_hash, finished_at) where status = 'SENT';
call app.protect('app.mails');

-- Down Migration
drop table app.mails;
drop table identity.one_time_tokens;
alter table identity.tenants drop column is_self_registered;
alter table identity.users drop column email_verified_at;
