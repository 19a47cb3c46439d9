-- Up Migration
-- Sums of the work of vendors by day, so that figures of a year do not read each assignment. Triggers on vendors.work add rows, which are differences:
-- the sum of a day's rows is what its assignments give. A worker replaces them by their sum.

create table vendors.work_days (
  tenant_id uuid not null,
  vendor_id uuid not null,
  -- In UTC: of the assignment for the first three sums, of the end for the next five, of the rating for the last two.
  day date not null,
  id uuid not null,
  assigned integer not null,
  responded integer not null,
  -- Microseconds, which add up without rounding.
  response_us bigint not null,
  completed integer not null,
  completion_us bigint not null,
  reopened integer not null,
  measured integer not null,
  met integer not null,
  rated integer not null,
  stars integer not null,
  constraint work_days_pkey primary key (tenant_id, vendor_id, day, id),
  constraint work_days_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id)
);
call app.protect('vendors.work_days', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Work from before this table. Without row-level security, because migrations run outside of tenants.
alter table vendors.work no force row level security;
alter table vendors.work_days no force row level security;
insert into vendors.work_days
select tenant_id, vendor_id, day, app.uuid_v7(), sum(assigned), sum(responded), sum(response_us), sum(completed), sum(completion_us), sum(reopened),
       sum(measured), sum(met), sum(rated), sum(stars)
  from (
    select tenant_id, vendor_id, (assigned_at at time zone 'UTC')::date as day, 1 as assigned, (responded_at is not null)::integer as responded,
           coalesce(extract(epoch from responded_at - assigned_at) * 1000000, 0)::bigint as response_us, 0 as completed, 0::bigint as completion_us,
           0 as reopened, 0 as measured, 0 as met, 0 as rated, 0 as stars
      from vendors.work where not is_deleted
    union all
    select tenant_id, vendor_id, (ended_at at time zone 'UTC')::date, 0, 0, 0, 1, (extract(epoch from ended_at - assigned_at) * 1000000)::bigint,
           (reopened > 0)::integer, (is_sla_met is not null)::integer, coalesce(is_sla_met, false)::integer, 0, 0
      from vendors.work where outcome = 'COMPLETED' and not is_deleted
    union all
    select tenant_id, vendor_id, (rated_at at time zone 'UTC')::date, 0, 0, 0, 0, 0, 0, 0, 0, 1, stars
      from vendors.work where rated_at is not null and not is_deleted) f
 group by tenant_id, vendor_id, day;
alter table vendors.work_days force row level security;
alter table vendors.work force row level security;

-- Down Migration
drop trigger if exists work_counted on vendors.work;
drop trigger if exists work_recounted on vendors.work;
drop function if exists vendors.count_work();
drop function if exists vendors.facts_of(vendors.work, integer);
drop table vendors.work_days;
