-- Whether the user who acts belongs to the tenant, not to a vendor: the vendor policies let everything pass.
-- Written so that the planner expects staff. With `is null` it expected one row in two hundred to pass the vendor policy of each table, chose to sort
-- what it took for few rows, and read all members to find the teams of twenty users (8,000 pages instead of 60, with 10,000 users).
-- A function, because Citus cannot propagate a policy that contains `is null`.
create or replace function app.is_staff() returns boolean language sql stable parallel safe
  return (current_setting('app.vendor_id', true) > '') is not true;
