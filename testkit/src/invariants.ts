import { verifyClocks } from "@weft/engine";
import type { Tx } from "@weft/platform/db";
import { sql as statement } from "drizzle-orm";
import { drizzle, type PostgresJsSession } from "drizzle-orm/postgres-js";
import { postgres } from "@weft/pg-driver";
import { isSharedDatabase } from "./postgres/database.js";
import { runChecks } from "./run-invariants.js";

/** A transition that was reported to a client as accepted, and must therefore be committed. */
export interface AcceptedTransition {
  /** UUID of the instance. */
  readonly instanceId: string;
  /** Version in the answer. */
  readonly version: number;
}

export interface InvariantOptions {
  /** Superuser connection, which sees everything. */
  readonly ownerUrl: string;
  readonly accepted?: readonly AcceptedTransition[];
}

/** One statement per invariant. Each returns the rows that violate it. The numbers refer to the fault list. */
const checks: Readonly<Record<string, string>> = {
  "I1 an instance's state and version are the end of its history": `
    select i.id, i.state, i.version, h.to_state, h.version as history_version
      from workflows.instances i
      left join lateral (select * from workflows.history h where h.tenant_id = i.tenant_id and h.instance_id = i.id order by h.version desc limit 1) h on true
     where h.to_state is distinct from i.state or h.version is distinct from i.version`,
  "I1 each transition begins in the state in which the one before it ended": `
    select h.instance_id, h.version, h.from_state, before.to_state
      from workflows.history h
      join workflows.history before on before.tenant_id = h.tenant_id and before.instance_id = h.instance_id and before.version = h.version - 1
     where h.from_state is distinct from before.to_state`,
  // No foreign keys enforce these relations (see docs/explanation/decisions/0011-rows-that-only-transitions-write.md).
  "I1 nothing is there of an instance that is not": `
    select o.* from (
      select 'history' as what, tenant_id, id, instance_id from workflows.history
      union all select 'task', tenant_id, id, instance_id from workflows.tasks
      union all select 'field', tenant_id, null, instance_id from workflows.instance_fields
      union all select 'word', tenant_id, null, instance_id from workflows.instance_words) o
     where not exists (select from workflows.instances i where i.tenant_id = o.tenant_id and i.id = o.instance_id)`,
  "custom fields: what lists filter and order by is what the objects have": `
    with objects as (
      select 'BUILDING' as kind, '' as type_key, tenant_id, id, fields from requests.buildings
      union all select 'VENDOR', '', tenant_id, id, fields from vendors.vendors
      union all select 'PROJECT', '', tenant_id, id, fields from vendors.projects
      union all select 'ASSET', type, tenant_id, id, fields from requests.assets
    ), wanted as (
      select o.tenant_id, o.kind, o.id as object_id, v.field, v.type, v.is_for_vendors, v.is_set, v.text_value, v.number_value
        from objects o join app.custom_field_schemas s on s.tenant_id = o.tenant_id and s.kind = o.kind and s.type_key = o.type_key,
             app.indexed_values(s.indexed, o.fields) v
    ), kept as (
      select tenant_id, kind, object_id, field, type, is_for_vendors, is_set, text_value, number_value from app.custom_field_values)
    (table wanted except table kept) union all (table kept except table wanted)`,
  "custom fields: what is encrypted is what their schemas say": `
    select o.kind, o.tenant_id, o.id, f.key from (
      select 'BUILDING' as kind, '' as type_key, tenant_id, id, fields from requests.buildings
      union all select 'VENDOR', '', tenant_id, id, fields from vendors.vendors
      union all select 'PROJECT', '', tenant_id, id, fields from vendors.projects
      union all select 'ASSET', type, tenant_id, id, fields from requests.assets
    ) o join app.custom_field_schemas s on s.tenant_id = o.tenant_id and s.kind = o.kind and s.type_key = o.type_key,
      jsonb_each(o.fields) f
     where s.schema->'properties'->f.key is not null and app.is_encrypted(f.value) <> (f.key = any(s.encrypted)) and not f.key = any(s.encrypting)`,
  "maintenance plans: each generated occurrence has one request and one event, and each request in a plan's name has an occurrence": `
    select o.id, o.request_id from requests.maintenance_occurrences o
     where o.status = 'GENERATED' and (
       (select count(*) from requests.maintenance_occurrences x where x.tenant_id = o.tenant_id and x.request_id = o.request_id) <> 1
       or (select count(*) from events.log e where e.tenant_id = o.tenant_id and e.subject_id = o.plan_id
            and e.type = 'maintenancePlan.occurrence_generated' and e.payload->>'requestId' = o.request_id::text) <> 1)
    union all
    select null, e.subject_id from events.log e
     where e.type = 'request.created' and e.request_id like 'mpl\\_%' and not exists (
       select from requests.maintenance_occurrences o where o.tenant_id = e.tenant_id and o.request_id = e.subject_id)`,
  "requests: the instance has the ID and the creation time of its request, and belongs to no other": `
    select r.id, i.subject_id from requests.requests r
      join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
     where (i.subject_type, i.subject_id, i.created_at) is distinct from ('request', r.id, r.created_at)
    union all
    select null, i.subject_id from workflows.instances i
     where i.subject_type = 'request' and not exists (select from requests.requests r where r.tenant_id = i.tenant_id and r.instance_id = i.id)`,
  "requests: former instances have ended and belong to no request": `
    select f.instance_id from requests.former_instances f
      left join workflows.instances i on i.tenant_id = f.tenant_id and i.id = f.instance_id
      left join requests.requests r on r.tenant_id = f.tenant_id and r.id = f.request_id
     where i.finished_at is null or i.subject_id is not null or r.created_at is distinct from f.created_at
        or exists (select from requests.requests o where o.tenant_id = f.tenant_id and o.instance_id = f.instance_id)`,
  "requests and projects: the workflows and tasks of deleted ones are hidden, and no others": `
    select 'instance' as what, i.id from workflows.instances i
      left join requests.former_instances f on f.tenant_id = i.tenant_id and f.instance_id = i.id
      left join requests.requests r on r.tenant_id = i.tenant_id and r.id = case when i.subject_type = 'request' then i.subject_id else f.request_id end
      left join vendors.projects p on p.tenant_id = i.tenant_id and i.subject_type = 'project' and p.id = i.subject_id
     where i.parent_id is null and i.is_deleted is distinct from coalesce(r.is_deleted, p.is_deleted, false)
    union all
    select 'child instance', i.id from workflows.instances i
      join workflows.instances root on root.tenant_id = i.tenant_id and root.id = i.ancestors[1]
     where i.parent_id is not null and i.is_deleted <> root.is_deleted
    union all
    select 'task', t.id from workflows.tasks t
      join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
     where t.is_deleted <> i.is_deleted`,
  "projects: each is found by the words of its texts, and by no others": `
    select p.id from vendors.projects p
     where array(select w.word from app.searchable_words(concat_ws(' ', p.code, p.name, p.description)) as w(word) order by w.word collate "C" limit 1000)
           is distinct from array(select s.word from app.search_words s
                                   where s.tenant_id = p.tenant_id and s.object_id = p.id and s.source_id = p.id order by s.word)`,
  "requests: each is found by the words of its number and its fields, and by no others": `
    select r.id from requests.requests r
      join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
     where array(select w.word from app.searchable_words(left(requests.texts_of(r.number, i.data), 100000)) as w(word) order by w.word collate "C" limit 1000)
           is distinct from array(select s.word from app.search_words s
                                   where s.tenant_id = r.tenant_id and s.object_id = r.id and s.source_id = r.id order by s.word)`,
  "requests and assets: each is found by every part of its number, tag, and serial number, and by no others": `
    select t.kind, t.id from (
      select 'requestNumber' as kind, r.tenant_id, r.id, r.number as text from requests.requests r
      union all select 'assetTag', a.tenant_id, a.id, a.tag from requests.assets a
      union all select 'assetSerialNumber', a.tenant_id, a.id, a.serial_number from requests.assets a) t
     where array(select s.suffix collate "C" from app.suffixes(t.text) as s(suffix) order by 1)
           is distinct from array(select s.word from app.search_words s
                                   where s.tenant_id = t.tenant_id and s.object_type = t.kind and s.object_id = t.id order by s.word)`,
  "assets: the status is that of the state of the lifecycle, and the workflow belongs to the asset": `
    select a.id, a.status, i.state from requests.assets a
      join requests.asset_types t on t.tenant_id = a.tenant_id and t.key = a.type
      join workflows.instances i on i.tenant_id = a.tenant_id and i.id = a.instance_id
     where (i.subject_type, i.subject_id) is distinct from ('asset', a.id)
        or (i.finished_at is null and i.definition_key = t.lifecycle_definition_key and a.status <> t.lifecycle_statuses ->> i.state)`,
  "meters: within one device, valid readings of a cumulative meter never fall, and their totals never fall at all": `
    select m.id, r.id from requests.meters m join lateral (
      select x.id, x.is_reset, x.value, x.value + x.shift as total, lag(x.value) over w as value_before, lag(x.value + x.shift) over w as total_before
        from requests.meter_readings x where x.tenant_id = m.tenant_id and x.meter_id = m.id and x.replaced_by_id is null
      window w as (order by x.read_at)) r on true
     where m.kind = 'CUMULATIVE' and (total < total_before or (is_reset and total <> total_before) or (value < value_before and not is_reset))`,
  "I2 versions of an instance are 1 to n without a gap": `
    select h.tenant_id, h.instance_id, count(*), max(h.version) from workflows.history h
     group by 1, 2 having count(*) <> max(h.version) or min(h.version) <> 1`,
  "I3 one open task per instance, state, rule and copy": `
    select t.instance_id, t.state, t.rule, t.copy, count(*) from workflows.tasks t
     where t.status in ('OPEN', 'CLAIMED') group by t.tenant_id, t.instance_id, t.state, t.rule, t.copy having count(*) > 1`,
  "I3 each vote is the completion of one task, by the user who voted, for the transition they chose": `
    select h.instance_id, h.version from workflows.history h
      left join workflows.tasks t on t.tenant_id = h.tenant_id and t.id = h.task_id and t.instance_id = h.instance_id
     where h.kind = 'VOTE'
       and (t.status is distinct from 'COMPLETED' or t.transition is distinct from h.transition or t.completed_by is distinct from h.actor_id or t.closed_at is distinct from h.at)
    union all
    select h.instance_id, max(h.version) from workflows.history h where h.task_id is not null group by h.tenant_id, h.instance_id, h.task_id having count(*) > 1`,
  "I3 no task is open in an instance that is finished": `
    select t.id, i.state from workflows.tasks t join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
     where t.status in ('OPEN', 'CLAIMED') and i.finished_at is not null`,
  "tasks: what waits for several has a row for each of them, which says what the task says, and nothing else has": `
    with wanted as (
      select t.tenant_id, t.id, c.queue_key, t.instance_id, t.status, t.assignee_id, t.priority, t.due_order, t.created_at
        from workflows.tasks t, unnest(
          array(select 'role:' || r from unnest(t.candidate_roles) r) || array(select 'user:' || u from unnest(t.candidate_user_ids) u)
          || array(select 'team:' || g from unnest(t.candidate_team_ids) g) || array(select 'vendor:' || v from unnest(t.candidate_vendor_ids) v)) c(queue_key)
       where t.queue_key = 'many' and t.status in ('OPEN', 'CLAIMED')),
    kept as (select tenant_id, id, queue_key, instance_id, status, assignee_id, priority, due_order, created_at from workflows.task_candidates)
    (select * from wanted except select * from kept) union all (select * from kept except select * from wanted)`,
  "incidents: what is FAILED has one that is open, and nothing else has": `
    select i.id, i.status, n.id as incident from workflows.instances i
      left join workflows.incidents n on n.tenant_id = i.tenant_id and n.instance_id = i.id and n.status = 'OPEN'
     where (i.status = 'FAILED') = (n.id is null)`,
  "incidents: each belongs to an entry of its history, and each such entry has one": `
    select h.instance_id, h.version, n.id as incident from workflows.history h
      full join workflows.incidents n on n.tenant_id = h.tenant_id and n.instance_id = h.instance_id and n.instance_version = h.version
     where (h.kind = 'INCIDENT' or h.kind is null) and (h.id is null or n.id is null)`,
  "I6 each transition has one audit entry and one event": `
    select h.instance_id, h.version, a.count as audit_entries, e.count as events
      from workflows.history h
      cross join lateral (select count(*) from audit.entries a where a.tenant_id = h.tenant_id and a.entity_type = 'instance' and a.entity_id = h.instance_id
                             and (a.after->>'version')::int = h.version and a.action not like 'task.%') a
      cross join lateral (select count(*) from events.log e where e.tenant_id = h.tenant_id and e.subject_type = 'instance' and e.subject_id = h.instance_id
                             and e.subject_version = h.version and e.type not in ('workflow.emitted', 'workflow.call_requested', 'workflow.start_requested', 'workflow.reminded', 'workflow.notified', 'workflow.timer_changed', 'workflow.event_awaited', 'workflow.commented') and e.type not like 'sla.%' and e.type not like 'escalation.%' and e.type not like 'run.%') e
     where h.kind <> 'COMMENT' and (a.count <> 1 or e.count <> 1)`,
  "I6 every audit entry is sealed or waits for it, never both": `
    select a.id from audit.entries a
      left join audit.seals s on s.tenant_id = a.tenant_id and s.entry_id = a.id
      left join audit.unsealed u on u.tenant_id = a.tenant_id and u.entry_id = a.id
     where (s.entry_id is null) = (u.entry_id is null)`,
  "SLA: each clock says what the newest entry of its ledger says": `
    select c.id from workflows.sla_clocks c
      left join workflows.sla_intervals i on i.tenant_id = c.tenant_id and i.clock_id = c.id and i.position = c.entries
     where (i.phase, i.from_at, i.consumed_seconds, i.target_seconds, i.calendar_key)
           is distinct from (c.phase, c.entered_at, c.consumed_seconds, c.target_seconds, c.calendar_key)`,
  "SLA: entries of a ledger follow each other, and consumed time never decreases": `
    select i.clock_id, i.position from workflows.sla_intervals i
      left join workflows.sla_intervals p on p.tenant_id = i.tenant_id and p.clock_id = i.clock_id and p.position = i.position - 1
     where i.position > 1 and (p.position is null or p.from_at > i.from_at or p.consumed_seconds > i.consumed_seconds
           or (p.phase <> 'RUN' and p.consumed_seconds <> i.consumed_seconds))`,
  "SLA: no clock runs for an instance or a task that has ended": `
    select c.id from workflows.sla_clocks c
      join workflows.instances i on i.tenant_id = c.tenant_id and i.id = c.instance_id
      left join workflows.tasks t on t.tenant_id = c.tenant_id and t.id = c.task_id
     where c.ended_at is null and (i.finished_at is not null or t.status not in ('OPEN', 'CLAIMED'))`,
  "I8 no timer has fired before it was due": `
    select t.id, t.name, t.due_at, t.ended_at from workflows.timers t where t.status = 'FIRED' and t.ended_at < t.due_at`,
  "I8 each timer that has fired has one effect, and each effect is of one timer": `
    with fired as (
      select tenant_id, instance_id, name, count(*) filter (where payload->>'effect' = 'remind') as reminders,
             count(*) filter (where payload->>'effect' is distinct from 'remind') as changes
        from workflows.timers where status = 'FIRED' and kind in ('STATE', 'TASK') group by 1, 2, 3),
    reminders as (
      select tenant_id, subject_id as instance_id, payload->>'timer' as name, count(*) as reminders from events.log
       where type = 'workflow.reminded' and payload ? 'timer' group by 1, 2, 3),
    changes as (
      select tenant_id, instance_id, input->>'timer' as name, count(*) as changes from workflows.history
       where is_automatic and kind in ('TRANSITION', 'TIMER') and input ? 'timer' and not input ? 'level' group by 1, 2, 3)
    select instance_id, name, f.reminders, r.reminders as reminders_sent, f.changes, c.changes as changes_made
      from fired f full join reminders r using (tenant_id, instance_id, name) full join changes c using (tenant_id, instance_id, name)
     where coalesce(f.reminders, 0) <> coalesce(r.reminders, 0) or coalesce(f.changes, 0) <> coalesce(c.changes, 0)`,
  "I8 timers are armed only for a state that is current, a task that is open and an instance that has not ended": `
    select t.id, t.name, t.state, i.state as current, k.status from workflows.timers t
      join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
      left join workflows.tasks k on k.tenant_id = t.tenant_id and k.id = t.task_id
     where t.status = 'ARMED' and (i.finished_at is not null or (t.kind = 'STATE' and t.state <> i.state) or (t.kind = 'TASK' and k.status not in ('OPEN', 'CLAIMED')))`,
  "I8 no timer of a running instance is held": `
    select t.id, t.name from workflows.timers t join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
     where t.status = 'ARMED' and t.is_held and i.status = 'RUNNING' and not i.is_deleted`,
  "escalations: each level of a chain occurred once, in order, and never early": `
    select e.run_id, e.level from workflows.escalations e
      left join workflows.escalation_runs r on r.tenant_id = e.tenant_id and r.id = e.run_id and r.instance_id = e.instance_id and r.chain = e.chain
      left join workflows.escalations p on p.tenant_id = e.tenant_id and p.run_id = e.run_id and p.level = e.level - 1
     where r.id is null or e.level > r.next_level or e.occurred_at < e.due_at or (e.level > 1 and (p.id is null or p.occurred_at > e.occurred_at))
    union all
    select e.run_id, e.level from workflows.escalations e group by e.tenant_id, e.run_id, e.level having count(*) > 1`,
  "escalations: each level that was done is in the history of its instance, the audit log, and the events, once": `
    select e.id, a.count as audit_entries, v.count as events from workflows.escalations e
      cross join lateral (select count(*) from audit.entries a where a.tenant_id = e.tenant_id and a.entity_id = e.instance_id and a.action = 'workflow.escalate'
                             and a.after->>'chain' = e.chain and (a.after->>'level')::int = e.level) a
      cross join lateral (select count(*) from events.log v where v.tenant_id = e.tenant_id and v.subject_id = e.instance_id and v.type = 'escalation.occurred'
                             and v.payload->>'escalationId' = e.id::text) v
     where a.count = 0 or v.count <> 1`,
  "escalations: no chain continues after what it counts from, and each waits for one level": `
    select r.id from workflows.escalation_runs r
      join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
      left join workflows.tasks t on t.tenant_id = r.tenant_id and t.id = r.task_id
      left join workflows.sla_clocks c on c.tenant_id = r.tenant_id and c.id = r.clock_id
      cross join lateral (select count(*) as waiting, min((m.payload->>'level')::int) as level from workflows.timers m
                           where m.tenant_id = r.tenant_id and m.instance_id = r.instance_id and m.kind = 'ESCALATION' and m.status = 'ARMED'
                             and m.payload->>'runId' = r.id::text) w
     where (r.ended_at is null and (i.finished_at is not null or t.status not in ('OPEN', 'CLAIMED') or c.ended_at is not null))
        or (r.ended_at is not null and w.waiting > 0) or w.waiting > 1 or (w.waiting = 1 and w.level <> r.next_level)`,
  "I9 a finished instance has no transition after its end": `
    select h.instance_id, h.version from workflows.history h join workflows.instances i on i.tenant_id = h.tenant_id and i.id = h.instance_id
     where i.finished_at is not null and h.at > i.finished_at`,
  "events: every one has a position or waits for it, never both": `
    select l.id, l.type from events.log l
      left join events.positions p on p.tenant_id = l.tenant_id and p.event_id = l.id
      left join events.outbox o on o.tenant_id = l.tenant_id and o.event_id = l.id
     where (p.event_id is null) = (o.event_id is null)`,
  "events: positions are without a gap after the deleted ones, each event once": `
    select h.tenant_id, count(p.position), max(p.position), h.position as head from events.position_heads h
      left join events.retention r on r.tenant_id = h.tenant_id
      left join events.positions p on p.tenant_id = h.tenant_id and p.position > coalesce(r.deleted_position, 0)
     group by h.tenant_id, h.position, r.deleted_position
    having count(p.position) <> h.position - coalesce(r.deleted_position, 0) or count(distinct p.event_id) <> count(p.position)
        or max(p.position) > h.position`,
  "events: positions of an instance follow its versions": `
    select * from (
      select l.subject_id, l.subject_version, p.position,
             lag(l.subject_version) over (partition by l.tenant_id, l.subject_id order by p.position) as previous
        from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id where l.subject_type = 'instance' and l.type not in ('run.progressed', 'run.logged')) o
     where o.previous > o.subject_version`,
  "families: ancestors are those of the parent, and the parent": `
    select c.id, c.ancestors, p.ancestors as of_parent from workflows.instances c
      left join workflows.instances p on p.tenant_id = c.tenant_id and p.id = c.parent_id
     where c.ancestors is distinct from case when c.parent_id is null then '{}' else p.ancestors || p.id end`,
  "families: no child runs whose parent has ended, or has left or entered anew the state that started it": `
    select c.id, c.parent_state, c.parent_version, p.state, p.version, p.status
      from workflows.instances c join workflows.instances p on p.tenant_id = c.tenant_id and p.id = c.parent_id
     where c.parent_rule not like 'steps.%' and c.finished_at is null and (p.finished_at is not null or c.parent_version < (
       select max(h.version) from workflows.history h
        where h.tenant_id = p.tenant_id and h.instance_id = p.id and h.kind in ('START', 'TRANSITION', 'ROLLBACK')))`,
  "families: a parent that waits has heard of every child's end, once": `
    with entries as (
      select p.tenant_id, p.id, p.state, max(h.version) as version from workflows.instances p
        join workflows.history h on h.tenant_id = p.tenant_id and h.instance_id = p.id and h.kind in ('START', 'TRANSITION', 'ROLLBACK')
       where p.finished_at is null and exists (select from workflows.instances c where c.tenant_id = p.tenant_id and c.parent_id = p.id and c.parent_rule not like 'steps.%')
       group by p.tenant_id, p.id),
    heard as (select e.id, e.state, (
        select jsonb_agg(jsonb_build_array(c.parent_rule, c.child_index) order by c.parent_rule, c.child_index) from workflows.instances c
         where c.tenant_id = e.tenant_id and c.parent_id = e.id and c.parent_version >= e.version and c.finished_at is not null
           and c.parent_rule not like 'steps.%') as ended, (
        select jsonb_agg(jsonb_build_array(h.input->'rule', h.input->'index') order by h.input->>'rule', (h.input->'index')::int) from workflows.history h
         where h.tenant_id = e.tenant_id and h.instance_id = e.id and h.kind = 'CHILD' and h.version > e.version) as heard
      from entries e)
    select * from heard where ended is distinct from heard.heard`,
  "families: a join has fired, or stopped its instance, once nothing of it runs": `
    select p.id, p.state from workflows.instances p
      join workflows.definitions d on d.tenant_id = p.tenant_id and d.id = p.definition_id
     where p.status = 'RUNNING' and d.document->'states'->p.state ? 'join'
       and not exists (select from workflows.instances c where c.tenant_id = p.tenant_id and c.parent_id = p.id and c.finished_at is null
                          and c.parent_rule not like 'steps.%')
       and not exists (select from workflows.history h where h.tenant_id = p.tenant_id and h.instance_id = p.id and h.kind in ('RESOLUTION', 'MIGRATION'))`,
  "families: a step that waits for an instance is looked at once that has ended": `
    select s.run_id, s.step from workflows.run_steps s join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
      join workflows.instances c on c.tenant_id = r.tenant_id and c.parent_id = r.instance_id and c.parent_version = r.instance_version
       and c.parent_rule = 'steps.' || s.step and c.child_index = s.attempt - 1
     where s.status = 'WAITING' and not s.is_parked and c.finished_at is not null and s.due_at is null`,
  "families: a stopped run waits for no instance": `
    select s.run_id, s.step from workflows.run_steps s join workflows.runs r on r.tenant_id = s.tenant_id and r.id = s.run_id
      join workflows.instances c on c.tenant_id = r.tenant_id and c.parent_id = r.instance_id and c.parent_version = r.instance_version
       and c.parent_rule = 'steps.' || s.step and c.child_index = s.attempt - 1
     where s.status = 'CANCELLED' and c.finished_at is null`,
  // `count_usage` and the window depend on the transaction's tenant, so this repeats their text for all tenants.
  "usage: counters equal what there is": `
    with actual as (
      select tenant_id, 'users' as metric, count(*) as n from identity.users where status <> 'DISABLED' and type <> 'OPERATOR' group by 1
      union all select tenant_id, 'definitions', count(distinct key) from workflows.definitions group by 1
      union all select tenant_id, 'runningInstances', count(*) from workflows.instances where finished_at is null group by 1
      union all select tenant_id, 'storageBytes', sum(size) from app.files where status not in ('REJECTED', 'DELETED') group by 1),
    counted as (select tenant_id, metric, sum(used) as n from app.usage where window_start = '-infinity' group by 1, 2)
    select tenant_id, metric, a.n as actual, c.n as counted from actual a full join counted c using (tenant_id, metric)
     where coalesce(a.n, 0) <> coalesce(c.n, 0)`,
  "usage: executions of a window equal the starts in it": `
    with counted as (select tenant_id, metric, window_start, sum(used) as n from app.usage where window_start > '-infinity' group by 1, 2, 3)
    -- Usage is counted in true time. The instances of a sandbox have times of its own clock.
    select c.*, s.n as starts from counted c join identity.tenants t on t.tenant_id = c.tenant_id and t.clock_offset_ms = 0 cross join lateral (
      select count(*) as n from workflows.instances i where i.tenant_id = c.tenant_id and i.created_at >= c.window_start
         and i.created_at < c.window_start + case c.metric when 'executionsPerHour' then interval '1 hour' else interval '1 month' end) s
      -- Instances of converted requests were started later than created.
      cross join lateral (
      select count(*) filter (where f.converted_at between c.window_start and w.last) - count(*) filter (where f.created_at between c.window_start and w.last) as n
        from requests.former_instances f, lateral (
          select c.window_start + case c.metric when 'executionsPerHour' then interval '1 hour' else interval '1 month' end - interval '1 microsecond' as last) w
       where f.tenant_id = c.tenant_id) f
     where s.n + f.n <> c.n`,
  "usage: what is used and what is spare stay within the limit": `
    select tenant_id, metric, window_start, sum(used) as used, sum(spare) as spare, max(limit_seen) as allowed from app.usage
     group by 1, 2, 3 having count(distinct coalesce(limit_seen, -1)) = 1 and sum(used) + sum(spare) > greatest(max(limit_seen), sum(used))`,
  "rights: the ancestors of a role are what its parents say, and itself": `
    with recursive above as (
      select r.tenant_id, r.id as role_id, r.id as ancestor_id from identity.roles r
      union
      select a.tenant_id, a.role_id, p.parent_id from above a join identity.role_parents p on p.tenant_id = a.tenant_id and p.role_id = a.ancestor_id)
    (select * from above except select tenant_id, role_id, ancestor_id from identity.role_ancestors)
    union all
    (select tenant_id, role_id, ancestor_id from identity.role_ancestors except select * from above)`,
  "people: everybody who can log in is found by what he is called, and by nothing else": `
    select u.id from identity.users u
     where exists (select from identity.login_names l where l.tenant_id = u.tenant_id and l.user_id = u.id)
       and (select jsonb_agg(distinct t.term) from app.search_terms(u.name, u.email, u.username) as t (term)) is distinct from
           (select jsonb_agg(distinct s.term) from identity.user_search_terms s
             where s.tenant_id = u.tenant_id and s.user_id = u.id and s.name = u.name and s.vendor_id is not distinct from u.vendor_id)`,
  "business rows and instances name each other": `
    select r.id from requests.requests r left join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id and i.subject_id = r.id where i.id is null
    union all
    select i.subject_id from workflows.instances i left join requests.requests r on r.tenant_id = i.tenant_id and r.id = i.subject_id where i.subject_type = 'request' and r.id is null
    union all
    select i.subject_id from workflows.instances i left join vendors.projects p on p.tenant_id = i.tenant_id and p.id = i.subject_id where i.subject_type = 'project' and p.id is null`,
  ...runChecks,
};

