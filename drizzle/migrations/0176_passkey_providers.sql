-- Up Migration
-- Which identity provider a passkey descends from, so that it ends with what else the provider has opened.

-- The provider of the session in which the passkey was registered. It outlives the provider, so it is not a reference.
alter table identity.passkeys add column provider_id uuid;
create index passkeys_by_provider on identity.passkeys (tenant_id, provider_id, user_id) where provider_id is not null;

-- The provider of the passkey that has opened the session. The provider itself has not: its logouts and required single sign-on do not concern the session.
alter table identity.sessions add column passkey_provider_id uuid;
create index sessions_by_passkey_provider on identity.sessions (tenant_id, passkey_provider_id)
  where passkey_provider_id is not null and revoked_at is null;

-- Down Migration
alter table identity.sessions drop column passkey_provider_id;
alter table identity.passkeys drop column provider_id;
