-- Up Migration
-- API keys of service accounts and users.

create table identity.api_keys (
  tenant_id uuid not null,
  id uuid not null,
  -- The owner, whose rights limit those of the key.
  user_id uuid not null,
  name text not null,
  -- SHA-256 of the secret, hexadecimal. The secret has 256 random bits, so a slow hash would add nothing.
  secret_hash text not null,
  previous_secret_hash text,
  previous_secret_expires_at timestamptz,
  -- Last characters of the key.
  hint text not null,
  -- [[permission, scope], …]
  permissions jsonb not null,
  -- Networks (CIDR). Empty: every address.
  allowed_addresses text[] not null default '{}',
  operations_per_minute integer,
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_address text,
  rotated_at timestamptz,
  revoked_at timestamptz,
  revoked_by uuid,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint api_keys_pkey primary key (tenant_id, id),
  constraint api_keys_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id),
  constraint api_keys_previous_check check ((previous_secret_hash is null) = (previous_secret_expires_at is null)),
  constraint api_keys_revoked_check check ((revoked_at is null) = (revoked_by is null)),
  constraint api_keys_operations_check check (operations_per_minute > 0)
);
create index api_keys_by_age on identity.api_keys (tenant_id, created_at, id);
create index api_keys_by_user on identity.api_keys (tenant_id, user_id, created_at, id);
call app.protect('identity.api_keys');

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["apiKey.read", "apiKey.manage"]}}');

-- Down Migration
drop table identity.api_keys;
