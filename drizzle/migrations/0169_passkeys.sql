-- Up Migration
-- Passkeys (WebAuthn credentials) of users, and the challenges that were used up.

create table identity.passkeys (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null,
  name text not null,
  -- base64url. Authenticators choose it at random, with at least 128 bits.
  credential_id text not null,
  -- COSE key.
  public_key bytea not null,
  -- Of the last signature. Always 0 for passkeys that are synchronized between devices.
  sign_count bigint not null,
  -- How a browser reaches the authenticator: usb, nfc, ble, internal, hybrid, …
  transports text[] not null,
  -- Whether the authenticator can synchronize it between devices, and whether it has.
  is_syncable boolean not null,
  is_backed_up boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  constraint passkeys_pkey primary key (tenant_id, id),
  constraint passkeys_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  -- Within the tenant: a login finds a credential by the tenant and the user that it names, so another tenant's equal ID cannot be confused with it.
  constraint passkeys_credential_key unique (tenant_id, credential_id)
);
create index passkeys_by_user on identity.passkeys (tenant_id, user_id);
call app.protect('identity.passkeys');

-- Challenges are signed, so only those that were used are stored, until they expire.
create table identity.used_challenges (
  tenant_id uuid not null,
  user_id uuid not null,
  -- SHA-256
  challenge_hash text not null,
  expires_at timestamptz not null,
  constraint used_challenges_pkey primary key (tenant_id, challenge_hash),
  constraint used_challenges_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id)
);
create index used_challenges_by_user on identity.used_challenges (tenant_id, user_id);
call app.protect('identity.used_challenges');

-- Down Migration
drop table identity.used_challenges, identity.passkeys;
