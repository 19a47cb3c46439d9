import { audit, identity, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { type SQL, sql } from "drizzle-orm";

const { teamMembers } = identity;

/** What prevents a team from being deleted, with the number of each. */
export interface TeamDependents {
  readonly members: number;
  /** Includes workflows stopped by an incident, because they continue once it is resolved. */
  readonly runningWorkflows: number;
  /** Includes claimed tasks, because they return to the team when they are released. */
  readonly openTasks: number;
  readonly routingRules: number;
  /** Definitions with which instances can start or on which they run. */
  readonly definitions: number;
  /** Chats to which rules of notifications send. Their addresses are secrets, which somebody must remove. */
  readonly chats: number;
}

/**
 * @param teamId UUID
 * @param typeId the same ID as used in definitions, `tem_…`
 */
export async function countTeamDependents(tx: Tx, { teamId, typeId }: { teamId: string; typeId: string }): Promise<TeamDependents> {
  const { definitions, instances, routingRules, taskCandidates, tasks } = workflows;
  const counted = (from: SQL) => sql`(select count(*)::int from ${from})`;
  // As indexed: a task with one candidate, or one row for each of several candidates.
  const inQueue = sql`tenant_id = app.tenant() and queue_key = ${`team:${teamId}`} and status in ('OPEN', 'CLAIMED')`;
  const [row] = await tx.execute<TeamDependents & Record<string, unknown>>(
    named(
      "countTeamDependents",
      sql`select ${counted(sql`${teamMembers} where tenant_id = app.tenant() and team_id = ${teamId}`)} as members,
        ${counted(
          sql`${instances} where tenant_id = app.tenant() and (team_id = ${teamId} or assignee_team_id = ${teamId}) and finished_at is null`,
        )} as "runningWorkflows",
        ${counted(sql`${tasks} where ${inQueue}`)} + ${counted(sql`${taskCandidates} where ${inQueue}`)} as "openTasks",
        ${counted(sql`${routingRules} where tenant_id = app.tenant() and team_ids @> array[${teamId}::uuid]`)} as "routingRules",
        ${counted(
          sql`${definitions} d where d.tenant_id = app.tenant() and position(${typeId} in d.source) > 0 and (d.status <> 'RETIRED' or exists (
            select from ${instances} i where i.tenant_id = d.tenant_id and i.definition_key = d.key and i.definition_id = d.id and i.finished_at is null))`,
        )} as definitions,
        ${counted(sql`${audit.notificationDestinations} where tenant_id = app.tenant() and team_id = ${teamId} and status <> 'REMOVED'`)} as chats`,
    ),
  );
  if (!row) throw new Error("Counting gives a row.");
  return row;
}
