-- Changes properties of the data of a project's workflow because of another event, without leaving the state. The caller has found it running.
create or replace procedure vendors.set_workflow_data(cause events.log, instance workflows.instances, patch jsonb) language plpgsql as $$
declare
  next_version constant integer := instance.version + 1;
  changed constant jsonb := (select jsonb_agg(key) from jsonb_object_keys(patch) as key);
  indexed constant jsonb := (select d.document -> 'index' from workflows.definitions d
                              where d.tenant_id = instance.tenant_id and d.id = instance.definition_id);
  result jsonb;
begin
  result := engine.write_outcome(
    jsonb_build_object('tenantId', cause.tenant_id, 'userId', app.user_id(), 'vendorId', app.vendor(), 'actorId', cause.actor_id,
                       'onBehalfOf', cause.on_behalf_of, 'requestId', cause.request_id, 'traceId', cause.trace_id),
    jsonb_build_object(
      'expectedVersion', instance.version,
      'occurredAt', cause.occurred_at,
      'instance', jsonb_build_object(
        'id', instance.id, 'version', next_version, 'state', instance.state, 'status', instance.status, 'data', instance.data || patch,
        'definitionId', instance.definition_id, 'definitionKey', instance.definition_key, 'ownerId', instance.owner_id, 'teamId', instance.team_id,
        'assigneeUserId', instance.assignee_user_id, 'assigneeTeamId', instance.assignee_team_id, 'assigneeVendorId', instance.assignee_vendor_id,
        'doneBy', instance.done_by, 'closedAt', instance.closed_at, 'createdAt', instance.created_at),
      'history', jsonb_build_array(jsonb_build_object(
        'id', app.uuid_v7(), 'kind', 'DATA', 'fromState', instance.state, 'toState', instance.state, 'changes', patch)),
      'fields', (select coalesce(jsonb_agg(jsonb_build_object('field', p.key, 'numberValue', p.value)), '[]')
                   from jsonb_each(patch) as p where indexed ? p.key and jsonb_typeof(p.value) = 'number'),
      'events', jsonb_build_array(jsonb_build_object(
        'id', app.uuid_v7(), 'type', 'workflow.data_changed', 'typeVersion', 1, 'subjectType', 'instance', 'subjectId', instance.id,
        'subjectVersion', next_version, 'related', jsonb_build_object(instance.subject_type, instance.subject_id), 'causeId', cause.id,
        'payload', jsonb_build_object('instanceId', instance.id, 'definitionKey', instance.definition_key, 'version', next_version,
                                      'status', instance.status, 'changed', changed))),
      'audit', jsonb_build_array(jsonb_build_object(
        'id', app.uuid_v7(), 'action', 'workflow.changeData',
        'before', jsonb_build_object('version', instance.version, 'data', (select jsonb_object_agg(key, instance.data -> key) from jsonb_object_keys(patch) as key)),
        'changed', jsonb_build_object('version', next_version, 'data', patch)))));
  if not (result ->> 'applied')::boolean then
    raise exception 'The workflow of the project changed meanwhile' using errcode = 'serialization_failure';
  end if;
end $$;
