-- Up Migration
-- How often an instance of an operation was tried: one that takes the worker with it each time must not keep the others.

alter table workflows.bulk_items
  add column attempts integer not null default 0,
  add column unavailable integer not null default 0;
-- Those whose try is not known to have ended.
create index bulk_items_tried on workflows.bulk_items (tenant_id, operation_id, position) where status = 'PENDING' and attempts > 0;

-- Down Migration
drop index workflows.bulk_items_tried;
alter table workflows.bulk_items drop column attempts, drop column unavailable;
