-- requires: app.weft_now, requests.notice_time
-- Keeps requests.asset_dates. A date that was announced is not announced again.
create or replace function requests.keep_asset_dates() returns trigger language plpgsql as $$
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
