import { workflows } from "@weft/drizzle";
import { arrayContains, arrayOverlaps, eq, ne, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Permission } from "../viewer/permissions.js";
import { denialsOf, reachesAll, scopesOf } from "../viewer/viewer.js";
import type { Scope, Viewer } from "../viewer/viewer.js";
import { inScope, withinScopes } from "../viewer/visible.js";

const { instances, tasks } = workflows;

/** The predicate over `tasks` joined with its `instances`. Without the permission: nothing. */
export function visibleTasks(viewer: Viewer, permission: Permission): SQL {
  const reached = withinScopes(viewer, permission, reachOf(viewer, permission));
  if (reachesAll(viewer, "task.assign")) return reached;
  // What waits for nobody is the managers' affair.
  const isOffered = or(
    ne(tasks.queueKey, "none"),
    ne(tasks.status, "OPEN"),
    withinScopes(viewer, "task.assign", reachOf(viewer, "task.assign")),
  );
  return sql`(${reached} and ${isOffered})`;
}

function reachOf(viewer: Viewer, permission: Permission): (scope: Scope) => SQL | undefined {
  return (scope) => {
    const ofInstance = inScope(scope, viewer, instances);
    if (scope === "TENANT") return ofInstance;
    // A question is put to a person: whatever the scope, who is asked sees what it is about.
    if (scope === "OWN") return permission === "task.read" ? or(ofInstance, isAsked(viewer)) : ofInstance;
    // A task that waits for me is work assigned to me, wherever its instance stands.
    return or(ofInstance, isCandidate(viewer));
  };
}

/** A question about it waits for the answer of the viewer, or of somebody for whom he stands in. */
const isAsked = (viewer: Viewer): SQL => sql`(${tasks.askedId} = ${viewer.userId} or ${tasks.askedId} = any(${absentFor(viewer)}))`;

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

/** Where what waits for somebody stands: a task is offered under one of the keys, or in the hands of one of the people. */
export interface Offer {
  /** Keys as `tasks.queue_key` says them (`role:operations`): an SQL array of texts. */
  readonly keys: SQL;
  /** Who may have claimed it, or may be asked about it: an SQL array of ids. */
  readonly people: SQL | null;
}

/** Of what waits exactly what `isCandidate` picks out, said so that it is found by index and in order. */
export function offersTo(viewer: Viewer): Offer {
  const { userId, roles, vendorId } = viewer;
  const own = [`user:${userId}`, ...roles.map((role) => `role:${role}`), ...teamKeys(viewer), ...(vendorId ? [`vendor:${vendorId}`] : [])];
  return {
    keys: sql`(${sql.param(own)}::text[] || ${absentFor(viewer, "'user:' || a.user_id::text")})`,
    people: sql`(array[${userId}::uuid] || ${absentFor(viewer)})`,
  };
}

/**
 * Of the tasks of a vote that are offered under a key, leaves one to the viewer, the first that waits, and none when he has taken one or has voted. Of what is no vote:
 * everything. Those that somebody has claimed stay in offers that are nobody's own. Said with columns that the indexes of queues include.
 */
export function isOwnVote({ userId }: Viewer, { people }: Pick<Offer, "people"> = { people: sql`` }): SQL {
  const isClaimed = people ? sql`false` : sql`${tasks.assigneeId} is not null`;
  return sql`(${tasks.vote} is null or ${isClaimed} or ${tasks.assigneeId} is null and workflows.vote_waits_for(${tasks.id}, ${userId}))`;
}

/** What waits for a team of the viewer's, whoever has claimed it. */
export const offersToTeams = (viewer: Viewer): Offer => ({ keys: sql`${sql.param(teamKeys(viewer))}::text[]`, people: null });

const teamKeys = ({ teamIds }: Viewer): string[] => teamIds.map((team) => `team:${team}`);

/** `visibleTasks` for tasks that are offered to the viewer under a key: undefined where that alone makes them visible, as it mostly does. */
export function visibleOffers(viewer: Viewer, permission: Permission): SQL | undefined {
  const reachesOffers = denialsOf(viewer, permission).length === 0 && scopesOf(viewer, permission).some((scope) => scope !== "OWN");
  return reachesOffers ? undefined : visibleTasks(viewer, permission);
}

/** Those for whom the viewer stands in now, as an SQL array. Not transitive: who stands in for the absent is not stood in for. */
function absentFor(viewer: Viewer, what = "a.user_id"): SQL {
  return sql`array(select ${sql.raw(what)} from workflows.absences a
    where a.tenant_id = app.tenant() and a.stand_in_id = ${viewer.userId} and a.starts_at <= app.weft_now() and a.ends_at > app.weft_now())`;
}
