-- Up Migration
-- An endpoint that had nothing to receive for days has not failed for days. And the search for deliveries in order goes from subject to subject.

alter table events.webhook_states
  add column last_failed_at timestamptz,
  -- The subject after which the next search for deliveries of an ordered webhook begins.
  add column last_subject_id uuid;
update events.webhook_states set last_failed_at = failing_since where failing_since is not null;

-- Down Migration
alter table events.webhook_states drop column last_subject_id, drop column last_failed_at;
