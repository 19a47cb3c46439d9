-- Whether the acting vendor sees the task, by the policy of its table.
create or replace function app.vendor_sees_task(task uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.tasks t where t.tenant_id = app.tenant() and t.id = task);
end $$;
