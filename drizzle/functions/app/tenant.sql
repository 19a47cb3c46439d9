-- The tenant of the transaction. One STABLE expression: the planner inlines it, so a policy on tenant_id becomes an index
-- condition. With `nullif` and `true` a transaction without a tenant sees no rows; without them it would fail.
create or replace function app.tenant() returns uuid language sql stable parallel safe
  return nullif(current_setting('app.tenant_id', true), '')::uuid;
