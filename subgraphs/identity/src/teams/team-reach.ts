import { denialsOf, hasPermission, reachesAll, scopesOf } from "@weft/shared";
import type { Viewer } from "@weft/shared";

/**
 * Returns whether `team.update` applies to a team: any team in scope TENANT, otherwise the viewer's own teams, which are also what a narrower denial
 * excludes.
 */
export function reachesTeam(viewer: Viewer, teamId: string): boolean {
  if (!hasPermission(viewer, "team.update")) return false;
  const isIn = viewer.teamIds.includes(teamId);
  return reachesAll(viewer, "team.update") || (denialsOf(viewer, "team.update").length > 0 ? !isIn && heldInTenant(viewer) : isIn);
}

const heldInTenant = (viewer: Viewer): boolean => scopesOf(viewer, "team.update").includes("TENANT");

/**
 * Returns whether the viewer can change the members of a team as its lead, without the permission. A denial of the permission takes precedence, as it
 * does over a grant.
 */
export const leadsTeam = (viewer: Viewer, teamId: string): boolean =>
  viewer.ledTeamIds.includes(teamId) && denialsOf(viewer, "team.update").length === 0;

export const mayChangeMembers = (viewer: Viewer, teamId: string): boolean => reachesTeam(viewer, teamId) || leadsTeam(viewer, teamId);
