-- Up Migration
-- What vendors did for requests: a row for each assignment of a request to a vendor. Triggers on events.log and on SLA clocks keep it.

create table vendors.work (
  tenant_id uuid not null,
  id uuid not null,
  vendor_id uuid not null,
  request_id uuid not null,
  instance_id uuid not null,
  -- The instance's version that assigned it.
  version integer not null,
  -- OPEN | COMPLETED | ENDED | REASSIGNED. ENDED: the request was rejected or canceled.
  outcome text not null default 'OPEN',
  assigned_at timestamptz not null,
  -- The first transition or comment by a user of the vendor.
  responded_at timestamptz,
  ended_at timestamptz,
  -- How often the request was reopened.
  reopened integer not null default 0,
  -- Whether all SLA clocks that ended during the work were met. Null if none ended.
  is_sla_met boolean,
  stars smallint,
  rated_at timestamptz,
  -- Whether the request is deleted.
  is_deleted boolean not null default false,
  constraint work_pkey primary key (tenant_id, id),
  constraint work_version_key unique (tenant_id, instance_id, version),
  constraint work_vendor_fkey foreign key (tenant_id, vendor_id) references vendors.vendors (tenant_id, id),
  constraint work_request_fkey foreign key (tenant_id, request_id) references requests.requests (tenant_id, id),
  constraint work_outcome_check check (outcome in ('OPEN', 'COMPLETED', 'ENDED', 'REASSIGNED') and (outcome = 'OPEN') = (ended_at is null)),
  constraint work_rated_check check ((stars is null) = (rated_at is null))
);
create unique index work_open_key on vendors.work (tenant_id, instance_id) where outcome = 'OPEN';
create index work_by_request on vendors.work (tenant_id, request_id);
create index work_assigned on vendors.work (tenant_id, vendor_id, assigned_at, id) include (responded_at) where not is_deleted;
create index work_completed on vendors.work (tenant_id, vendor_id, ended_at, id) include (assigned_at, reopened, is_sla_met)
  where outcome = 'COMPLETED' and not is_deleted;
create index work_rated on vendors.work (tenant_id, vendor_id, rated_at, id) include (stars) where rated_at is not null and not is_deleted;
call app.protect('vendors.work', vendor_sees => 'vendor_id = app.vendor()', vendor_writes => 'false');

-- Work from before this table. Without row-level security, because migrations run outside of tenants.
alter table vendors.work no force row level security;
alter table vendors.ratings no force row level security;
alter table events.log no force row level security;
alter table identity.users no force row level security;
alter table requests.requests no force row level security;
alter table requests.request_types no force row level security;
alter table workflows.instances no force row level security;
alter table workflows.definitions no force row level security;
alter table workflows.sla_clocks no force row level security;
with assigned as (
  select l.tenant_id, l.subject_id as instance_id, l.subject_version as version, (l.related->>'request')::uuid as request_id, l.occurred_at as assigned_at,
         l.payload->'assignee' as assignee, l.payload->'previous' as previous,
         lead(l.occurred_at) over w as reassigned_at, lead(l.subject_version) over w as reassigned_version
    from events.log l
   where l.type = 'workflow.assigned' and l.related ? 'request' and l.payload->'assignee' is distinct from l.payload->'previous'
  window w as (partition by l.tenant_id, l.subject_id order by l.subject_version)
), ended as (
  select distinct on (l.tenant_id, l.subject_id) l.tenant_id, l.subject_id as instance_id, l.occurred_at as ended_at, i.assignee_vendor_id,
         l.payload->>'status' = 'COMPLETED' and d.document->'states'->(l.payload->>'to')->>'final' = 'completed' as is_completed
    from events.log l
    join workflows.instances i on i.tenant_id = l.tenant_id and i.id = l.subject_id
    join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id
   where l.type in ('workflow.transitioned', 'workflow.cancelled') and l.related ? 'request' and l.payload->>'status' in ('COMPLETED', 'CANCELLED')
   order by l.tenant_id, l.subject_id, l.subject_version
)
insert into vendors.work (tenant_id, id, vendor_id, request_id, instance_id, version, outcome, assigned_at, responded_at, ended_at, reopened, is_deleted)
select a.tenant_id, app.uuid_v7(), (a.assignee->>'id')::uuid, a.request_id, a.instance_id, a.version,
       case when a.reassigned_version is not null then 'REASSIGNED' when e.instance_id is null then 'OPEN' when e.is_completed then 'COMPLETED' else 'ENDED' end,
       a.assigned_at,
       (select min(l.occurred_at) from events.log l join identity.users u on u.tenant_id = l.tenant_id and u.id = l.actor_id
         where l.tenant_id = a.tenant_id and u.vendor_id = (a.assignee->>'id')::uuid
           and (l.type in ('workflow.transitioned', 'workflow.commented') and l.subject_id = a.instance_id or l.type = 'request.commented' and l.subject_id = a.request_id)
           and l.occurred_at >= a.assigned_at and l.occurred_at <= coalesce(a.reassigned_at, e.ended_at, 'infinity')),
       coalesce(a.reassigned_at, e.ended_at),
       (select count(*) from events.log l
         where l.tenant_id = a.tenant_id and l.type = 'workflow.transitioned' and l.subject_id = a.instance_id
           and l.subject_version > a.version and l.subject_version < coalesce(a.reassigned_version, 2147483647)
           and l.payload->>'transition' = t.reopen_transition),
       r.is_deleted
  from assigned a
  join requests.requests r on r.tenant_id = a.tenant_id and r.id = a.request_id
  join requests.request_types t on t.tenant_id = r.tenant_id and t.id = r.type_id
  left join ended e on e.tenant_id = a.tenant_id and e.instance_id = a.instance_id
 where a.assignee->>'type' = 'VENDOR';
update vendors.work w set is_sla_met = c.is_met
  from (select k.tenant_id, o.id, bool_and(k.phase = 'MET') as is_met
          from workflows.sla_clocks k
          join vendors.work o on o.tenant_id = k.tenant_id and o.instance_id = k.instance_id
         where k.phase in ('MET', 'MISSED') and k.ended_at > date_trunc('second', o.assigned_at) and (o.ended_at is null or k.ended_at <= o.ended_at)
           and (k.breached_at is null or k.breached_at > date_trunc('second', o.assigned_at))
         group by k.tenant_id, o.id) c
 where w.tenant_id = c.tenant_id and w.id = c.id;
update vendors.work w set stars = g.stars, rated_at = g.created_at
  from vendors.ratings g
 where g.tenant_id = w.tenant_id and g.request_id = w.request_id and g.vendor_id = w.vendor_id and w.outcome = 'COMPLETED';
alter table vendors.work force row level security;
alter table vendors.ratings force row level security;
alter table events.log force row level security;
alter table identity.users force row level security;
alter table requests.requests force row level security;
alter table requests.request_types force row level security;
alter table workflows.instances force row level security;
alter table workflows.definitions force row level security;
alter table workflows.sla_clocks force row level security;

-- Down Migration
drop trigger if exists vendors_work_follows on events.log;
drop trigger if exists vendors_work_measured on workflows.sla_clocks;
drop trigger if exists vendors_work_remeasured on workflows.sla_clocks;
drop function if exists vendors.follow_work();
drop function if exists vendors.measure_work();
drop table vendors.work;
