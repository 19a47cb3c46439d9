-- A position is deleted only by its tenant, and only with the tenant, or after its event. The worker numbers the events of all tenants.
create policy kept on events.positions as restrictive for delete using (tenant_id = app.tenant() and (app.purge_is_due() or app.event_is_deleted(event_id)));
