-- Up Migration
-- What projects cost. A cost is never changed or deleted: it is voided, and a correction replaces it.

create table vendors.project_costs (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  spent_on date not null,
  -- In minor units of `currency` (ISO 4217), the currency of the project.
  amount bigint not null,
  currency text not null,
  -- LABOR | MATERIAL | SERVICE | EQUIPMENT | TRAVEL | OTHER
  category text not null,
  vendor_id uuid,
  contract_id uuid,
  note text not null default '',
  recorded_by uuid not null,
  recorded_at timestamptz not null,
  -- The cost that this one corrects.
  corrects_id uuid,
  voided_at timestamptz,
  voided_by uuid,
  void_reason text,
  version integer not null default 1,
  constraint project_costs_pkey primary key (tenant_id, id),
  constraint project_costs_project_fkey foreign key (tenant_id, project_id) references vendors.projects (tenant_id, id),
  constraint project_costs_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint project_costs_contract_fkey foreign key (tenant_id, contract_id) references vendors.contracts (tenant_id, id),
  constraint project_costs_recorder_fkey foreign key (tenant_id, recorded_by) references identity.users (tenant_id, id),
  constraint project_costs_corrects_fkey foreign key (tenant_id, corrects_id) references vendors.project_costs (tenant_id, id),
  constraint project_costs_corrects_key unique (tenant_id, corrects_id),
  constraint project_costs_amount_check check (amount > 0),
  constraint project_costs_category_check check (category in ('LABOR', 'MATERIAL', 'SERVICE', 'EQUIPMENT', 'TRAVEL', 'OTHER')),
  constraint project_costs_voided_check check (num_nonnulls(voided_at, voided_by, void_reason) in (0, 3))
);
create index project_costs_by_project on vendors.project_costs (tenant_id, project_id, spent_on, id) include (amount, currency, voided_at);
create index project_costs_by_contract on vendors.project_costs (tenant_id, contract_id) include (amount, currency) where contract_id is not null and voided_at is null;
create index project_costs_by_vendor on vendors.project_costs (tenant_id, vendor_id) where vendor_id is not null;
call app.protect('vendors.project_costs');

-- Down Migration
drop table vendors.project_costs;
