-- Up Migration
-- Dates of assets that are announced by events: the end of the warranty, and the next inspection. The asset's type says how many days before.

alter table requests.assets add column inspection_due_on date;
create index assets_by_inspection_due_on on requests.assets (tenant_id, inspection_due_on, id) where deleted_at is null and inspection_due_on is not null;

alter table requests.asset_types
  add column warranty_notice_days integer not null default 30,
  add column inspection_notice_days integer not null default 14,
  add constraint asset_types_notice_check check (warranty_notice_days between 0 and 366 and inspection_notice_days between 0 and 366);

create table requests.asset_dates (
  tenant_id uuid not null,
  asset_id uuid not null,
  -- WARRANTY | INSPECTION
  kind text not null,
  -- Null: the asset has no such date.
  on_date date,
  -- When a worker must look at it. Null: there is nothing to announce, or it is announced.
  due_at timestamptz,
  -- The date that was announced last.
  announced_date date,
  constraint asset_dates_pkey primary key (tenant_id, asset_id, kind),
  constraint asset_dates_asset_fkey foreign key (tenant_id, asset_id) references requests.assets (tenant_id, id),
  constraint asset_dates_kind_check check (kind in ('WARRANTY', 'INSPECTION'))
);
create index asset_dates_due on requests.asset_dates (due_at, tenant_id) where due_at is not null;
create index asset_dates_due_in_tenant on requests.asset_dates (tenant_id, due_at, asset_id, kind) where due_at is not null;
call app.protect('requests.asset_dates');

create function requests.notice_time(date, integer) returns timestamptz language sql immutable parallel safe
  return (($1 - $2)::timestamp at time zone 'UTC') - interval '14 hours';

create function requests.keep_asset_dates() returns trigger language plpgsql as $$
begin
  insert into requests.asset_dates (tenant_id, asset_id, kind, on_date, due_at)
    select new.tenant_id, new.id, d.kind, d.on_date, case when new.deleted_at is null and not d.is_over then requests.notice_time(d.on_date, d.days) end
      from requests.asset_types t, lateral (values
        ('WARRANTY', new.warranty_until, t.warranty_notice_days, new.warranty_until < (app.weft_now() at time zone 'UTC')::date),
        ('INSPECTION', new.inspection_due_on, t.inspection_notice_days, false)) d (kind, on_date, days, is_over)
     where t.tenant_id = new.tenant_id and t.key = new.type
       and (d.on_date is not null or exists (select from requests.asset_dates e where e.tenant_id = new.tenant_id and e.asset_id = new.id and e.kind = d.kind))
    on conflict (tenant_id, asset_id, kind) do update set on_date = excluded.on_date,
      due_at = case when asset_dates.announced_date is distinct from excluded.on_date then excluded.due_at end;
  return null;
end $$;
create trigger assets_new_dates after insert on requests.assets for each row
  when (new.warranty_until is not null or new.inspection_due_on is not null) execute function requests.keep_asset_dates();
create trigger assets_dates after update of warranty_until, inspection_due_on, type, building_id, deleted_at on requests.assets for each row
  when ((old.warranty_until, old.inspection_due_on, old.type, old.building_id, old.deleted_at)
    is distinct from (new.warranty_until, new.inspection_due_on, new.type, new.building_id, new.deleted_at))
  execute function requests.keep_asset_dates();

create function requests.replan_asset_dates() returns trigger language plpgsql as $$
begin
  update requests.asset_dates d
     set due_at = requests.notice_time(d.on_date, case d.kind when 'WARRANTY' then new.warranty_notice_days else new.inspection_notice_days end)
    from requests.assets a
   where a.tenant_id = new.tenant_id and a.type = new.key and d.tenant_id = a.tenant_id and d.asset_id = a.id and d.due_at is not null;
  return null;
end $$;
create trigger asset_types_notices after update of warranty_notice_days, inspection_notice_days on requests.asset_types for each row
  when ((old.warranty_notice_days, old.inspection_notice_days) is distinct from (new.warranty_notice_days, new.inspection_notice_days))
  execute function requests.replan_asset_dates();

-- The owner sees rows only while the force is lifted.
alter table requests.assets no force row level security;
alter table requests.asset_dates no force row level security;
insert into requests.asset_dates (tenant_id, asset_id, kind, on_date, due_at)
  select tenant_id, id, 'WARRANTY', warranty_until, case when deleted_at is null and warranty_until >= current_date then requests.notice_time(warranty_until, 30) end
    from requests.assets where warranty_until is not null;
alter table requests.assets force row level security;
alter table requests.asset_dates force row level security;

-- Down Migration
drop trigger asset_types_notices on requests.asset_types;
drop function requests.replan_asset_dates();
drop trigger assets_dates on requests.assets;
drop trigger assets_new_dates on requests.assets;
drop function requests.keep_asset_dates();
drop table requests.asset_dates;
drop function requests.notice_time(date, integer);
alter table requests.asset_types drop column inspection_notice_days, drop column warranty_notice_days;
alter table requests.assets drop column inspection_due_on;
