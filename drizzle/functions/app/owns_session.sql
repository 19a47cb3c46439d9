-- Whether the session belongs to the user who acts.
create or replace function app.owns_session(session uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return exists (select from identity.sessions s where s.tenant_id = app.tenant() and s.id = session and s.user_id = app.user_id());
end $$;
