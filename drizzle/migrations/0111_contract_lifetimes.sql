-- Up Migration
-- Contracts begin, remind, are renewed, expire, and are terminated on their days.

alter table vendors.contracts
  -- Days before the last day for a notice at which the owner is reminded.
  add column reminder_days integer[] not null default '{90,60,30,7}',
  -- The last reminder: the end that it was about, and its days.
  add column reminded_for date,
  add column reminded_days integer,
  -- First day on which a terminated contract is no longer in force.
  add column terminates_on date,
  add column termination_reason text,
  -- When a worker looks at the contract again.
  add column due_at timestamptz,
  add constraint contracts_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  add constraint contracts_termination_check check ((terminates_on is null) = (termination_reason is null));
create index contracts_due on vendors.contracts (due_at, tenant_id) where due_at is not null;
create index contracts_due_of_tenant on vendors.contracts (tenant_id, due_at, id) where due_at is not null;

-- Down Migration
drop index vendors.contracts_due, vendors.contracts_due_of_tenant;
alter table vendors.contracts
  drop column reminder_days, drop column reminded_for, drop column reminded_days, drop column terminates_on, drop column termination_reason,
  drop column due_at;
