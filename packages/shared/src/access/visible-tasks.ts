import { workflows } from "@weft/drizzle";
import { and, arrayContains, arrayOverlaps, eq, inArray, ne, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Permission } from "../viewer/permissions.js";
import { reachesAll } from "../viewer/viewer.js";
import type { Scope, Viewer } from "../viewer/viewer.js";
import { inScope, withinScopes } from "../viewer/visible.js";

const { instances, tasks } = workflows;

/** The predicate over `tasks` joined with its `instances`. Without the permission: nothing. */
export function visibleTasks(viewer: Viewer, permission: Permission): SQL {
  const reached = withinScopes(viewer, permission, reachOf(viewer));
  if (reachesAll(viewer, "task.assign")) return reached;
  // What waits for nobody is the managers' affair.
  const isOffered = or(ne(tasks.queueKey, "none"), ne(tasks.status, "OPEN"), withinScopes(viewer, "task.assign", reachOf(viewer)));
  return sql`(${reached} and ${isOffered})`;
}

function reachOf(viewer: Viewer): (scope: Scope) => SQL | undefined {
  return (scope) => {
    const ofInstance = inScope(scope, viewer, instances);
    // A task that waits for me is work assigned to me, wherever its instance stands; only OWN does not reach it.
    return scope === "OWN" || scope === "TENANT" ? ofInstance : or(ofInstance, isCandidate(viewer));
  };
}

/**
 * Claimed by the viewer, or open to one of his roles, his teams, his vendor or himself; or such of somebody for whom he stands in, as far as it names
 * that person; or a question about it waits for his answer.
 */
export function isCandidate(viewer: Viewer): SQL {
  return (
    or(
      eq(tasks.assigneeId, viewer.userId),
      arrayContains(tasks.candidateUserIds, [viewer.userId]),
      viewer.roles.length > 0 ? arrayOverlaps(tasks.candidateRoles, [...viewer.roles]) : undefined,
      viewer.teamIds.length > 0 ? arrayOverlaps(tasks.candidateTeamIds, [...viewer.teamIds]) : undefined,
      viewer.vendorId ? arrayContains(tasks.candidateVendorIds, [viewer.vendorId]) : undefined,
      eq(tasks.askedId, viewer.userId),
      sql`(${tasks.candidateUserIds} || ${tasks.assigneeId} || ${tasks.askedId}) && ${absentFor(viewer)}`,
    ) ?? sql`false`
  );
}

/**
 * The same through indexes: few of many tasks are any one person's. What has several candidates is looked at one by one.
 */
export function isOfferedTo(viewer: Viewer): SQL {
  const keys = [
    "many",
    `user:${viewer.userId}`,
    ...viewer.roles.map((role) => `role:${role}`),
    ...viewer.teamIds.map((team) => `team:${team}`),
    ...(viewer.vendorId ? [`vendor:${viewer.vendorId}`] : []),
  ];
  const indexed = or(
    inArray(tasks.queueKey, keys),
    eq(tasks.assigneeId, viewer.userId),
    eq(tasks.askedId, viewer.userId),
    sql`${tasks.id} = any(${standInTasks(viewer)})`,
  );
  return and(indexed, isCandidate(viewer)) ?? sql`false`;
}

/**
 * Tasks that name somebody for whom the viewer stands in, as an SQL array of ids. Of an array of people the planner would think that it picks out many
 * tasks, and would look for them among all that wait.
 */
function standInTasks(viewer: Viewer): SQL {
  const waiting = (condition: SQL) => sql`select t.id from workflows.tasks t where t.status in ('OPEN', 'CLAIMED') and ${condition}`;
  const arms = [
    sql`t.assignee_id = any(${absentFor(viewer)})`,
    sql`t.asked_id = any(${absentFor(viewer)})`,
    sql`t.queue_key = any(${absentFor(viewer, "'user:' || a.user_id::text")})`,
  ].map(waiting);
  return sql`array(${sql.join(arms, sql` union all `)})`;
}

/** Those for whom the viewer stands in now, as an SQL array. Not transitive: who stands in for the absent is not stood in for. */
function absentFor(viewer: Viewer, what = "a.user_id"): SQL {
  return sql`array(select ${sql.raw(what)} from workflows.absences a
    where a.tenant_id = app.tenant() and a.stand_in_id = ${viewer.userId} and a.starts_at <= app.weft_now() and a.ends_at > app.weft_now())`;
}
