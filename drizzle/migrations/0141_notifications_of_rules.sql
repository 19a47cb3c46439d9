-- Up Migration
-- Several rules can notify a user of the same event: each at most once. Emails of mandatory rules cannot be turned off.

alter table audit.notifications add column rule_id uuid;
alter table audit.notifications
  drop constraint notifications_event_key,
  add constraint notifications_event_key unique nulls not distinct (tenant_id, user_id, event_id, kind, rule_id);
alter table audit.notification_deliveries add column is_mandatory boolean not null default false;

-- Down Migration
delete from audit.notification_deliveries d using audit.notifications n
  where n.tenant_id = d.tenant_id and n.id = d.notification_id and n.rule_id is not null;
delete from audit.notifications where rule_id is not null;
alter table audit.notification_deliveries drop column is_mandatory;
alter table audit.notifications drop constraint notifications_event_key;
alter table audit.notifications add constraint notifications_event_key unique (tenant_id, user_id, event_id, kind);
alter table audit.notifications drop column rule_id;
