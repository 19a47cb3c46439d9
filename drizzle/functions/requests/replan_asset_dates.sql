-- requires: requests.notice_time
-- Applies a new notice of a type to the dates of its assets that are not announced.
create or replace function requests.replan_asset_dates() returns trigger language plpgsql as $$
begin
  update requests.asset_dates d
     set due_at = requests.notice_time(d.on_date, case d.kind when 'WARRANTY' then new.warranty_notice_days else new.inspection_notice_days end)
    from requests.assets a
   where a.tenant_id = new.tenant_id and a.type = new.key and d.tenant_id = a.tenant_id and d.asset_id = a.id and d.due_at is not null;
  return null;
end $$;
