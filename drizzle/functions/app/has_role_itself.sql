-- Whether the role is assigned to the acting user. The policy of identity.role_ancestors must not read that table itself, as app.has_role does.
create or replace function app.has_role_itself(role uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.user_roles r where r.tenant_id = app.tenant() and r.user_id = app.user_id() and r.role_id = role);
end $$;
