-- Up Migration
-- Emails that came back count: among the failures of an hour, and among those that an address got.

drop index audit.notification_deliveries_ended;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at)
  where status in ('SENT', 'FAILED', 'UNKNOWN', 'BOUNCED', 'COMPLAINED');
drop index app.mails_by_destination;
create index mails_by_destination on app.mails (destination_hash, finished_at) where status in ('SENT', 'FAILED');

-- Down Migration
drop index audit.notification_deliveries_ended;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at) where status in ('SENT', 'FAILED', 'UNKNOWN');
drop index app.mails_by_destination;
create index mails_by_destination on app.mails (destination_hash, finished_at) where status = 'SENT';
