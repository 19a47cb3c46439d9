-- Up Migration
-- A secret that cannot be decrypted stops only its own webhook.

-- Since when the secret or the headers cannot be decrypted.
alter table events.webhook_states add column unreadable_since timestamptz;

-- Down Migration
alter table events.webhook_states drop column unreadable_since;
