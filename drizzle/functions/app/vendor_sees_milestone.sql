-- Whether the milestone needs a task that was assigned to the acting vendor, by the policy of the table of these tasks.
create or replace function app.vendor_sees_milestone(milestone uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from vendors.milestone_tasks m where m.tenant_id = app.tenant() and m.milestone_id = milestone);
end $$;
