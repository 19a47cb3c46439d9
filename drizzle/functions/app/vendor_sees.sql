-- Whether the object was assigned to the acting vendor. plpgsql keeps its plan for the session. Lists are narrowed by an index on the assignee first
-- (equality of uuids is leak-proof), so this runs for few rows.
create or replace function app.vendor_sees(object uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from app.object_access a where a.tenant_id = app.tenant() and a.object_id = object and a.vendor_id = app.vendor());
end $$;
