import { withinScopes } from "@weft/platform/rights";
import { identity, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

const { teamMembers, teams, users } = identity;

export type TeamRow = typeof teams.$inferSelect;

const exists = isNull(teams.deletedAt);

/** Teams visible to a viewer: all teams of the tenant with `team.read` in scope TENANT, and always the viewer's own. */
export function visibleTeams(viewer: Viewer): SQL {
  // The other scopes cover what teams own; members can see their team anyway.
  const readable = withinScopes(viewer, "team.read", () => undefined);
  return and(exists, viewer.teamIds.length > 0 ? or(readable, among(teams.id, viewer.teamIds)) : readable) ?? readable;
}

/** A slice of the list, and the total number. */
export function selectTeamsSlice(
  tx: Tx,
  where: SQL | undefined,
  { orderBy, limit }: { orderBy: SQL[]; limit: number },
): Promise<TeamRow[]> {
  return named(
    "selectTeamsSlice",
    tx
      .select()
      .from(teams)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );
}

export async function countTeams(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countTeams",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(teams)
      .where(where),
  );
  return row?.count ?? 0;
}

export async function findVisibleTeamsByIds(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<Map<string, TeamRow>> {
  const rows = await named(
    "findVisibleTeamsByIds",
    tx
      .select()
      .from(teams)
      .where(and(among(teams.id, ids), visibleTeams(viewer))),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function findTeamsByIds(tx: Tx, ids: readonly string[]): Promise<Map<string, TeamRow>> {
  if (ids.length === 0) return new Map();
  const rows = await named(
    "findTeamsByIds",
    tx
      .select()
      .from(teams)
      .where(and(among(teams.id, ids), exists)),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export async function findTeamsByKeys(tx: Tx, keys: readonly string[]): Promise<Map<string, TeamRow>> {
  if (keys.length === 0) return new Map();
  const rows = await named(
    "findTeamsByKeys",
    tx
      .select()
      .from(teams)
      .where(and(sql`${teams.key} = any(${sql.param([...keys])}::text[])`, exists)),
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/**
 * Returns those of the teams that exist, and locks them until the transaction ends. A concurrent deletion either comes first or sees the new members.
 */
export async function keepTeams(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await named(
    "keepTeams",
    tx
      .select({ id: teams.id })
      .from(teams)
      .where(and(among(teams.id, ids), exists))
      .for("key share"),
  );
  return new Set(rows.map(({ id }) => id));
}

export async function lockTeam(tx: Tx, id: string): Promise<TeamRow | null> {
  const [row] = await named(
    "lockTeam",
    tx
      .select()
      .from(teams)
      .where(and(eq(teams.id, id), exists))
      .for("update"),
  );
  return row ?? null;
}

export async function insertTeam(tx: Tx, row: typeof teams.$inferInsert): Promise<TeamRow> {
  const [inserted] = await named("insertTeam", tx.insert(teams).values(row).returning());
  if (!inserted) throw new Error("The insert of a team returned no row.");
  return inserted;
}

/** Writes the changes and raises the version of a team that the caller has locked. */
export async function touchTeam(
  tx: Tx,
  id: string,
  changes: Partial<Pick<TeamRow, "name" | "description" | "externalId">> = {},
): Promise<TeamRow> {
  const [row] = await named(
    "touchTeam",
    tx
      .update(teams)
      .set({ ...changes, version: sql`${teams.version} + 1`, updatedAt: sql`now()` })
      .where(eq(teams.id, id))
      .returning(),
  );
  if (!row) throw new Error("A locked team could not be changed.");
  return row;
}

/** Marks a team that the caller has locked as deleted. Returns its previous row. */
export async function markTeamDeleted(tx: Tx, id: string): Promise<TeamRow> {
  const changes = { deletedAt: sql`now()`, version: sql`${teams.version} + 1`, updatedAt: sql`now()` };
  const [row] = await named("markTeamDeleted", tx.update(teams).set(changes).where(eq(teams.id, id)).returning());
  if (!row) throw new Error("A locked team could not be deleted.");
  return row;
}

/** Adds members or changes whether they are leads. */
export async function putTeamMembers(tx: Tx, rows: readonly (typeof teamMembers.$inferInsert)[]): Promise<void> {
  if (rows.length === 0) return;
  await named(
    "putTeamMembers",
    tx
      .insert(teamMembers)
      .values([...rows])
      .onConflictDoUpdate({
        target: [teamMembers.tenantId, teamMembers.teamId, teamMembers.userId],
        set: { isLead: sql`excluded.is_lead` },
      }),
  );
}

/** Returns whether all of the users were members. */
export async function deleteTeamMembers(
  tx: Tx,
  { teamId, userIds }: { readonly teamId: string; readonly userIds: readonly string[] },
): Promise<boolean> {
  if (userIds.length === 0) return true;
  const rows = await named(
    "deleteTeamMembers",
    tx
      .delete(teamMembers)
      .where(and(eq(teamMembers.teamId, teamId), among(teamMembers.userId, userIds)))
      .returning({ userId: teamMembers.userId }),
  );
  return rows.length === userIds.length;
}

/**
 * Records users who leave a team as former assignees of the running instances that the team has, or had since their current state was entered, so
 * that `notSameAs: assignee` still excludes them. The caller has locked the team, so that no instance is assigned to it in the meantime.
 * Instances are locked in the same order as by transitions: parents before children.
 */
export async function excludeFormerMembers(
  tx: Tx,
  { teamId, userIds }: { readonly teamId: string; readonly userIds: readonly string[] },
): Promise<void> {
  if (userIds.length === 0) return;
  const ids = sql`${sql.param([...userIds])}::text[]`;
  const { instances } = workflows;
  const running = sql`i.tenant_id = app.tenant() and i.finished_at is null`;
  const ofTeam = sql`select i.id from ${instances} i where ${running} and i.assignee_team_id = ${teamId}::uuid
    union select i.id from ${instances} i where ${running} and i.done_by ? 'assignee' and i.done_by->'assignee' ? ${teamId}::text`;
  await tx.execute(
    named(
      "excludeFormerMembers",
      sql`with held as (
          select i.id from ${instances} i where ${running} and i.id = any(array(${ofTeam})) order by cardinality(i.ancestors), i.id for update
        )
        update ${instances} i
           set done_by = i.done_by || jsonb_build_object('assignee', coalesce(i.done_by->'assignee', '[]') || (
                 select jsonb_agg(u.id) from unnest(${ids}) u (id) where (i.done_by->'assignee' ? u.id) is not true))
          from held
         where ${running} and i.id = held.id and (i.done_by->'assignee' ?& ${ids}) is not true`,
    ),
  );
}

/** Returns those of the users who are members of a team. */
export async function findMemberIds(
  tx: Tx,
  { teamId, userIds }: { readonly teamId: string; readonly userIds: readonly string[] },
): Promise<string[]> {
  const rows = await named(
    "findMemberIds",
    tx
      .select({ userId: teamMembers.userId })
      .from(teamMembers)
      .where(and(eq(teamMembers.teamId, teamId), among(teamMembers.userId, userIds)))
      .orderBy(asc(teamMembers.userId)),
  );
  return rows.map((row) => row.userId);
}

export async function findLeadIds(tx: Tx, teamId: string): Promise<string[]> {
  const rows = await named(
    "findLeadIds",
    tx
      .select({ userId: teamMembers.userId })
      .from(teamMembers)
      .where(and(eq(teamMembers.teamId, teamId), eq(teamMembers.isLead, true))),
  );
  return rows.map((row) => row.userId);
}

export interface TeamMemberRow {
  userId: string;
  isLead: boolean;
}

/** Returns at most `max` members of each team, leads first. */
export async function findMembersOfTeams(tx: Tx, teamIds: readonly string[], max: number): Promise<Map<string, TeamMemberRow[]>> {
  const ranked = tx
    .select({
      teamId: teamMembers.teamId,
      userId: teamMembers.userId,
      isLead: teamMembers.isLead,
      place:
        sql<number>`row_number() over (partition by ${teamMembers.teamId} order by ${teamMembers.isLead} desc, ${users.name}, ${users.id})`.as(
          "place",
        ),
    })
    .from(teamMembers)
    .innerJoin(users, and(eq(users.tenantId, teamMembers.tenantId), eq(users.id, teamMembers.userId)))
    .where(among(teamMembers.teamId, teamIds))
    .as("ranked");
  const rows = await named(
    "findMembersOfTeams",
    tx
      .select()
      .from(ranked)
      .where(sql`${ranked.place} <= ${max}`)
      .orderBy(ranked.teamId, ranked.place),
  );
  const byTeam = new Map<string, TeamMemberRow[]>(teamIds.map((id) => [id, []]));
  for (const { teamId, userId, isLead } of rows) byTeam.get(teamId)?.push({ userId, isLead });
  return byTeam;
}

/** Returns the teams of each user that the viewer can see, ordered by key. */
export async function findTeamsOfUsers(tx: Tx, viewer: Viewer, userIds: readonly string[]): Promise<Map<string, TeamRow[]>> {
  const rows = await named(
    "findTeamsOfUsers",
    tx
      .select({ userId: teamMembers.userId, team: teams })
      .from(teamMembers)
      .innerJoin(teams, and(eq(teams.tenantId, teamMembers.tenantId), eq(teams.id, teamMembers.teamId)))
      .where(and(among(teamMembers.userId, userIds), visibleTeams(viewer)))
      .orderBy(asc(teams.key), asc(teams.id)),
  );
  const byUser = new Map<string, TeamRow[]>(userIds.map((id) => [id, []]));
  for (const { userId, team } of rows) byUser.get(userId)?.push(team);
  return byUser;
}
