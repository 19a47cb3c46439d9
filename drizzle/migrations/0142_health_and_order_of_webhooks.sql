-- Up Migration
-- An endpoint that had nothing to receive for days has not failed for days. The search for deliveries in order goes from subject to subject. A delivery
-- is too old only if nothing was sent to its endpoint for days, and one that ends its senders is given up.

alter table events.webhook_states
  add column last_failed_at timestamptz,
  -- The subject after which the next search for deliveries of an ordered webhook begins.
  add column last_subject_id uuid,
  -- The last claim, to the hour, and the first one since claims were last days apart.
  add column last_claimed_at timestamptz,
  add column active_since timestamptz,
  add constraint webhook_states_active_check check ((last_claimed_at is null) = (active_since is null));
-- Claims in a row whose sender ended without a result.
alter table events.webhook_deliveries add column takeovers integer not null default 0;
update events.webhook_states set last_failed_at = failing_since where failing_since is not null;

-- Down Migration
alter table events.webhook_deliveries drop column takeovers;
alter table events.webhook_states drop column active_since, drop column last_claimed_at, drop column last_subject_id, drop column last_failed_at;