/**
 * Checks the invariants after every fault test. Returns the violations, one per line; empty if there are none. Data is folded here and accepted
 * transitions are looked up here; all other checks are the statements in `checks`.
 */
export async function brokenInvariants({ ownerUrl, accepted = [] }: InvariantOptions): Promise<string[]> {
  if (isSharedDatabase(ownerUrl)) throw new Error("Invariants are those of all tenants, also of other test files: use startTestWeft.");
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const broken: string[] = [];
    for (const [invariant, statement] of Object.entries(checks)) {
      const rows = await sql.unsafe(statement);
      if (rows.length > 0) broken.push(`${invariant}: ${rows.length} rows, the first ${JSON.stringify(rows[0])}`);
    }
    broken.push(...(await brokenData(sql)), ...(await lostTransitions(sql, accepted)), ...(await brokenLedgers(sql)));
    return broken;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** I1 for the data: applying the changes of the history in order results in the instance's data. */
async function brokenData(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ id: string; data: Record<string, unknown>; changes: (Record<string, unknown> | null)[] }[]>`
    select i.id, i.data, (select jsonb_agg(case h.kind when 'ASSIGNMENT' then null else h.changes end order by h.version)
      from workflows.history h where h.tenant_id = i.tenant_id and h.instance_id = i.id) as changes
    from workflows.instances i`;
  return rows.flatMap(({ id, data, changes }) => {
    const folded = Object.assign({}, ...changes) as Record<string, unknown>;
    const present = (values: Record<string, unknown>) =>
      JSON.stringify(
        Object.entries(values)
          .filter(([, value]) => value !== null)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    return present(folded) === present(data)
      ? []
      : [`I1 the data of instance ${id} is not the fold of its history: ${JSON.stringify(data)} is not ${JSON.stringify(folded)}`];
  });
}

/** drizzle types its client as a pool of the published driver. */
type DrizzleSql = ConstructorParameters<typeof PostgresJsSession>[0];

/** SLA clocks and their ledgers are what the log of events results in. */
async function brokenLedgers(sql: postgres.Sql): Promise<string[]> {
  const tenants = await sql<{ id: string }[]>`select distinct tenant_id as id from workflows.sla_clocks`;
  const broken: string[] = [];
  for (const { id } of tenants) {
    const { differences } = await drizzle(sql as unknown as DrizzleSql).transaction(async (tx) => {
      await tx.execute(statement`select set_config('app.tenant_id', ${id}, true)`);
      return verifyClocks(tx as unknown as Tx, { after: null, limit: 100_000 });
    });
    const [first] = differences;
    if (first) broken.push(`SLA: ${differences.length} values are not what the events result in, the first ${JSON.stringify(first)}`);
  }
  return broken;
}

/** I10: everything that was reported to clients as accepted is committed. */
async function lostTransitions(sql: postgres.Sql, accepted: readonly AcceptedTransition[]): Promise<string[]> {
  if (accepted.length === 0) return [];
  const wanted = JSON.stringify(accepted);
  const lost = await sql<AcceptedTransition[]>`
    select a."instanceId", a.version from jsonb_to_recordset(${wanted}::text::jsonb) as a("instanceId" uuid, version int)
    where not exists (select 1 from workflows.history h where h.instance_id = a."instanceId" and h.version = a.version)`;
  return lost.map(({ instanceId, version }) => `I10 version ${version} of ${instanceId} was accepted and is lost`);
}
