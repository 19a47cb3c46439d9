-- Whether the instance is about a vendor, such as its onboarding, if the acting user sees it.
create or replace function app.is_about_vendor(instance uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from workflows.instances i where i.tenant_id = app.tenant() and i.id = instance and i.subject_type = 'vendor');
end $$;
