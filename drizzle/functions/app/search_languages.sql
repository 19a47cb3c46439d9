-- The languages (ISO 639-1) in which the transaction's user searches: that of the user's profile, and that of the tenant.
create or replace function app.search_languages() returns text[] language plpgsql stable parallel safe as $$
declare
  of_user text;
  of_tenant text;
begin
  select u.locale into of_user from identity.users u where u.tenant_id = app.tenant() and u.id = app.user_id();
  -- As in every setting, the narrowest level that sets it wins.
  select coalesce(
    (select c.document->>'locale' from app.configurations c
      where c.tenant_id = app.tenant() and c.level = 'TENANT' and c.subject_id = app.tenant() order by c.version desc limit 1),
    (select c.document->>'locale' from app.configurations c
      where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1),
    (select s.document->>'locale' from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
      where t.tenant_id = app.tenant() order by s.version desc limit 1),
    (select s.document->>'locale' from app.shared_configurations s
      where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1),
    'en') into of_tenant;
  return array_remove(array[split_part(lower(of_user), '-', 1), split_part(lower(of_tenant), '-', 1)], null);
end $$;
