-- Whether the role is one of the acting user's, or one that these inherit from: users of a vendor see these roles only.
create or replace function app.has_role(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (
    select from identity.user_roles r join identity.role_ancestors a on a.tenant_id = r.tenant_id and a.role_id = r.role_id
     where r.tenant_id = app.tenant() and r.user_id = app.user_id() and a.ancestor_id = role);
end $$;
