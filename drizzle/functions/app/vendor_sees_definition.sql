-- Whether something that was assigned to the acting vendor runs on the definition: users of a vendor see no drafts and no other processes. Not because of
-- projects in which the vendor takes part: how these are run is internal, unless their workflow is assigned to the vendor. Starts from the assigned
-- objects, which are fewer than the instances of a definition.
create or replace function app.vendor_sees_definition(definition uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from app.object_access a join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.object_id
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor() and i.definition_id = definition
       and (i.subject_type is distinct from 'project' or i.assignee_vendor_id = app.vendor())
  );
end $$;
