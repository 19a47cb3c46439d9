-- Up Migration
-- Vendors can be suspended, blocked and reinstated, with a reason, and are in onboarding until they are approved.

alter table vendors.vendors
  drop constraint vendors_status_check,
  add constraint vendors_status_check check (status in ('ONBOARDING', 'ACTIVE', 'SUSPENDED', 'BLOCKED', 'REJECTED', 'INACTIVE')),
  -- Why the vendor has its status. Null if nobody gave a reason.
  add column status_reason text,
  add column status_changed_at timestamptz not null default now(),
  -- The last onboarding. Null: the vendor was created as active. Not a foreign key: instances reference vendors, and a cycle could not be purged.
  add column instance_id uuid;

-- The owner sees rows only while the force is lifted.
alter table vendors.vendors no force row level security;
update vendors.vendors set status_changed_at = case status when 'ACTIVE' then created_at else updated_at end;
alter table vendors.vendors force row level security;

call app.grant_to_built_in_roles('{"admin": {"TENANT": ["vendor.approve"]}, "workflow_manager": {"TENANT": ["vendor.approve"]}}');

-- Down Migration
-- Granted permissions stay: roles of tenants may have them by choice.
alter table vendors.vendors no force row level security;
update vendors.vendors set status = 'INACTIVE' where status <> 'ACTIVE';
alter table vendors.vendors force row level security;
alter table vendors.vendors
  drop column instance_id,
  drop column status_changed_at,
  drop column status_reason,
  drop constraint vendors_status_check,
  add constraint vendors_status_check check (status in ('ACTIVE', 'INACTIVE'));
