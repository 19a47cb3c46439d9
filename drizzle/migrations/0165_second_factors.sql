-- Up Migration
-- Second factors of users, logins that wait for one, and the time of a session's last login.

create table identity.second_factors (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- TOTP
  kind text not null,
  -- Sealed with the tenant's data key.
  secret text not null,
  created_at timestamptz not null default now(),
  -- Null until the user has shown a code: such a factor is not required at a login.
  confirmed_at timestamptz,
  last_used_at timestamptz,
  -- Time step (RFC 6238) of the last accepted code. Codes of this step and earlier ones are not accepted again.
  last_step bigint not null default 0,
  constraint second_factors_pkey primary key (tenant_id, id),
  constraint second_factors_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint second_factors_kind_check check (kind in ('TOTP')),
  constraint second_factors_kind_key unique (tenant_id, user_id, kind)
);
call app.protect('identity.second_factors');

create table identity.recovery_codes (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the user's ID and the code, which has 80 random bits.
  code_hash text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  constraint recovery_codes_pkey primary key (tenant_id, id),
  constraint recovery_codes_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint recovery_codes_code_key unique (tenant_id, user_id, code_hash)
);
call app.protect('identity.recovery_codes');

-- The token itself is derived from the row, so nothing here opens anything.
create table identity.pending_logins (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  -- SHA-256 of the stored password hash that the password matched.
  password_fingerprint text not null,
  -- SHA-256 of the login name and the given tenant, by which failed logins are counted.
  name_hash text not null,
  -- Network of the device that sent the password.
  address text not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint pending_logins_pkey primary key (tenant_id, id),
  constraint pending_logins_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index pending_logins_by_user on identity.pending_logins (tenant_id, user_id);
call app.protect('identity.pending_logins');

alter table identity.roles add column requires_second_factor boolean not null default false;

alter table identity.sessions
  add column authenticated_at timestamptz not null default now(),
  -- PASSWORD | TOTP | RECOVERY_CODE
  add column factors text[] not null default '{}',
  -- Its user must enrol a second factor first.
  add column is_restricted boolean not null default false;
alter table identity.sessions no force row level security;
update identity.sessions set authenticated_at = created_at;
alter table identity.sessions force row level security;

-- Down Migration
alter table identity.sessions drop column is_restricted, drop column factors, drop column authenticated_at;
alter table identity.roles drop column requires_second_factor;
drop table identity.pending_logins, identity.recovery_codes, identity.second_factors;
