-- Up Migration
-- Identity providers of the kind SAML. Their configuration names entity ID (as the issuer), login URL, certificates, and attributes.
alter table identity.identity_providers
  drop constraint identity_providers_kind_check,
  add constraint identity_providers_kind_check check (kind in ('OIDC', 'SAML'));

-- Down Migration
alter table identity.identity_providers no force row level security;
delete from identity.identity_providers where kind not in ('OIDC');
alter table identity.identity_providers force row level security;
alter table identity.identity_providers
  drop constraint identity_providers_kind_check,
  add constraint identity_providers_kind_check check (kind in ('OIDC'));
