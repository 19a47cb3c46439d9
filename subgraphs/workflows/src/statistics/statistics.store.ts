import { workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { type Period, timeOf } from "@weft/api/periods";
import { and, eq, inArray, isNull, lt, gte, or, sql, type SQL } from "drizzle-orm";
import type { WantedAssignee } from "../principals/assignee-filter.js";
import { piecesOf } from "./period.js";
import { allTeams, kindsOfMoments, moments, present, spans, wholeInstance } from "./roll-up/cells.js";
import type { PackedSketch } from "./roll-up/duration-sketch.js";
import type { CellRow } from "./roll-up/roll-up.store.js";
import { statisticsConsumerName } from "./roll-up/roll-up.js";

const { instances } = workflows;

/** What is counted. IDs are UUIDs. */
export interface Wanted {
  readonly definitionIds: readonly string[];
  readonly environment: string;
  readonly teamId: string | null;
  readonly assignee: WantedAssignee | null;
}

export interface DefinitionVersion {
  readonly id: string;
  readonly key: string;
  readonly number: number;
}

/** Returns the published versions of all definitions, of one, or one version. */
export async function selectVersions(tx: Tx, key: string | null, number: number | null): Promise<DefinitionVersion[]> {
  const rows = await tx.execute<{ id: string; key: string; number: number }>(
    named(
      "selectStatisticsVersions",
      sql`select id, key, number from workflows.definitions
       where tenant_id = app.tenant() and status <> 'DRAFT' and (${key}::text is null or key = ${key}::text) and (${number}::integer is null or number = ${number}::integer)`,
    ),
  );
  return [...rows];
}

const columns = sql.raw(`s.definition_id as "definitionId", s.team_id as "teamId", s.state, s.counts, s.durations, s.ms::float8 as ms`);

/** Cells to read: of all teams together, of each team, or of one. */
export type Teams = "together" | "each" | { readonly id: string };

/** Returns the cells that have the sums of a team, or of all teams together. */
export const teamsOf = ({ teamId }: Pick<Wanted, "teamId">): Teams => (teamId === null ? "together" : { id: teamId });

/** Returns whether a cell is among the wanted ones. */
export const isOfTeams = (teams: Teams, teamId: string): boolean =>
  teams === "each" ? teamId !== allTeams : teamId === (teams === "together" ? allTeams : teams.id);

const ofTeam = (teams: Teams): SQL =>
  teams === "each" ? sql`s.team_id <> ${allTeams}::uuid` : sql`s.team_id = ${teams === "together" ? allTeams : teams.id}::uuid`;

/** States whose cells are read: all, or only those of instances as a whole. */
export type States = "all" | "whole";

/** Returns the cells of a period. */
export async function selectCells(
  tx: Tx,
  wanted: Wanted,
  period: Period,
  { teams, states }: { teams: Teams; states: States },
): Promise<CellRow[]> {
  const pieces = piecesOf(period);
  const ofStates = states === "whole" ? sql`s.state = ${wholeInstance}` : sql`s.state <> ${moments}`;
  const rows = await tx.execute<CellRow & Record<string, unknown>>(
    named(
      "selectStatistics",
      // `offset 0` keeps the look-ups of the pieces: without statistics, the planner would join the whole table.
      sql`select s.* from unnest(${sql.param(pieces.map(({ span }) => span))}::integer[], ${sql.param(pieces.map(({ start }) => start))}::bigint[]) as p(span, start)
        cross join lateral (
          select ${columns} from workflows.statistics s
           where s.tenant_id = app.tenant() and ${ofTeam(teams)} and s.span = p.span and s.starts_at = to_timestamp(p.start)
             and s.definition_id = any(${sql.param([...wanted.definitionIds])}::uuid[]) and s.environment = ${wanted.environment} and ${ofStates}
          offset 0) s`,
    ),
  );
  return [...rows];
}

/** Returns the cells of the present. */
export async function selectPresent(tx: Tx, wanted: Wanted, teams: Teams): Promise<CellRow[]> {
  const rows = await tx.execute<CellRow & Record<string, unknown>>(
    named(
      "selectPresent",
      sql`select ${columns} from workflows.statistics s
       where s.tenant_id = app.tenant() and ${ofTeam(teams)} and s.span = ${present}::integer and s.starts_at = to_timestamp(0)
         and s.definition_id = any(${sql.param([...wanted.definitionIds])}::uuid[]) and s.environment = ${wanted.environment}`,
    ),
  );
  return [...rows];
}

const ofDays = (wanted: Wanted, days: readonly number[], state: string): SQL =>
  sql`s.tenant_id = app.tenant() and ${ofTeam(teamsOf(wanted))} and s.span = ${spans[2]}::integer
    and s.starts_at = any(array(select to_timestamp(d) from unnest(${sql.param([...days])}::bigint[]) d))
    and s.definition_id = any(${sql.param([...wanted.definitionIds])}::uuid[]) and s.environment = ${wanted.environment} and s.state = ${state}`;

type CountsOfDay = { readonly start: number; readonly counts: Readonly<Partial<Record<(typeof kindsOfMoments)[number], number>>> };

/** Returns how many instances started and ended on some days (UTC). `start` is the first moment of the day in seconds since 1970. */
export async function selectDayCounts(tx: Tx, wanted: Wanted, days: readonly number[]): Promise<CountsOfDay[]> {
  if (days.length === 0) return [];
  // Days also count completed tasks by user, of which there can be many.
  const counts = sql.join(
    kindsOfMoments.map((kind) => sql.raw(`'${kind}', (s.counts->>'${kind}')::integer`)),
    sql`, `,
  );
  const rows = await tx.execute<CountsOfDay>(
    named(
      "selectDayCounts",
      sql`select extract(epoch from s.starts_at)::float8 as start, jsonb_strip_nulls(jsonb_build_object(${counts})) as counts
        from workflows.statistics s where ${ofDays(wanted, days, wholeInstance)}`,
    ),
  );
  return [...rows];
}

/** Returns the moments of some days (UTC). `start` is the first moment of the day in seconds since 1970. */
export async function selectMoments(
  tx: Tx,
  wanted: Wanted,
  days: readonly number[],
): Promise<{ readonly start: number; readonly moments: PackedSketch }[]> {
  if (days.length === 0) return [];
  const rows = await tx.execute<{ start: number; moments: PackedSketch }>(
    named(
      "selectMoments",
      sql`select extract(epoch from s.starts_at)::float8 as start, s.durations as moments
        from workflows.statistics s where ${ofDays(wanted, days, moments)} and s.durations is not null`,
    ),
  );
  return [...rows];
}

/** Returns the instances with events that the roll-up has not processed: all of them, or null with the number of events if there are too many. */
export async function selectUncounted(tx: Tx, limit: number): Promise<{ readonly ids: string[] | null; readonly events: number }> {
  const rows = await tx.execute<{ id: string | null; events: number }>(
    named(
      "selectUncounted",
      sql`with waiting as materialized (
          (select p.event_id from events.positions p where p.tenant_id = app.tenant() and p.position > coalesce((
             select c.position from events.consumer_cursors c where c.tenant_id = app.tenant() and c.consumer = ${statisticsConsumerName}), 0)
            order by p.position limit ${limit + 1}::integer)
          union all (select o.event_id from events.outbox o where o.tenant_id = app.tenant() limit ${limit + 1}::integer)
        ), number as (select count(*)::integer as events from waiting)
        select distinct e.subject_id as id, n.events from number n left join (
          select l.subject_id from waiting w cross join lateral (
            select l.subject_id, l.subject_type from events.log l where l.tenant_id = app.tenant() and l.id = w.event_id limit 1) l
           where l.subject_type = 'instance') e on n.events <= ${limit}::integer`,
    ),
  );
  const events = rows[0]?.events ?? 0;
  return { ids: events > limit ? null : rows.flatMap(({ id }) => (id === null ? [] : [id])), events };
}

/** Condition for the instances that a viewer can see and that count in a period. */
export const countedIn = (viewer: Viewer, { definitionIds, environment, teamId, assignee }: Wanted, { from, to }: Period): SQL => {
  const column = assignee?.type === "vendor" ? instances.assigneeVendorId : instances.assigneeUserId;
  return (
    and(
      eq(instances.tenantId, sql`app.tenant()`),
      visibleObjects("instance", viewer, "workflow.read"),
      definitionIds.length === 0 ? sql`false` : inArray(instances.definitionId, [...definitionIds]),
      eq(instances.environment, environment),
      teamId === null ? undefined : eq(instances.teamId, teamId),
      assignee === null ? undefined : eq(column, assignee.id),
      or(isNull(instances.finishedAt), and(gte(instances.finishedAt, timeOf(from)), lt(instances.createdAt, timeOf(to)))),
    ) ?? sql`false`
  );
};

export interface OpenWork {
  readonly userId: string;
  readonly claimed: number;
  readonly overdue: number;
}

/** Returns the numbers of claimed tasks by user, most first. */
export async function selectOpenWork(tx: Tx, wanted: Wanted, limit: number): Promise<OpenWork[]> {
  const { assignee } = wanted;
  const ofAssignee =
    assignee && sql`and ${sql.raw(assignee.type === "vendor" ? "i.assignee_vendor_id" : "i.assignee_user_id")} = ${assignee.id}::uuid`;
  const rows = await tx.execute<OpenWork & Record<string, unknown>>(
    named(
      "selectOpenWork",
      sql`select t.assignee_id as "userId", count(*)::integer as claimed, (count(*) filter (where t.due_order < app.weft_now()))::integer as overdue
        from workflows.tasks t join workflows.instances i on i.tenant_id = t.tenant_id and i.id = t.instance_id
       where t.tenant_id = app.tenant() and t.status in ('OPEN', 'CLAIMED') and t.assignee_id is not null
         and i.definition_id = any(${sql.param([...wanted.definitionIds])}::uuid[]) and i.environment = ${wanted.environment}
         and (${wanted.teamId}::uuid is null or i.team_id = ${wanted.teamId}::uuid)
         ${ofAssignee ?? sql``}
       group by t.assignee_id order by claimed desc, t.assignee_id limit ${limit}::integer`,
    ),
  );
  return [...rows];
}
