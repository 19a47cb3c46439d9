-- Writes SLA clocks with their new entries, and chains of escalations with the timers of their next levels.
-- kept { calendars: [{ key, calendar }], clocks, intervals, runs, clearTimers: [{ instanceId, runId, at }], setTimers: [{ id, instanceId, version, at, … }] }. Rows of clocks, intervals and
-- runs have the columns of their tables. Absent members are empty. `ready`: only those whose `n` is in it; null: all. Calendars are written in any case.
create or replace function engine.write_clocks(kept jsonb, ready integer[]) returns void language plpgsql as $$
#variable_conflict use_variable
declare
  tenant uuid := app.tenant();
begin
  if jsonb_array_length(coalesce(kept->'calendars', '[]')) > 0 then
    -- In the order of the keys, so that transactions with several calendars cannot deadlock.
    insert into workflows.sla_calendars (tenant_id, key, calendar, created_at)
    select tenant, n.key, nullif(n.calendar, 'null'::jsonb), app.weft_now()
      from jsonb_to_recordset(kept->'calendars') as n(key text, calendar jsonb)
     where not exists (select from workflows.sla_calendars c where c.tenant_id = tenant and c.key = n.key) order by n.key
    on conflict on constraint sla_calendars_pkey do nothing;
  end if;

  if jsonb_array_length(coalesce(kept->'clocks', '[]')) > 0 then
    insert into workflows.sla_clocks (
      tenant_id, id, instance_id, task_id, definition_key, rule, title, phase, paused_for, is_paused_by_hand, basis, calendar_key, target_seconds,
      warn_seconds, consumed_seconds, entered_at, started_at, due_at, warn_at, breached_at, ended_at, told_seconds, is_breach_told, next_at, entries)
    select tenant, c.id, c."instanceId", c."taskId", c."definitionKey", c.rule, c.title, c.phase, c."pausedFor", c."isPausedByHand", c.basis,
           c."calendarKey", c."targetSeconds", c."warnSeconds", c."consumedSeconds", c."enteredAt", c."startedAt", c."dueAt", c."warnAt", c."breachedAt",
           c."endedAt", c."toldSeconds", c."isBreachTold", c."nextAt", c.entries
      from jsonb_to_recordset(kept->'clocks') as c(
        n integer, id uuid, "instanceId" uuid, "taskId" uuid, "definitionKey" text, rule text, title text, phase text, "pausedFor" text,
        "isPausedByHand" boolean, basis text, "calendarKey" text, "targetSeconds" integer, "warnSeconds" integer[], "consumedSeconds" integer,
        "enteredAt" timestamptz, "startedAt" timestamptz, "dueAt" timestamptz, "warnAt" timestamptz, "breachedAt" timestamptz, "endedAt" timestamptz,
        "toldSeconds" integer, "isBreachTold" boolean, "nextAt" timestamptz, entries integer)
     where ready is null or c.n = any(ready)
     -- Clocks that end come first: another one of the same rule can begin in the same change.
     order by c."endedAt" is null, c.id
    on conflict on constraint sla_clocks_pkey do update
      set title = excluded.title, phase = excluded.phase, paused_for = excluded.paused_for, is_paused_by_hand = excluded.is_paused_by_hand,
          basis = excluded.basis, calendar_key = excluded.calendar_key, target_seconds = excluded.target_seconds, warn_seconds = excluded.warn_seconds,
          consumed_seconds = excluded.consumed_seconds, entered_at = excluded.entered_at, due_at = excluded.due_at, warn_at = excluded.warn_at,
          breached_at = excluded.breached_at, ended_at = excluded.ended_at, told_seconds = excluded.told_seconds,
          is_breach_told = excluded.is_breach_told, next_at = excluded.next_at, entries = excluded.entries;

    insert into workflows.sla_intervals (
      tenant_id, clock_id, position, instance_id, phase, cause, from_at, consumed_seconds, target_seconds, warn_seconds, calendar_key, actor_id, reason,
      recomputation_id)
    select tenant, e."clockId", e.position, e."instanceId", e.phase, e.cause, e."fromAt", e."consumedSeconds", e."targetSeconds", e."warnSeconds",
           e."calendarKey", e."actorId", e.reason, e."recomputationId"
      from jsonb_to_recordset(kept->'intervals') as e(
        n integer, "clockId" uuid, position integer, "instanceId" uuid, phase text, cause text, "fromAt" timestamptz, "consumedSeconds" integer,
        "targetSeconds" integer, "warnSeconds" integer[], "calendarKey" text, "actorId" uuid, reason text, "recomputationId" uuid)
     where ready is null or e.n = any(ready);
  end if;

  if jsonb_array_length(coalesce(kept->'runs', '[]')) > 0 then
    insert into workflows.escalation_runs (
      tenant_id, id, instance_id, definition_key, chain, title, anchor, task_id, clock_id, anchored_at, next_level, depth, started_at, ended_at, end_reason)
    select tenant, r.id, r."instanceId", r."definitionKey", r.chain, r.title, r.anchor, r."taskId", r."clockId", r."anchoredAt", r."nextLevel", r.depth,
           r."startedAt", r."endedAt", r."endReason"
      from jsonb_to_recordset(kept->'runs') as r(
        n integer, id uuid, "instanceId" uuid, "definitionKey" text, chain text, title text, anchor text, "taskId" uuid, "clockId" uuid,
        "anchoredAt" timestamptz, "nextLevel" integer, depth integer, "startedAt" timestamptz, "endedAt" timestamptz, "endReason" text)
     where ready is null or r.n = any(ready)
     -- Chains that end come first: another one of the same name can begin in the same change.
     order by r."endedAt" is null, r.id
    on conflict on constraint escalation_runs_pkey do update
      set title = excluded.title, task_id = excluded.task_id, anchored_at = excluded.anchored_at, next_level = excluded.next_level,
          depth = excluded.depth, ended_at = excluded.ended_at, end_reason = excluded.end_reason;

    update workflows.timers t set status = 'CLEARED', ended_at = coalesce(c.at, app.weft_now()), version = t.version + 1
      from jsonb_to_recordset(kept->'clearTimers') as c(n integer, "instanceId" uuid, "runId" uuid, at timestamptz)
     where (ready is null or c.n = any(ready)) and t.tenant_id = tenant and t.instance_id = c."instanceId" and t.kind = 'ESCALATION'
       and t.status = 'ARMED' and (t.payload->>'runId')::uuid = c."runId";

    insert into workflows.timers (tenant_id, id, instance_id, task_id, kind, name, state, due_at, armed_at_version, payload, created_at)
    select tenant, s.id, s."instanceId", s."taskId", 'ESCALATION', s.name, s.state, s."dueAt", s.version, s.payload, coalesce(s.at, app.weft_now())
      from jsonb_to_recordset(kept->'setTimers') as s(
        n integer, id uuid, "instanceId" uuid, version integer, name text, "taskId" uuid, state text, "dueAt" timestamptz, payload jsonb, at timestamptz)
     where ready is null or s.n = any(ready);
  end if;
end $$;
