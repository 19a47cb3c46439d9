import { denialsOf, hasPermission, reachesAll, scopesOf, type Viewer } from "@weft/shared/viewer";

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
