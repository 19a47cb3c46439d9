-- Up Migration
-- What a batch of moves reads and writes, each as one statement that is a transaction by itself: they set their tenant, so nobody has to begin and to commit around them.
-- Functions, because a bare statement is planned before it has set its tenant, and the planner would take the tenant to have no rows.

-- Sets the tenant of a transaction that has none. Errors: WF001 it is another tenant's, or a vendor's user's.
create function engine.enter(tenant uuid) returns void language plpgsql as $$
begin
  if tenant is null then
    raise exception 'a batch of moves needs a tenant' using errcode = 'WF001';
  end if;
  if app.tenant() is null then
    perform set_config('app.tenant_id', tenant::text, true), set_config('app.user_id', '', true), set_config('app.vendor_id', '', true);
  elsif app.tenant() <> tenant or not app.is_staff() then
    raise exception 'a batch of moves was asked for in a transaction of another tenant, or of a vendor''s user' using errcode = 'WF001';
  end if;
end $$;

-- { instances: [row with its open tasks and the moment of its move], definitions: [{ environment, key, id, now }] }. Of the instances those that are there and have at most
-- max_chars of data; of the definitions what starts under keys[n] in environments[n]: the newest that is published, else the newest that is deprecated (store/published.ts).
create function engine.read_batch(tenant uuid, ids uuid[], keys text[], environments text[], max_chars integer) returns json language plpgsql as $$
#variable_conflict use_variable
declare
  moment timestamptz;
  found_instances json := '[]';
  found_definitions json := '[]';
begin
  perform engine.enter(tenant);
  -- Few ids are thought cheaper than the ten of a general plan, and would be planned for each time, which takes longer than to read them.
  perform set_config('plan_cache_mode', 'force_generic_plan', true);
  moment := app.weft_now();
  if cardinality(ids) > 0 then
    select coalesce(json_agg(json_build_object(
            -- Whoever has waited for somebody began before him, but his move comes after.
            'now', greatest(moment, i.updated_at),
            'tenantId', i.tenant_id, 'id', i.id, 'definitionId', i.definition_id, 'definitionKey', i.definition_key, 'state', i.state,
            'status', i.status, 'data', i.data, 'version', i.version, 'subjectType', i.subject_type, 'subjectId', i.subject_id,
            'ownerId', i.owner_id, 'teamId', i.team_id, 'assigneeUserId', i.assignee_user_id, 'assigneeTeamId', i.assignee_team_id,
            'assigneeVendorId', i.assignee_vendor_id, 'createdAt', i.created_at, 'updatedAt', i.updated_at, 'finishedAt', i.finished_at,
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
  return json_build_object('instances', found_instances, 'definitions', found_definitions);
end $$;

-- engine.apply_batch with the idempotency keys of the batch: batch { keys: [{ k, n, userId, mutation, key, inputHash, result }], … }, each key once; n is the move that it belongs to, absent for a
-- call of which nothing is to be written. A move whose key was taken already is not written; the keys of what is not written are free again afterwards.
-- Returns { unwritten: as engine.apply_batch, taken: [k of the keys that somebody else has] }; null when all were written and no key was taken.
create function engine.move_batch(tenant uuid, ids uuid[], versions integer[], batch jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  has_keys boolean := jsonb_array_length(coalesce(batch->'keys', '[]')) > 0;
  taken integer[] := '{}';
  unwritten jsonb;
begin
  perform engine.enter(tenant);
  if has_keys then
    -- A twin that is about to commit is waited for, but not long: the others should not.
    perform set_config('lock_timeout', '250ms', true);
    -- In one order everywhere, so that two who take several do not wait for each other in a circle; and before any row is locked.
    with given as (
      insert into app.idempotency_keys (tenant_id, user_id, mutation, key, input_hash, result)
      select tenant, k."userId", k.mutation, k.key, k."inputHash", k.result
        from jsonb_to_recordset(batch->'keys') as k("userId" uuid, mutation text, key text, "inputHash" text, result jsonb)
       order by k."userId", k.mutation, k.key
      on conflict do nothing
      returning user_id, mutation, key
    )
    select coalesce(array_agg(k.k), '{}') into taken
      from jsonb_to_recordset(batch->'keys') as k(k integer, "userId" uuid, mutation text, key text)
     where not exists (select from given g where g.user_id = k."userId" and g.mutation = k.mutation and g.key = k.key);
    if cardinality(taken) > 0 then
      -- A version that no row has, and no start: engine.apply_batch leaves them.
      versions := array(
        select case when exists (select from jsonb_to_recordset(batch->'keys') as k(k integer, n integer) where k.n = w.n and k.k = any(taken)) then -1 else w.version end
          from unnest(versions) with ordinality as w(version, n) order by w.n);
    end if;
  end if;
  if cardinality(ids) > 0 then
    unwritten := engine.apply_batch(ids, versions, batch);
  end if;
  if has_keys then
    delete from app.idempotency_keys i
     using jsonb_to_recordset(batch->'keys') as k(k integer, n integer, "userId" uuid, mutation text, key text)
     where i.tenant_id = tenant and i.user_id = k."userId" and i.mutation = k.mutation and i.key = k.key and k.k <> all(taken)
       and (k.n is null or k.n in (select u.n from jsonb_to_recordset(unwritten) as u(n integer)));
  end if;
  if unwritten is null and cardinality(taken) = 0 then
    return null;
  end if;
  return jsonb_build_object('unwritten', coalesce(unwritten, '[]'), 'taken', to_jsonb(taken));
end $$;

-- engine.apply for a move that is alone, with its idempotency key: call_key { userId, mutation, key, inputHash, result } or null. One move costs engine.apply half of what it costs
-- engine.apply_batch. It waits for whoever has the instance or the key in hand. Returns what engine.apply does, and { isTaken: true } when the key was taken already.
create function engine.move_one(context jsonb, outcome jsonb, call_key jsonb) returns jsonb language plpgsql as $$
declare
  result jsonb;
begin
  if call_key is null then
    return engine.apply(context, outcome);
  end if;
  perform engine.enter((context->>'tenantId')::uuid);
  insert into app.idempotency_keys (tenant_id, user_id, mutation, key, input_hash, result)
  select app.tenant(), k."userId", k.mutation, k.key, k."inputHash", k.result
    from jsonb_to_record(call_key) as k("userId" uuid, mutation text, key text, "inputHash" text, result jsonb)
  on conflict do nothing;
  if not found then
    return '{"isTaken": true}';
  end if;
  result := engine.apply(context, outcome);
  if not (result->>'applied')::boolean then
    delete from app.idempotency_keys i
     where i.tenant_id = app.tenant() and i.user_id = (call_key->>'userId')::uuid and i.mutation = call_key->>'mutation' and i.key = call_key->>'key';
  end if;
  return result;
end $$;

-- Down Migration
drop function engine.move_one(jsonb, jsonb, jsonb);
drop function engine.move_batch(uuid, uuid[], integer[], jsonb);
drop function engine.read_batch(uuid, uuid[], text[], text[], integer);
drop function engine.enter(uuid);
