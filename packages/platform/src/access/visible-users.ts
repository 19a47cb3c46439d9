import { withinScopes } from "../rights/visible.js";
import { identity } from "@weft/drizzle";
import { eq, inArray, type SQL, sql } from "drizzle-orm";
import { among } from "../db/named.js";
import type { Permission, Viewer } from "@weft/shared/viewer";

const { teamMembers, users } = identity;

/** Users whom the viewer can reach with a permission: all (TENANT), members of the viewer's teams (TEAM), or only the viewer (OWN). */
export function visibleUsers(viewer: Viewer, permission: Permission): SQL {
  return withinScopes(viewer, permission, (scope) => {
    switch (scope) {
      case "TENANT":
        return sql`true`;
      case "OWN":
        return eq(users.id, viewer.userId);
      case "TEAM":
        return viewer.teamIds.length === 0 ? undefined : inArray(users.id, membersOf(viewer.teamIds));
      // Users are not assigned to anybody, and are in no building.
      case "ASSIGNED":
      case "BUILDING":
        return undefined;
      default:
        return scope satisfies never;
    }
  });
}

const membersOf = (teamIds: readonly string[]): SQL =>
  sql`(select ${teamMembers.userId} from ${teamMembers} where ${among(teamMembers.teamId, teamIds)})`;
