import type { Context } from "@weft/api/context";
import { loadUser } from "../users/user.loader.js";
import type { User } from "../users/user.type.js";
import { TeamMember } from "./team.input.js";
import { toTeam } from "./team.type.js";
import type { Team } from "./team.type.js";
import { findMembersOfTeams, findTeamsOfUsers, findVisibleTeamsByIds } from "./team.store.js";

/** Maximum number of members listed with a team. For all members, use `users(filter: { team })`. */
const maxMembers = 100;

/** Loads the team with this UUID, or null if the viewer cannot see it. */
export async function loadTeam(ctx: Context, uuid: string): Promise<Team | null> {
  const row = await ctx.loader("identity.team", (tx, ids: readonly string[]) => findVisibleTeamsByIds(tx, ctx.viewer, ids)).load(uuid);
  return row && toTeam(row);
}

export function loadTeams(ctx: Context, uuids: readonly string[]): Promise<(Team | null)[]> {
  return Promise.all(uuids.map((uuid) => loadTeam(ctx, uuid)));
}

/** Loads the teams of a user that the viewer can see. */
export async function loadTeamsOfUser(ctx: Context, userUuid: string): Promise<Team[]> {
  const { viewer } = ctx;
  const rows = await ctx.loader("identity.teamsOfUser", (tx, ids: readonly string[]) => findTeamsOfUsers(tx, viewer, ids)).load(userUuid);
  return (rows ?? []).map(toTeam);
}

export async function loadMembers(ctx: Context, teamUuid: string): Promise<TeamMember[]> {
  const rows = await ctx
    .loader("identity.membersOfTeam", (tx, ids: readonly string[]) => findMembersOfTeams(tx, ids, maxMembers))
    .load(teamUuid);
  return (rows ?? []).map(({ userId, isLead }) => Object.assign(new TeamMember(), { userUuid: userId, isLead }));
}

/** Loads the leads that the viewer can see, by name. */
export async function loadLeads(ctx: Context, teamUuid: string): Promise<User[]> {
  const leads = (await loadMembers(ctx, teamUuid)).filter(({ isLead }) => isLead);
  const users = await Promise.all(leads.map(({ userUuid }) => loadUser(ctx, userUuid)));
  return users.filter((user) => user !== null);
}
