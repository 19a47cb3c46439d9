-- Up Migration
-- Lists of the documents of all vendors: by time, by status, by kind, and by last day.

-- `valid_until` for sorting: `infinity` without a last day.
alter table vendors.documents
  add column valid_until_order date not null generated always as (coalesce(valid_until, 'infinity'::date)) stored;
create index documents_by_time on vendors.documents (tenant_id, created_at, id) where deleted_at is null;
create index documents_by_last_day on vendors.documents (tenant_id, valid_until_order, id) where deleted_at is null;
create index documents_by_status on vendors.documents (tenant_id, status, created_at, id) where deleted_at is null;
create index documents_by_kind_and_last_day on vendors.documents (tenant_id, kind, valid_until_order, id) where deleted_at is null;

-- Down Migration
alter table vendors.documents drop column valid_until_order;
drop index vendors.documents_by_time, vendors.documents_by_status;
