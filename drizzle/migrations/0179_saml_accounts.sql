-- Up Migration
-- What a provider of the kind SAML says about a user, until the browser in which the login began has shown itself. Encrypted.
alter table identity.provider_logins
  add column account text,
  add constraint provider_logins_account_check check (account is null or (received_at is not null and user_id is null));

-- Down Migration
alter table identity.provider_logins drop column account;
