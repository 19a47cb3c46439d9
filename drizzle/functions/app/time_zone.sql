-- The time zone of the transaction's tenant, from its configuration: tenant over contract over plan over platform. Without the restrictions of a vendor's user,
-- who does not see all levels.
create or replace function app.time_zone() returns text language plpgsql as $$
declare
  acting_vendor text := coalesce(current_setting('app.vendor_id', true), '');
  zone text;
begin
  perform set_config('app.vendor_id', '', true);
  zone := coalesce(
    (select c.document->>'timeZone' from app.configurations c
      where c.tenant_id = app.tenant() and c.level = 'TENANT' and c.subject_id = app.tenant() order by c.version desc limit 1),
    (select c.document->>'timeZone' from app.configurations c
      where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1),
    (select s.document->>'timeZone' from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
      where t.tenant_id = app.tenant() order by s.version desc limit 1),
    (select s.document->>'timeZone' from app.shared_configurations s where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1),
    'UTC');
  perform set_config('app.vendor_id', acting_vendor, true);
  return zone;
end $$;
