-- Up Migration
-- Identity providers of the kind LDAP: directories that check the passwords of their users. Their configuration names server, search and attributes.
alter table identity.identity_providers
  drop constraint identity_providers_kind_check,
  add constraint identity_providers_kind_check check (kind in ('OIDC', 'SAML', 'LDAP'));

-- The directory that has checked the password of a login that waits for a second factor. Not a reference: the login is refused once the provider is gone.
alter table identity.pending_logins add column provider_id uuid;

-- Down Migration
alter table identity.pending_logins drop column provider_id;
alter table identity.identity_providers no force row level security;
delete from identity.identity_providers where kind not in ('OIDC', 'SAML');
alter table identity.identity_providers force row level security;
alter table identity.identity_providers
  drop constraint identity_providers_kind_check,
  add constraint identity_providers_kind_check check (kind in ('OIDC', 'SAML'));
