-- All limits of the transaction's tenant, merged: contract over plan over platform. A null means unlimited.
create or replace function app.limits() returns jsonb language plpgsql stable parallel safe as $$
declare
  contract jsonb;
  plan jsonb;
  platform jsonb;
begin
  select c.document->'limits' into contract from app.configurations c
   where c.tenant_id = app.tenant() and c.level = 'CONTRACT' and c.subject_id = app.tenant() order by c.version desc limit 1;
  select s.document->'limits' into plan from identity.tenants t join app.shared_configurations s on s.level = 'PLAN' and s.key = t.plan
   where t.tenant_id = app.tenant() order by s.version desc limit 1;
  select s.document->'limits' into platform from app.shared_configurations s
   where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1;
  return case jsonb_typeof(platform) when 'object' then platform else '{}' end
      || case jsonb_typeof(plan) when 'object' then plan else '{}' end
      || case jsonb_typeof(contract) when 'object' then contract else '{}' end;
end $$;
