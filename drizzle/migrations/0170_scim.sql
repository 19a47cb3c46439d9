-- Up Migration
-- Users and teams that an identity provider manages (SCIM).

alter table identity.users
  -- The provider's name of the user.
  add column external_id text,
  add column given_name text,
  add column family_name text,
  -- The provider deleted the user, who is disabled since. Null again if it creates the user anew.
  add column deprovisioned_at timestamptz,
  add constraint users_deprovisioned_check check (deprovisioned_at is null or status = 'DISABLED');
create unique index users_external_id_key on identity.users (tenant_id, external_id) where external_id is not null;

alter table identity.teams add column external_id text;
create unique index teams_external_id_key on identity.teams (tenant_id, external_id) where external_id is not null and deleted_at is null;

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["user.provision"]}}');

-- Down Migration
drop index identity.teams_external_id_key;
alter table identity.teams drop column external_id;
drop index identity.users_external_id_key;
alter table identity.users
  drop constraint users_deprovisioned_check,
  drop column deprovisioned_at,
  drop column family_name,
  drop column given_name,
  drop column external_id;
