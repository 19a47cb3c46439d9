import { workflows } from "@weft/drizzle";
import { arrayContains, arrayOverlaps, eq, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Permission } from "../viewer/permissions.js";
import type { Viewer } from "../viewer/viewer.js";
import { inScope, withinScopes } from "../viewer/visible.js";

const { instances, tasks } = workflows;

/** The predicate over `tasks` joined with its `instances`. Without the permission: nothing. */
export function visibleTasks(viewer: Viewer, permission: Permission): SQL {
  return withinScopes(viewer, permission, (scope) => {
    const ofInstance = inScope(scope, viewer, instances);
    // A task that waits for me is work assigned to me, wherever its instance stands; only OWN does not reach it.
    return scope === "OWN" || scope === "TENANT" ? ofInstance : or(ofInstance, isCandidate(viewer));
  });
}

/** Claimed by the viewer, or open to one of his roles, his teams, his vendor or himself. */
export function isCandidate(viewer: Viewer): SQL {
  return (
    or(
      eq(tasks.assigneeId, viewer.userId),
      arrayContains(tasks.candidateUserIds, [viewer.userId]),
      viewer.roles.length > 0 ? arrayOverlaps(tasks.candidateRoles, [...viewer.roles]) : undefined,
      viewer.teamIds.length > 0 ? arrayOverlaps(tasks.candidateTeamIds, [...viewer.teamIds]) : undefined,
      viewer.vendorId ? arrayContains(tasks.candidateVendorIds, [viewer.vendorId]) : undefined,
    ) ?? sql`false`
  );
}
