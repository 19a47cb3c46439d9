-- Writes the steps of runs that begin with their start, in the transaction that inserts the runs: begun [{ now, steps }], rows with the names of store/runs/runs.store.ts.
-- A lease is as long as it is after `now`, but it begins here: the decision can have waited for a connection.
create or replace function engine.begin_steps(tenant uuid, begun jsonb) returns void language plpgsql
  set plan_cache_mode = force_generic_plan as $$
begin
  insert into workflows.run_steps (
    tenant_id, run_id, step, id, status, attempt, failures, lost, outputs, error, not_before, is_fallback, is_parked, ended, item,
    compensation, compensation_attempt, due_at, lease_token, started_at, finished_at, attempt_started_at, usage,
    queue, queue_limit, priority, offered_task, offered_at)
  select tenant, s."runId", s.id, s."rowId", s.status, s.attempt, s.failures, s.lost, s.outputs, s.error, s."notBefore",
         s."isFallback", s."isParked", s.ended, s.item, s.compensation, s."compensationAttempt",
         case when s."offeredTask" is not null then null when s."leaseToken" is null then s."dueAt" else clock_timestamp() + (s."dueAt" - b.now) end, s."leaseToken",
         s."beganAt", s."finishedAt", s."attemptStartedAt", s.usage, s.queue, s."queueLimit", s.priority,
         s."offeredTask", case when s."offeredTask" is not null then s."dueAt" end
    from jsonb_to_recordset(begun) as b(now timestamptz, steps jsonb)
   cross join lateral jsonb_to_recordset(b.steps) as s(
      id text, "runId" uuid, "rowId" uuid, status text, attempt integer, failures integer, lost integer, outputs jsonb, error jsonb,
      "notBefore" timestamptz, "isFallback" boolean, "isParked" boolean, ended integer, item jsonb, compensation text,
      "compensationAttempt" integer, "dueAt" timestamptz, "leaseToken" uuid, "beganAt" timestamptz, "finishedAt" timestamptz,
      "attemptStartedAt" timestamptz, usage jsonb, queue text, "queueLimit" integer, priority smallint, "offeredTask" text);
end $$;
