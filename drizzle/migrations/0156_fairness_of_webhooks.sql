-- Up Migration
-- What is wrong with one webhook does not delay others.

alter table events.webhook_states
  -- The endpoint has answered slowly, and counts as slow until then.
  add column slow_until timestamptz,
  -- Since when the secret or the headers cannot be decrypted.
  add column unreadable_since timestamptz;

-- Down Migration
alter table events.webhook_states drop column unreadable_since, drop column slow_until;
