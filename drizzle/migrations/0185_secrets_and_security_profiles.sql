-- Up Migration
-- What the steps of runs can use: secrets of tenants, secret inputs of runs, and security profiles.

create table workflows.secrets (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  description text not null,
  -- Encrypted with the tenant's key.
  value text not null,
  -- Hosts that steps can send it to. Null: all that the security profile allows.
  domains text[],
  value_changed_at timestamptz not null default now(),
  last_used_at timestamptz,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint secrets_pkey primary key (tenant_id, id),
  constraint secrets_name_key unique (tenant_id, name)
);
call app.protect('workflows.secrets');

create table workflows.security_profiles (
  tenant_id uuid not null,
  id uuid not null,
  key text not null,
  name text not null,
  description text not null,
  -- What it narrows. Omitted members narrow nothing.
  rules jsonb not null,
  created_by uuid not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint security_profiles_pkey primary key (tenant_id, id),
  constraint security_profiles_key_key unique (tenant_id, key)
);
call app.protect('workflows.security_profiles');

alter table workflows.runs
  -- Values of the secret inputs, encrypted with the tenant's key. Null: there are none, or the run has ended.
  add column secret_inputs text,
  -- The security profile as it was when the run began. Null: it has not begun.
  add column profile jsonb;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["secret.read", "secret.manage", "secret.use", "securityProfile.read", "securityProfile.manage"]},
  "workflow_manager": {"TENANT": ["securityProfile.read"]},
  "approver": {"TENANT": ["securityProfile.read"]},
  "viewer": {"TENANT": ["securityProfile.read"]}}');

-- Down Migration
alter table workflows.runs drop column profile, drop column secret_inputs;
drop table workflows.security_profiles;
drop table workflows.secrets;
