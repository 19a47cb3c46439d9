-- Up Migration
-- Logins with a provider that only prove again who the user is, and periodic checks of verified domains.

-- Such a login opens no session: it renews one.
alter table identity.provider_logins add column is_reauthentication boolean not null default false;

alter table identity.domains
  -- When the record of a verified domain was found missing. Null while it is there.
  add column missing_since timestamptz,
  -- When the record is looked for again. Null for domains that are not verified.
  add column due_at timestamptz;
alter table identity.domains no force row level security;
update identity.domains set due_at = now() where verified_at is not null;
alter table identity.domains force row level security;
create index domains_due on identity.domains (due_at, tenant_id) where due_at is not null;
create index domains_due_in_tenant on identity.domains (tenant_id, due_at, id) where due_at is not null;

-- Down Migration
drop index identity.domains_due_in_tenant, identity.domains_due;
alter table identity.domains drop column due_at, drop column missing_since;
delete from identity.provider_logins where is_reauthentication;
alter table identity.provider_logins drop column is_reauthentication;
