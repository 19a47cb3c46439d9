-- Up Migration
-- Emails that came back count: among the failures of an hour, and among those that an address got.

drop index audit.notification_deliveries_ended;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at)
  where status in ('SENT', 'FAILED', 'UNKNOWN', 'BOUNCED', 'COMPLAINED');
alter table app.mails add column came_back_at timestamptz;
drop index app.mails_by_destination;
create index mails_by_destination on app.mails (destination_hash, finished_at) where status = 'SENT' or came_back_at is not null;

-- Down Migration
drop index audit.notification_deliveries_ended;
create index notification_deliveries_ended on audit.notification_deliveries (tenant_id, updated_at) where status in ('SENT', 'FAILED', 'UNKNOWN');
drop index app.mails_by_destination;
alter table app.mails drop column came_back_at;
create index mails_by_destination on app.mails (destination_hash, finished_at) where status = 'SENT';
