-- Events are deleted only by their tenant, and only with the tenant, or when they are old.
create policy kept on events.log as restrictive for delete using (tenant_id = app.tenant() and (app.purge_is_due() or app.event_is_past(type, occurred_at)));
