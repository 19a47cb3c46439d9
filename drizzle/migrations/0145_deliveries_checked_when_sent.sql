-- Up Migration
-- Deliveries are checked again when they are sent: what their recipients can see, their age, and which claim sends them.

alter table audit.notification_deliveries
  -- What the recipient could read when it was queued, and must still be able to read when it is sent. Null: nothing is checked.
  add column required_access jsonb,
  -- When its message became ready to be sent, in true time.
  add column ready_at timestamptz,
  -- Number of claims. Unlike the attempts, it is never reset, so that a sender whose claim was lost changes nothing.
  add column claims integer not null default 0;
update audit.notification_deliveries set claims = attempts where attempts > 0;
update audit.notification_deliveries set ready_at = updated_at where status in ('READY', 'SENDING');

-- Down Migration
alter table audit.notification_deliveries drop column required_access, drop column ready_at, drop column claims;
