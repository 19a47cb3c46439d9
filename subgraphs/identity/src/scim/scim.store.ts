import { identity } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/platform/db";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { TeamRow } from "../teams/team.service.js";
import { userColumns, type UserRow } from "../users/user.columns.js";

const { teamMembers, teams, users } = identity;

/**
 * Users whom SCIM sees: employees whom it has not deleted. Users of vendors, service accounts and platform operators are not the identity provider's, and
 * break-glass users must be able to log in whatever happens to it.
 */
const isEmployee = and(eq(users.type, "EMPLOYEE"), eq(users.isBreakGlass, false));
const isProvisionable = and(isEmployee, isNull(users.deprovisionedAt));
const exists = isNull(teams.deletedAt);

/** Returns whether SCIM sees the user. The same as the condition above, for a row. */
export const isProvisionableUser = ({ type, isBreakGlass, deprovisionedAt }: UserRow): boolean =>
  type === "EMPLOYEE" && !isBreakGlass && deprovisionedAt === null;

interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/** Returns the database's time. */
export async function transactionTime(tx: Tx): Promise<string> {
  const [row] = await tx.execute<{ at: string }>(named("transactionTime", sql`select to_json(now()) #>> '{}' as at`));
  if (!row) throw new Error("The database did not return the time.");
  return row.at;
}

/** In the order of creation, which does not change between two pages. */
export function selectProvisionableUsers(tx: Tx, where: SQL | undefined, { offset, limit }: Slice): Promise<UserRow[]> {
  return named(
    "selectProvisionableUsers",
    tx.select(userColumns).from(users).where(and(isProvisionable, where)).orderBy(asc(users.id)).offset(offset).limit(limit),
  );
}

export async function countProvisionableUsers(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countProvisionableUsers",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(users)
      .where(and(isProvisionable, where)),
  );
  return row?.count ?? 0;
}

/** Returns those of the users whom SCIM sees. */
export async function findProvisionableIds(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await named(
    "findProvisionableIds",
    tx
      .select({ id: users.id })
      .from(users)
      .where(and(isProvisionable, among(users.id, ids))),
  );
  return new Set(rows.map(({ id }) => id));
}

/** Returns the user whom SCIM deleted and who has one of the names. One with the same external ID comes first. */
export async function findDeprovisionedUser(
  tx: Tx,
  { username, email, externalId }: { readonly username: string; readonly email: string; readonly externalId: string | null },
): Promise<UserRow | null> {
  const isSame = sql`${users.externalId} = ${externalId}::text`;
  const hasName = sql`lower(${users.username}) = lower(${username}::text) or lower(${users.email}) = lower(${email}::text)`;
  const [row] = await named(
    "findDeprovisionedUser",
    tx
      .select(userColumns)
      .from(users)
      .where(and(isEmployee, sql`${users.deprovisionedAt} is not null and (${isSame} or ${hasName})`))
      .orderBy(sql`(${isSame}) is true desc`, asc(users.id))
      .limit(1),
  );
  return row ?? null;
}

export function selectExistingTeams(tx: Tx, where: SQL | undefined, { offset, limit }: Slice): Promise<TeamRow[]> {
  return named("selectExistingTeams", tx.select().from(teams).where(and(exists, where)).orderBy(asc(teams.id)).offset(offset).limit(limit));
}

export async function countExistingTeams(tx: Tx, where: SQL | undefined): Promise<number> {
  const [row] = await named(
    "countExistingTeams",
    tx
      .select({ count: sql<number>`count(*)::int` })
      .from(teams)
      .where(and(exists, where)),
  );
  return row?.count ?? 0;
}

/** Returns the ID of another team with this name, ignoring case, or null. */
export async function findTeamIdByName(
  tx: Tx,
  { name, exceptId }: { readonly name: string; readonly exceptId: string | null },
): Promise<string | null> {
  const [row] = await named(
    "findTeamIdByName",
    tx
      .select({ id: teams.id })
      .from(teams)
      .where(and(exists, sql`lower(${teams.name}) = lower(${name}::text) and ${teams.id} is distinct from ${exceptId}::uuid`))
      .limit(1),
  );
  return row?.id ?? null;
}

export interface ProvisionableMember {
  readonly teamId: string;
  readonly userId: string;
  readonly name: string;
}

/** Returns the members of the teams whom SCIM sees, at most `max` in all, in the order of the teams' IDs. @param options `userIds`: the only users to look for */
export function findProvisionableMembers(
  tx: Tx,
  teamIds: readonly string[],
  { max, userIds }: { readonly max: number; readonly userIds?: readonly string[] },
): Promise<ProvisionableMember[]> {
  if (teamIds.length === 0 || userIds?.length === 0) return Promise.resolve([]);
  return named(
    "findProvisionableMembers",
    tx
      .select({ teamId: teamMembers.teamId, userId: users.id, name: users.name })
      .from(teamMembers)
      .innerJoin(users, and(eq(users.tenantId, teamMembers.tenantId), eq(users.id, teamMembers.userId)))
      .where(and(among(teamMembers.teamId, teamIds), userIds && among(teamMembers.userId, userIds), isProvisionable))
      .orderBy(asc(teamMembers.teamId), asc(users.id))
      .limit(max),
  );
}

/** Returns the members of a team whom SCIM sees or has deleted, at most `max`. */
export async function findRemovableMemberIds(tx: Tx, teamId: string, max: number): Promise<string[]> {
  const rows = await named(
    "findRemovableMemberIds",
    tx
      .select({ userId: users.id })
      .from(teamMembers)
      .innerJoin(users, and(eq(users.tenantId, teamMembers.tenantId), eq(users.id, teamMembers.userId)))
      .where(and(eq(teamMembers.teamId, teamId), isEmployee))
      .orderBy(asc(users.id))
      .limit(max),
  );
  return rows.map(({ userId }) => userId);
}

/** Teams of which a user whom SCIM sees is a member. */
export const hasMember = (userId: string): SQL =>
  sql`exists (select from ${teamMembers} join ${users} on ${users.tenantId} = ${teamMembers.tenantId} and ${users.id} = ${teamMembers.userId}
    where ${teamMembers.tenantId} = ${teams.tenantId} and ${teamMembers.teamId} = ${teams.id} and ${teamMembers.userId} = ${userId}::uuid and ${isProvisionable})`;
