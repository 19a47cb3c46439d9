-- Whether an event of the transaction's tenant is no longer stored. Part of a restrictive policy: an event never loses its position.
create or replace function app.event_is_deleted(event uuid) returns boolean language plpgsql stable parallel safe as $$
begin
  return not exists (select from events.log l where l.tenant_id = app.tenant() and l.id = event);
end $$;
