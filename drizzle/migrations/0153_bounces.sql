-- Up Migration
-- Reports of mail servers and providers about emails that they had accepted: they came back, or their recipient complained.

alter table audit.notification_deliveries
  -- SHA-256 of the address to which an email was sent. The user can have another one when a report comes.
  add column address_hash text,
  drop constraint notification_deliveries_status_check,
  -- Not checked for existing rows: the former constraint was stricter.
  add constraint notification_deliveries_status_check check (
    status in ('QUEUED', 'READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'CANCELLED', 'SUPPRESSED', 'BOUNCED', 'COMPLAINED')
    and (status = 'QUEUED') = (due_at is not null) and (next_attempt_at is null or status in ('READY', 'SENDING'))) not valid;

-- Down Migration
update audit.notification_deliveries set status = 'FAILED' where status in ('BOUNCED', 'COMPLAINED');
alter table audit.notification_deliveries
  drop column address_hash,
  drop constraint notification_deliveries_status_check,
  add constraint notification_deliveries_status_check check (
    status in ('QUEUED', 'READY', 'SENDING', 'SENT', 'FAILED', 'UNKNOWN', 'CANCELLED', 'SUPPRESSED')
    and (status = 'QUEUED') = (due_at is not null) and (next_attempt_at is null or status in ('READY', 'SENDING')));
