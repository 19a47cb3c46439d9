-- Reads what a batch needs: { instances: [row with its open tasks and the current time], definitions: [{ environment, key, id, now }], and if there are keys: clock: the time as due times
-- have it, isActive: whether the tenant is }. Instances with more than max_chars of data
-- are omitted. Of the definitions those that start under keys[n] in environments[n]: the newest published version, else the newest deprecated one (store/published.ts).
create or replace function engine.read_batch(tenant uuid, ids uuid[], keys text[], environments text[], max_chars integer) returns json language plpgsql as $$
#variable_conflict use_variable
declare
  moment timestamptz;
  found_instances json := '[]';
  found_definitions json := '[]';
begin
  perform engine.set_tenant(tenant);
  -- Few ids are thought cheaper than the ten of a general plan, and would be planned for each time, which takes longer than to read them.
  perform set_config('plan_cache_mode', 'force_generic_plan', true);
  moment := app.weft_now();
  if cardinality(ids) > 0 then
    select coalesce(json_agg(json_build_object(
            -- A transaction that has waited for another began before it, but its write comes after.
            'now', greatest(moment, i.updated_at),
            'tenantId', i.tenant_id, 'id', i.id, 'definitionId', i.definition_id, 'definitionKey', i.definition_key, 'state', i.state,
            'status', i.status, 'data', i.data, 'version', i.version, 'subjectType', i.subject_type, 'subjectId', i.subject_id, 'requestType', i.request_type,
            'ownerId', i.owner_id, 'teamId', i.team_id, 'assigneeUserId', i.assignee_user_id, 'assigneeTeamId', i.assignee_team_id,
            'assigneeVendorId', i.assignee_vendor_id, 'createdAt', i.created_at, 'updatedAt', i.updated_at, 'finishedAt', i.finished_at, 'closedAt', i.closed_at,
            'parentId', i.parent_id, 'parentState', i.parent_state, 'parentVersion', i.parent_version, 'parentRule', i.parent_rule,
            'childIndex', i.child_index, 'ancestors', i.ancestors, 'doneBy', i.done_by, 'environment', i.environment,
            'openTasks', (
              select json_agg(json_build_object('id', t.id, 'rule', t.rule, 'state', t.state, 'title', t.title, 'version', t.version,
                'assigneeId', t.assignee_id, 'candidateRoles', t.candidate_roles, 'candidateUserIds', t.candidate_user_ids, 'candidateTeamIds', t.candidate_team_ids,
                'candidateVendorIds', t.candidate_vendor_ids, 'copy', t.copy, 'delegatedFrom', t.delegated_from, 'isQuestioned', t.question_id is not null,
                'unticked', case t.checklist when '[]' then 0 else jsonb_array_length(jsonb_path_query_array(t.checklist, '$[*] ? (@.done == false)')) end) order by t.id)
                from workflows.tasks t where t.tenant_id = i.tenant_id and t.instance_id = i.id and t.status in ('OPEN', 'CLAIMED')))), '[]')
      into found_instances
      from workflows.instances i where i.tenant_id = tenant and i.id = any(ids) and length(i.data::text) <= max_chars;
  end if;
  if cardinality(keys) > 0 then
    select coalesce(json_agg(json_build_object('environment', w.environment, 'key', w.key, 'id', d.id, 'now', moment)), '[]')
      into found_definitions
      from unnest(keys, environments) as w(key, environment)
      cross join lateral (
        select d.id from workflows.definitions d
         where d.tenant_id = tenant and d.key = w.key and d.status in ('PUBLISHED', 'DEPRECATED') and d.environments @> array[w.environment]
         order by d.status desc, d.number desc limit 1) d;
  end if;
  if cardinality(keys) = 0 then
    return json_build_object('instances', found_instances, 'definitions', found_definitions);
  end if;
  return json_build_object('instances', found_instances, 'definitions', found_definitions,
    'clock', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'isActive', (select t.status = 'ACTIVE' from identity.tenants t where t.tenant_id = tenant));
end $$;
