import { denialsOf, type Viewer } from "@weft/shared/viewer";
import { reachesTeam } from "@weft/platform/access";

/**
 * Returns whether the viewer can change the members of a team as its lead, without the permission. A denial of the permission takes precedence, as it
 * does over a grant.
 */
export const leadsTeam = (viewer: Viewer, teamId: string): boolean =>
  viewer.ledTeamIds.includes(teamId) && denialsOf(viewer, "team.update").length === 0;

export const mayChangeMembers = (viewer: Viewer, teamId: string): boolean => reachesTeam(viewer, teamId) || leadsTeam(viewer, teamId);
