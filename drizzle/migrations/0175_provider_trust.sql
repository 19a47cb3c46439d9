-- Up Migration
-- What identity providers are trusted with: addresses of all domains, and the API keys that users have made in their sessions.

alter table identity.identity_providers add column creates_users_of_all_domains boolean not null default false;

-- The provider of the session in which the key got its secret. It outlives the provider, so it is not a reference.
alter table identity.api_keys add column provider_id uuid;
create index api_keys_by_provider on identity.api_keys (tenant_id, provider_id, id) where provider_id is not null;

-- Down Migration
alter table identity.api_keys drop column provider_id;
alter table identity.identity_providers drop column creates_users_of_all_domains;
