-- The actual usage of a metric in the transaction's tenant, counted from the rows; null for metrics that leave no rows. Disabled users and operators of the
-- platform are not counted.
create or replace function app.count_usage(metric text) returns bigint language plpgsql stable as $$
begin
  case metric
    when 'users' then return (select count(*) from identity.users u where u.tenant_id = app.tenant() and u.status <> 'DISABLED' and u.type <> 'OPERATOR');
    when 'definitions' then return (select count(distinct d.key) from workflows.definitions d where d.tenant_id = app.tenant());
    when 'runningInstances' then return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.finished_at is null);
    when 'executionsPerHour', 'executionsPerMonth' then
      -- Instances of converted requests were started later than created.
      return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.created_at >= app.usage_window(metric))
           + (select count(*) from requests.former_instances f
               where f.tenant_id = app.tenant() and f.converted_at >= app.usage_window(metric) and f.created_at < app.usage_window(metric));
    when 'storageBytes' then
      return (select coalesce(sum(f.size), 0) from app.files f where f.tenant_id = app.tenant() and f.status in ('PENDING', 'SCANNING', 'STORED'));
    else return null;
  end case;
end $$;
