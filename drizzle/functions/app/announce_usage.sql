-- Writes the event of a tenant that has reached the threshold of a limit. context { actorId, requestId, traceId }, as in engine.apply.
create or replace function app.announce_usage(metric text, used bigint, allowed bigint, context jsonb) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  event uuid := app.uuid_v7();
begin
  insert into events.log (
    tenant_id, id, type, type_version, subject_type, subject_id, subject_version, related, payload, actor_id, on_behalf_of, request_id, trace_id,
    occurred_at)
  select t.tenant_id, event, 'usage.threshold_reached', 1, 'tenant', t.tenant_id, t.version, '{}',
         jsonb_build_object('limit', metric, 'used', used, 'allowed', allowed, 'windowEndsAt', app.usage_window_end(metric)),
         (context->>'actorId')::uuid, (context->>'onBehalfOf')::uuid, context->>'requestId', context->>'traceId', app.weft_now()
    from identity.tenants t where t.tenant_id = app.tenant();
  insert into events.outbox (tenant_id, event_id) values (app.tenant(), event);
end $$;
