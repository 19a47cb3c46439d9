import { sla, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import { sql, type SQL } from "drizzle-orm";
import type { WantedAssignee } from "../../principals/assignee-filter.js";
import { SlaReportGrouping, SlaReportInterval } from "./sla-report.type.js";

const { slaClocks } = sla;
const { definitions, instances } = workflows;

/** Returns the interval of a trend as PostgreSQL names it. */
export const unitOf = (interval: SlaReportInterval): "day" | "week" => (interval === SlaReportInterval.WEEK ? "week" : "day");

/** Clocks to count. IDs are UUIDs. */
export type WantedClocks = {
  readonly definitionKey: string | null;
  readonly definitionVersion: number | null;
  readonly name: string | null;
  readonly requestTypeId: string | null;
  readonly teamId: string | null;
  readonly assignee: WantedAssignee | null;
  readonly priority: string | null;
  readonly environment: string;
};

export type ClockQuestion = {
  readonly viewer: Viewer;
  readonly wanted: WantedClocks;
  /** Seconds since 1970; `to` is not included. */
  readonly period: { readonly from: number; readonly to: number };
  readonly timeZone: string;
  readonly groupBy: SlaReportGrouping | null;
  readonly interval: SlaReportInterval;
};

export type ClockSum = {
  /** What the row sums up: everything, a group, an interval of the trend, or an hour of the week. */
  readonly kind: "total" | "group" | "interval" | "hour";
  readonly group: string | null;
  /** First day of the interval. */
  readonly date: string | null;
  readonly weekday: number | null;
  readonly hour: number | null;
  readonly met: number;
  readonly missed: number;
  readonly breachedOpen: number;
  readonly cancelled: number;
  readonly median: number | null;
  readonly p90: number | null;
};

/** A task's clock counts for the user of the task, another one for that of the instance. */
const user = sql`case when k.task_id is null then ${instances.assigneeUserId} else t.assignee_id end`;
/** A priority that is an object or a list is none. */
const priority = sql`case when jsonb_typeof(${instances.data}->'priority') in ('string', 'number', 'boolean') then left(${instances.data}->>'priority', 100) end`;

const groupOf: Readonly<Record<SlaReportGrouping, SQL>> = {
  DEFINITION: sql`k.definition_key`,
  VERSION: sql`${instances.definitionId}::text`,
  // Neither contains a space.
  SLA: sql`k.definition_key || ' ' || k.rule`,
  REQUEST_TYPE: sql`r.type_id::text`,
  TEAM: sql`${instances.teamId}::text`,
  USER: sql`(${user})::text`,
  VENDOR: sql`${instances.assigneeVendorId}::text`,
  PRIORITY: priority,
};

/**
 * Sums the clocks that ended in the period, and those that have not ended and reached their target in it: all of them, and by group, interval, and hour
 * of the week. One statement, which reads each clock once.
 * @returns null if there are more than `limit` clocks, before the viewer's scope and the filter of instances
 */
export async function selectClockSums(tx: Tx, question: ClockQuestion, limit: number): Promise<ClockSum[] | null> {
  const { viewer, wanted, period, timeZone, groupBy, interval } = question;
  const { definitionKey, definitionVersion, name, requestTypeId, teamId, assignee, priority: wantedPriority, environment } = wanted;
  const ofRule = sql`
    c.tenant_id = app.tenant() and (${definitionKey}::text is null or c.definition_key = ${definitionKey}::text)
      and (${name}::text is null or c.rule in (${name}::text, 'task:' || ${name}::text))`;
  const conditions = [
    visibleObjects("instance", viewer, "sla.read"),
    sql`${instances.environment} = ${environment}`,
    ...(definitionVersion === null
      ? []
      : [
          sql`${instances.definitionId} = (select d.id from workflows.definitions d
            where d.tenant_id = app.tenant() and d.key = ${definitionKey}::text and d.number = ${definitionVersion}::integer)`,
        ]),
    ...(requestTypeId === null ? [] : [sql`r.type_id = ${requestTypeId}::uuid`]),
    ...(teamId === null ? [] : [sql`${instances.teamId} = ${teamId}::uuid`]),
    ...(assignee === null ? [] : [sql`${assignee.type === "vendor" ? instances.assigneeVendorId : user} = ${assignee.id}::uuid`]),
    ...(wantedPriority === null ? [] : [sql`${priority} = ${wantedPriority}::text`]),
  ];
  const needsRequests = requestTypeId !== null || groupBy === SlaReportGrouping.REQUEST_TYPE;
  const needsTasks = assignee?.type === "user" || groupBy === SlaReportGrouping.USER;
  const rows = await tx.execute<ClockSum & { clocks: number }>(
    named(
      "selectSlaSums",
      sql`with counted as materialized (
          (select c.instance_id, c.task_id, c.definition_key, c.rule, c.phase, c.consumed_seconds, c.breached_at, c.ended_at as at
             from ${slaClocks} c
            where ${ofRule} and c.ended_at >= to_timestamp(${period.from}::bigint) and c.ended_at < to_timestamp(${period.to}::bigint)
            limit ${limit + 1}::integer)
          union all
          (select c.instance_id, c.task_id, c.definition_key, c.rule, 'BREACHED', c.consumed_seconds, c.due_at, c.due_at
             from ${slaClocks} c
            where ${ofRule} and c.ended_at is null and c.due_at >= to_timestamp(${period.from}::bigint)
              and c.due_at < to_timestamp(${period.to}::bigint) and c.due_at <= app.weft_now()
            limit ${limit + 1}::integer)
        ), number as (select count(*)::integer as clocks from counted), shown as (
          select k.phase, k.consumed_seconds, ${groupBy === null ? sql`null::text` : groupOf[groupBy]} as "group",
                 to_char(date_trunc(${unitOf(interval)}::text, k.at at time zone ${timeZone}::text), 'YYYY-MM-DD') as date,
                 case when k.phase in ('MISSED', 'BREACHED') then k.breached_at at time zone ${timeZone}::text end as breach
            from counted k
            join workflows.instances on instances.tenant_id = app.tenant() and instances.id = k.instance_id
            ${needsTasks ? sql`left join workflows.tasks t on t.tenant_id = app.tenant() and t.id = k.task_id` : sql`cross join (select null::uuid as assignee_id) t`}
            ${needsRequests ? sql`left join requests.requests r on r.tenant_id = app.tenant() and instances.subject_type = 'request' and r.id = instances.subject_id` : sql``}
           where ${sql.join(conditions, sql` and `)} and (select clocks from number) <= ${limit}::integer
        ), placed as (
          select *, extract(isodow from breach)::integer as weekday, extract(hour from breach)::integer as hour from shown
        )
        select (select clocks from number) as clocks,
               case grouping("group", date, weekday) when 7 then 'total' when 3 then 'group' when 5 then 'interval' else 'hour' end as kind,
               "group", date, weekday, hour,
               (count(*) filter (where phase = 'MET'))::integer as met, (count(*) filter (where phase = 'MISSED'))::integer as missed,
               (count(*) filter (where phase = 'BREACHED'))::integer as "breachedOpen", (count(*) filter (where phase = 'CANCELLED'))::integer as cancelled,
               (percentile_disc(0.5) within group (order by consumed_seconds) filter (where phase in ('MET', 'MISSED')))::integer as median,
               (percentile_disc(0.9) within group (order by consumed_seconds) filter (where phase in ('MET', 'MISSED')))::integer as p90
          from placed group by grouping sets ((), ("group"), (date), (weekday, hour))`,
    ),
  );
  return (rows[0]?.clocks ?? 0) > limit ? null : [...rows];
}

export type DefinitionVersion = { readonly id: string; readonly key: string; readonly number: number };

/** Returns the keys and numbers of versions of definitions. */
export const selectVersions = (tx: Tx, ids: readonly string[]): Promise<DefinitionVersion[]> =>
  named(
    "selectSlaReportVersions",
    tx.select({ id: definitions.id, key: definitions.key, number: definitions.number }).from(definitions).where(among(definitions.id, ids)),
  );
