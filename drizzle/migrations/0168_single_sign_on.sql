-- Up Migration
-- Single sign-on: identity providers of a tenant, the users known to them, logins on their way, and domains that a tenant has verified.

create table identity.identity_providers (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null,
  name text not null,
  status text not null,
  -- What only providers of this kind have. Of OIDC: issuer, client, scopes, names of claims.
  configuration jsonb not null,
  -- Secret of the client. Encrypted.
  secret text,
  creates_users boolean not null,
  accepts_unverified_email boolean not null,
  -- Addresses of applications to which a login can return.
  redirect_urls text[] not null,
  -- [{"group": "…", "roleId": "…"}]
  role_mappings jsonb not null default '[]',
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint identity_providers_pkey primary key (tenant_id, id),
  constraint identity_providers_name_key unique (tenant_id, name),
  constraint identity_providers_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id),
  constraint identity_providers_kind_check check (kind in ('OIDC')),
  constraint identity_providers_status_check check (status in ('ACTIVE', 'INACTIVE'))
);
call app.protect('identity.identity_providers');

create table identity.user_identities (
  tenant_id uuid not null,
  id uuid not null,
  provider_id uuid not null,
  -- Subjects are unique only within an issuer, so links do not survive a change of it.
  issuer text not null,
  -- The issuer's name for the user, which never changes.
  subject text not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  constraint user_identities_pkey primary key (tenant_id, id),
  constraint user_identities_subject_key unique (tenant_id, provider_id, issuer, subject),
  constraint user_identities_user_key unique (tenant_id, provider_id, issuer, user_id),
  constraint user_identities_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade,
  constraint user_identities_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade
);
create index user_identities_by_user on identity.user_identities (tenant_id, user_id);
call app.protect('identity.user_identities');

-- A login with a provider: begun, then the user came back from the provider. Its row is deleted when the application gets the session.
create table identity.provider_logins (
  tenant_id uuid not null,
  id uuid not null,
  provider_id uuid not null,
  -- With which it began.
  issuer text not null,
  redirect_url text not null,
  -- S256 of a secret of the application.
  code_challenge text not null,
  -- Returned to the application as it is.
  application_state text,
  created_at timestamptz not null default now(),
  -- Of the current step.
  expires_at timestamptz not null,
  received_at timestamptz,
  user_id uuid,
  -- The provider's session, which it names when it logs the user out.
  provider_session text,
  constraint provider_logins_pkey primary key (tenant_id, id),
  constraint provider_logins_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade,
  constraint provider_logins_user_fkey foreign key (tenant_id, user_id) references identity.users (tenant_id, id) on delete cascade,
  constraint provider_logins_received_check check (user_id is null or received_at is not null)
);
create index provider_logins_by_expiry on identity.provider_logins (tenant_id, expires_at);
create index provider_logins_by_user on identity.provider_logins (tenant_id, user_id) where user_id is not null;
create index provider_logins_by_provider on identity.provider_logins (tenant_id, provider_id, provider_session);
call app.protect('identity.provider_logins');

-- Logout tokens of providers, each of which is accepted once.
create table identity.logout_tokens (
  tenant_id uuid not null,
  provider_id uuid not null,
  token_hash text not null,
  expires_at timestamptz not null,
  constraint logout_tokens_pkey primary key (tenant_id, provider_id, token_hash),
  constraint logout_tokens_provider_fkey foreign key (tenant_id, provider_id)
    references identity.identity_providers (tenant_id, id) on delete cascade
);
create index logout_tokens_by_expiry on identity.logout_tokens (tenant_id, expires_at);
call app.protect('identity.logout_tokens');

create table identity.domains (
  tenant_id uuid not null,
  id uuid not null,
  -- In lower case, internationalized names as ASCII.
  name text not null,
  -- Text that the tenant publishes in the domain's DNS.
  challenge text not null,
  verified_at timestamptz,
  checked_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint domains_pkey primary key (tenant_id, id),
  constraint domains_name_key unique (tenant_id, name),
  constraint domains_tenant_fkey foreign key (tenant_id) references identity.tenants (tenant_id)
);
-- A domain belongs to one tenant of the installation.
create unique index domains_verified_key on identity.domains (name) where verified_at is not null;
call app.protect('identity.domains');

-- The provider that has opened a session, and its own session. They outlive the provider, so they are not references.
alter table identity.sessions add column provider_id uuid, add column provider_session text;
create index sessions_by_provider on identity.sessions (tenant_id, provider_id, provider_session) where provider_id is not null and revoked_at is null;

-- Users who can log in with a password although single sign-on is required.
alter table identity.users add column is_break_glass boolean not null default false;

call app.grant_to_built_in_roles('{
  "admin": {"TENANT": ["identityProvider.read", "identityProvider.manage"]}
}');

-- Down Migration
alter table identity.users drop column is_break_glass;
alter table identity.sessions drop column provider_session, drop column provider_id;
drop table identity.domains, identity.logout_tokens, identity.provider_logins, identity.user_identities, identity.identity_providers;
