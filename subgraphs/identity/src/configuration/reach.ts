import { BadUserInput, decodeId, denialsOf, Forbidden, NotFound, scopesOf } from "@weft/shared";
import type { ConfigurationLevel, Context, Viewer } from "@weft/shared";
import { loadTeam } from "../teams/team.loader.js";
import type { Place } from "./configuration.store.js";

type ConfigurationPermission = "configuration.read" | "configuration.update";

/** Whether the permission reaches the tenant's own configuration. */
export const reachesTenant = (viewer: Viewer, permission: ConfigurationPermission): boolean =>
  scopesOf(viewer, permission).includes("TENANT");

/** Whether it reaches that of a team: every one in scope TENANT, one's own in scope TEAM; a denial in scope TEAM takes one's own away. */
export function reachesTeam(viewer: Viewer, permission: ConfigurationPermission, teamId: string): boolean {
  const isMember = viewer.teamIds.includes(teamId);
  if (isMember && denialsOf(viewer, permission).includes("TEAM")) return false;
  const held = scopesOf(viewer, permission);
  return held.includes("TENANT") || (isMember && held.includes("TEAM"));
}

/**
 * The place in the viewer's tenant that level and team name: a team without a level means TEAM, nothing means TENANT.
 * @param at where the arguments stand: "" or "input."
 * @throws NotFound (the team), Forbidden (the tenant's own), BadUserInput
 */
export async function ownPlace(
  ctx: Context,
  permission: ConfigurationPermission,
  { level, teamId }: { level?: ConfigurationLevel | null | undefined; teamId?: string | null | undefined },
  at = "",
): Promise<Place> {
  const { viewer } = ctx;
  const wanted = level ?? (typeof teamId === "string" ? "TEAM" : "TENANT");
  if (wanted === "TEAM") {
    if (typeof teamId !== "string") throw new BadUserInput([{ path: `${at}teamId`, message: "The level TEAM needs a team." }]);
    const subject = decodeId("team", teamId, `${at}teamId`);
    if (!reachesTeam(viewer, permission, subject) || !(await loadTeam(ctx, subject))) throw new NotFound("Team", teamId);
    return { level: wanted, subject };
  }
  if (typeof teamId === "string") throw new BadUserInput([{ path: `${at}teamId`, message: `The level ${wanted} has no team.` }]);
  if (!reachesTenant(viewer, permission)) throw new Forbidden(`None of your roles has the permission ${permission} in scope TENANT.`);
  return { level: wanted, subject: viewer.tenantId };
}
