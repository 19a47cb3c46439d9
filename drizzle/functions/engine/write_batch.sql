-- engine.apply_batch with idempotency keys: batch { keys: [{ k, n, userId, mutation, key, inputHash, result }], … }, each key once; n: the write that it belongs to,
-- absent for a call that writes nothing. A write whose key is taken is not written; keys of what is not written are free again afterwards.
-- Returns { unwritten: as engine.apply_batch, taken: [k of the keys that are taken] }; null if everything was written and no key was taken.
create or replace function engine.write_batch(tenant uuid, ids uuid[], versions integer[], batch jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_variable
declare
  has_keys boolean := jsonb_array_length(coalesce(batch->'keys', '[]')) > 0;
  taken integer[] := '{}';
  unwritten jsonb;
begin
  perform engine.set_tenant(tenant);
  if has_keys then
    -- Waits for a concurrent call with the same key, but only briefly, so that the other calls are not delayed.
    perform set_config('lock_timeout', '250ms', true);
    -- Always in the same order and before any row is locked, so that transactions with several keys cannot deadlock.
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
