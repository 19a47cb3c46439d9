-- Whether something that was assigned to the acting vendor runs on the definition: users of a vendor see no drafts and no other processes. Starts from
-- the assigned objects, which are fewer than the instances of a definition.
create or replace function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
  );
end $$;
