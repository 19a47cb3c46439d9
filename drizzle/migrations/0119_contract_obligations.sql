-- Up Migration
-- Dated duties of contracts, whose completion is tracked.

create table vendors.contract_obligations (
  tenant_id uuid not null,
  id uuid not null,
  contract_id uuid not null,
  title text not null,
  party text not null,
  due_on date not null,
  recurrence text not null default 'NONE',
  -- The day from which recurring days count.
  anchor_on date not null,
  completed_count integer not null default 0,
  amount bigint,
  currency text,
  reminder_days integer[] not null default '{30,7,1}',
  -- The last reminder: the day that it was about, and its days.
  reminded_for date,
  reminded_days integer,
  -- When a worker looks at the obligation again.
  due_at timestamptz,
  completed_for date,
  completed_at timestamptz,
  completed_by uuid,
  completion_note text,
  -- Null for those that recur.
  done_at timestamptz,
  version integer not null default 1,
  created_by uuid not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz,
  deleted_by uuid,
  constraint contract_obligations_pkey primary key (tenant_id, id),
  constraint contract_obligations_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint contract_obligations_party_check check (party in ('US', 'VENDOR')),
  constraint contract_obligations_recurrence_check check (recurrence in ('NONE', 'MONTHLY', 'QUARTERLY', 'YEARLY')),
  constraint contract_obligations_amount_check check (amount >= 0 and (amount is null) = (currency is null)),
  constraint contract_obligations_reminded_check check ((reminded_for is null) = (reminded_days is null)),
  constraint contract_obligations_done_check check (done_at is null or recurrence = 'NONE'),
  constraint contract_obligations_deleted_check check ((deleted_at is null) = (deleted_by is null))
);
create index contract_obligations_by_contract on vendors.contract_obligations (tenant_id, contract_id, due_on, id) where deleted_at is null;
create index contract_obligations_due on vendors.contract_obligations (due_at, tenant_id) where due_at is not null;
create index contract_obligations_due_of_tenant on vendors.contract_obligations (tenant_id, due_at, id) where due_at is not null;
call app.protect('vendors.contract_obligations');

-- Down Migration
drop table vendors.contract_obligations;
