-- Events are deleted only with their tenant, or when they are old.
create policy kept on events.log as restrictive for delete using (app.purge_is_due() or app.event_is_past(type, occurred_at));
