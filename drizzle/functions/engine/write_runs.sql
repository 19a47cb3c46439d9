-- Writes runs and their changed steps, after the changes of their instances that their ends cause. All or nothing. The transaction has a tenant, and has locked the runs and their instances.
-- ids, versions and batch: those changes, as for engine.apply_batch; batch is null if there are none. runs, steps and past (attempts that another one follows): rows with the names of store/runs/runs.store.ts.
-- Errors: WF003 an instance was not changed, because it has changed since it was read, or another transaction has locked one of its tasks; WF002 a run has changed since it was read; those of engine.apply_batch.
create or replace function engine.write_runs(ids uuid[], versions integer[], batch jsonb, runs jsonb, steps jsonb, past jsonb) returns void language plpgsql
  -- Planning the large statement below takes as long as running it.
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
  -- With a plan that joins by the IDs only, a young table is read as a whole.
  run_ids uuid[] := array(select (w.value->>'id')::uuid from jsonb_array_elements(runs) as w);
  written integer;
  -- engine.apply_batch sets it for the rest of the transaction, in which the work of other runs can follow.
  lock_timeout_before text := current_setting('lock_timeout');
begin
  if batch is not null then
    if engine.apply_batch(ids, versions, batch) is not null then
      raise exception 'engine.write_runs: an instance has changed, or a task of it was locked' using errcode = 'WF003';
    end if;
    perform set_config('lock_timeout', lock_timeout_before, true);
  end if;
  with written as (
    update workflows.runs r set status = w.status, ending = w.ending, outputs = w.outputs, has_begun = true,
           began_at = coalesce(r.began_at, w.now), is_received = w."isReceived", due_at = w."dueAt", version = w.version,
           finished_at = w."finishedAt", attempts = r.attempts + w.attempts, processor_ms = r.processor_ms + coalesce(w."processorMs", 0),
           memory_bytes = greatest(r.memory_bytes, w."memoryBytes"), calls = r.calls + coalesce(w.calls, 0),
           tokens_in = r.tokens_in + coalesce(w."tokensIn", 0), tokens_out = r.tokens_out + coalesce(w."tokensOut", 0),
           cost_micros = r.cost_micros + coalesce(w."costMicros", 0), sent_bytes = r.sent_bytes + coalesce(w."sentBytes", 0),
           received_bytes = r.received_bytes + coalesce(w."receivedBytes", 0), profile = coalesce(w.profile, r.profile),
           is_suspended = coalesce(w."isSuspended", r.is_suspended), failed_transactions = 0,
           secret_inputs = case when w."finishedAt" is null then r.secret_inputs end
      from jsonb_to_recordset(runs) as w(
        id uuid, base integer, version integer, status text, ending jsonb, outputs jsonb, now timestamptz, "isReceived" boolean,
        "dueAt" timestamptz, "finishedAt" timestamptz, attempts integer, "processorMs" bigint, "memoryBytes" bigint, calls bigint,
        "tokensIn" bigint, "tokensOut" bigint, "costMicros" bigint, "sentBytes" bigint, "receivedBytes" bigint, profile jsonb, "isSuspended" boolean)
     where r.tenant_id = tenant and r.id = any(run_ids) and r.id = w.id and r.version = w.base
    returning r.id
  ), past_attempts as (
    -- The attempts that another one follows.
    insert into workflows.run_attempts (tenant_id, run_id, step, is_compensation, attempt, status, error, usage, started_at, finished_at)
    select tenant, p."runId", p.step, p."isCompensation", p.attempt, p.status, p.error, p.usage, p."startedAt", p.now
      from jsonb_to_recordset(past) as p(
        "runId" uuid, step text, "isCompensation" boolean, attempt integer, status text, error jsonb, usage jsonb, "startedAt" timestamptz, now timestamptz)
    on conflict on constraint run_attempts_pkey do nothing
  ), written_steps as (
    insert into workflows.run_steps (
      tenant_id, run_id, step, id, status, attempt, failures, lost, outputs, error, not_before, is_fallback, is_parked, ended, item,
      compensation, compensation_attempt, due_at, lease_token, started_at, finished_at, attempt_started_at, usage,
      queue, queue_limit, priority, offered_task, offered_at)
    select tenant, s."runId", s.id, s."rowId", s.status, s.attempt, s.failures, s.lost, s.outputs, s.error, s."notBefore",
           s."isFallback", s."isParked", s.ended, s.item, s.compensation, s."compensationAttempt", case when s."offeredTask" is null then s."dueAt" end, s."leaseToken",
           s."beganAt", s."finishedAt", s."attemptStartedAt", s.usage, s.queue, s."queueLimit", s.priority,
           s."offeredTask", case when s."offeredTask" is not null then s."dueAt" end
      from jsonb_to_recordset(steps) as s(
        id text, "runId" uuid, "rowId" uuid, status text, attempt integer, failures integer, lost integer, outputs jsonb, error jsonb,
        "notBefore" timestamptz, "isFallback" boolean, "isParked" boolean, ended integer, item jsonb, compensation text,
        "compensationAttempt" integer, "dueAt" timestamptz, "leaseToken" uuid, "beganAt" timestamptz, "finishedAt" timestamptz, "attemptStartedAt" timestamptz, usage jsonb,
        queue text, "queueLimit" integer, priority smallint, "offeredTask" text)
    on conflict on constraint run_steps_pkey do update set
      status = excluded.status, attempt = excluded.attempt, failures = excluded.failures, lost = excluded.lost, outputs = excluded.outputs,
      error = excluded.error, not_before = excluded.not_before, is_fallback = excluded.is_fallback, is_parked = excluded.is_parked,
      ended = excluded.ended, compensation = excluded.compensation, compensation_attempt = excluded.compensation_attempt,
      due_at = excluded.due_at, lease_token = excluded.lease_token, started_at = coalesce(workflows.run_steps.started_at, excluded.started_at),
      finished_at = coalesce(workflows.run_steps.finished_at, excluded.finished_at),
      attempt_started_at = excluded.attempt_started_at, usage = excluded.usage,
      offered_task = excluded.offered_task, offered_at = excluded.offered_at
  )
  select count(*) from written into written;
  if written <> jsonb_array_length(runs) then
    raise exception 'engine.write_runs: % runs were to be written, and % were as they had been read', jsonb_array_length(runs), written using errcode = 'WF002';
  end if;
end $$;
