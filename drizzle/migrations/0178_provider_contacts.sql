-- Up Migration
-- Email addresses and phone numbers as an identity provider sends them (SCIM), if that is not one of each.
alter table identity.users
  -- [{"value", "type", "primary"}]. The item without a value stands for the column `email`.
  add column provider_emails jsonb,
  -- The same for the column `phone`.
  add column provider_phones jsonb,
  add constraint users_provider_emails_check check (jsonb_typeof(provider_emails) = 'array'),
  add constraint users_provider_phones_check check (jsonb_typeof(provider_phones) = 'array');
-- Filters by address read these users, and find the others by the words of their own address.
create index users_with_provider_emails on identity.users (tenant_id) where provider_emails is not null;

-- Down Migration
drop index identity.users_with_provider_emails;
alter table identity.users
  drop column provider_phones,
  drop column provider_emails;
