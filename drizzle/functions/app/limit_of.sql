-- The limit of the transaction's tenant for a metric (a key of `limits`): from the contract, else the plan, else the platform. null: unlimited. A null in a document
-- is a value; an absent key falls through to the next level. plpgsql, to keep its plans: it is called whenever an instance starts.
-- Errors: WF003 unknown metric, because a misspelled one would be unlimited.
create or replace function app.limit_of(metric text) returns bigint language plpgsql stable parallel safe as $$
begin
  if metric not in ('users', 'definitions', 'runningInstances', 'executionsPerHour', 'executionsPerMonth', 'storageBytes', 'operationsPerMinute', 'agentsPerWorkflow', 'agentCostPerMonth') then
    raise exception 'There is no limit %', metric using errcode = 'WF003';
  end if;
  return (app.limits()->>metric)::bigint;
end $$;
