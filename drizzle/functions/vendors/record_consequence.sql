-- Writes an event and an audit entry of a change that another event has caused, with the actor and the request of that event.
-- change { type, action, subjectType, subjectId, version, related, payload, before, after }
create or replace procedure vendors.record_consequence(cause events.log, change jsonb) language plpgsql as $$
declare
  event uuid := app.uuid_v7();
  entry uuid := app.uuid_v7();
begin
  insert into events.log (
    tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, cause_id,
    request_id, trace_id, occurred_at)
  values (
    cause.tenant_id, event, change ->> 'type', 1, change ->> 'subjectType', (change ->> 'subjectId')::uuid, (change ->> 'version')::integer,
    coalesce(change -> 'related', '{}'), coalesce(change -> 'payload', '{}'), cause.actor_id, cause.on_behalf_of, cause.id, cause.request_id,
    cause.trace_id, cause.occurred_at);
  insert into events.outbox (tenant_id, event_id) values (cause.tenant_id, event);
  insert into audit.entries (tenant_id, id, action, entity_type, entity_id, before, after, actor_id, on_behalf_of, request_id)
  values (
    cause.tenant_id, entry, change ->> 'action', change ->> 'subjectType', (change ->> 'subjectId')::uuid, nullif(change -> 'before', 'null'),
    nullif(change -> 'after', 'null'), cause.actor_id, cause.on_behalf_of, cause.request_id);
  insert into audit.unsealed (tenant_id, entry_id) values (cause.tenant_id, entry);
end $$;
