-- A position is deleted only with its tenant, or after its event.
create policy kept on events.positions as restrictive for delete using (app.purge_is_due() or app.event_is_deleted(event_id));
