-- Whether an event concerns something that was assigned to the acting vendor, or the user who acts (notifications). Not by building or asset: these also have
-- events of other requests.
create or replace function app.vendor_sees_event(subject uuid, related jsonb) returns boolean language plpgsql stable parallel safe as $$
begin
  return (related->>'user')::uuid = app.user_id() or exists (
    select from app.object_access a
     where a.tenant_id = app.tenant() and a.vendor_id = app.vendor()
       and a.object_id in (subject, (related->>'instance')::uuid, (related->>'request')::uuid, (related->>'project')::uuid)
  );
end $$;
