-- The actual usage of a metric in the transaction's tenant, counted from the rows; null for metrics that leave no rows. Disabled users and operators of the
-- platform are not counted.
create or replace function app.count_usage(metric text) returns bigint language plpgsql stable as $$
begin
  case metric
    when 'users' then return (select count(*) from identity.users u where u.tenant_id = app.tenant() and u.status <> 'DISABLED' and u.type <> 'OPERATOR');
    when 'definitions' then return (select count(distinct d.key) from workflows.definitions d where d.tenant_id = app.tenant());
    when 'runningInstances' then return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.finished_at is null);
    when 'executionsPerHour', 'executionsPerMonth' then
      return (select count(*) from workflows.instances i where i.tenant_id = app.tenant() and i.created_at >= app.usage_window(metric));
    else return null;
  end case;
end $$;
