import { inScope, withinScopes } from "../rights/visible.js";
import { workflows } from "@weft/drizzle";
import { arrayContains, arrayOverlaps, eq, ne, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { denialsOf, type Permission, reachesAll, type Scope, scopesOf, type Viewer } from "@weft/shared/viewer";

const { instances, tasks } = workflows;

/**
 * Returns the predicate over `tasks` joined with its `instances`. Without the permission it selects nothing. A user who is asked about a task can see
 * it (`task.read`) in any scope, but gains no other access: asking a question must not grant rights.
 */
export function visibleTasks(viewer: Viewer, permission: Permission): SQL {
  return visibleBy(viewer, permission, permission === "task.read" ? isAsked(viewer) : undefined);
}

/**
 * Returns the condition that the viewer sees the task only because a question about it waits for the viewer's answer. Other comments on the task are
 * then hidden from the viewer.
 */
export function isOnlyAsked(viewer: Viewer): SQL {
  const seesWorkflow = withinScopes(viewer, "workflow.read", (scope) => inScope(scope, viewer, instances));
  return sql`(${isAsked(viewer)} and not ${seesWorkflow} and not ${visibleBy(viewer, "task.read", undefined)})`;
}

/** @param more condition for further tasks that every scope reaches */
function visibleBy(viewer: Viewer, permission: Permission, more: SQL | undefined): SQL {
  const reached = withinScopes(viewer, permission, reachOf(viewer, more));
  if (reachesAll(viewer, "task.assign")) return reached;
  // Open tasks that are offered to nobody are visible only to managers (`task.assign`).
  const isOffered = or(
    ne(tasks.queueKey, "none"),
    ne(tasks.status, "OPEN"),
    withinScopes(viewer, "task.assign", reachOf(viewer, undefined)),
  );
  return sql`(${reached} and ${isOffered})`;
}

function reachOf(viewer: Viewer, more: SQL | undefined): (scope: Scope) => SQL | undefined {
  return (scope) => {
    const ofInstance = inScope(scope, viewer, instances);
    if (scope === "TENANT") return ofInstance;
    // A user who is limited to buildings sees no task of other buildings, to whomever it is offered.
    if (reachesInstanceOnly.includes(scope)) return or(ofInstance, more);
    // A task that waits for the viewer is work assigned to the viewer, regardless of its instance.
    return or(ofInstance, isWorker(viewer), more);
  };
}

/** Scopes in which tasks that wait for the viewer are visible only if their instance is. */
const reachesInstanceOnly: readonly Scope[] = ["OWN", "BUILDING"];

/** Selects tasks with a question that waits for the viewer's answer, or for that of a user whom the viewer substitutes. */
const isAsked = (viewer: Viewer): SQL => sql`(${tasks.askedId} = ${viewer.userId} or ${tasks.askedId} = any(${absentFor(viewer)}))`;

/** Selects tasks that wait for the viewer: as work (`isWorker`), or for the answer to a question. */
export const isCandidate = (viewer: Viewer): SQL => sql`(${isWorker(viewer)} or ${isAsked(viewer)})`;

/**
 * Selects tasks that are claimed by the viewer, or offered to the viewer or to a role, team or vendor of the viewer. Includes tasks that are claimed
 * by, or offered personally to, a user whom the viewer substitutes.
 */
function isWorker(viewer: Viewer): SQL {
  return (
    or(
      eq(tasks.assigneeId, viewer.userId),
      arrayContains(tasks.candidateUserIds, [viewer.userId]),
      viewer.roles.length > 0 ? arrayOverlaps(tasks.candidateRoles, [...viewer.roles]) : undefined,
      viewer.teamIds.length > 0 ? arrayOverlaps(tasks.candidateTeamIds, [...viewer.teamIds]) : undefined,
      viewer.vendorId ? arrayContains(tasks.candidateVendorIds, [viewer.vendorId]) : undefined,
      sql`(${tasks.candidateUserIds} || ${tasks.assigneeId}) && ${absentFor(viewer)}`,
    ) ?? sql`false`
  );
}

/** Queue keys and users by which waiting tasks are found: a task is offered under one of the keys, or waits for one of the users. */
export interface Offer {
  /** Keys as in `tasks.queue_key` (`role:operations`): an SQL array of texts. */
  readonly keys: SQL;
  /** Users who can have claimed the task or can be asked about it: an SQL array of IDs. */
  readonly people: SQL | null;
}

/** Selects exactly the tasks that `isCandidate` selects, in a form that can use indexes and their order. */
export function offersTo(viewer: Viewer): Offer {
  const { userId, roles, vendorId } = viewer;
  const own = [`user:${userId}`, ...roles.map((role) => `role:${role}`), ...teamKeys(viewer), ...(vendorId ? [`vendor:${vendorId}`] : [])];
  return {
    keys: sql`(${sql.param(own)}::text[] || ${absentFor(viewer, "'user:' || a.user_id::text")})`,
    people: sql`(array[${userId}::uuid] || ${absentFor(viewer)})`,
  };
}

/**
 * Selects, from the tasks of a vote that are offered under a key, only the first waiting one for the viewer, and none if the viewer has claimed one
 * or has voted. Selects all tasks that are not part of a vote. In offers that are not the viewer's own, claimed tasks are also selected. Uses only
 * columns that the indexes of queues include.
 */
export function isOwnVote({ userId }: Viewer, { people }: Pick<Offer, "people"> = { people: sql`` }): SQL {
  const isClaimed = people ? sql`false` : sql`${tasks.assigneeId} is not null`;
  return sql`(${tasks.vote} is null or ${isClaimed} or ${tasks.assigneeId} is null and workflows.vote_waits_for(${tasks.id}, ${userId}))`;
}

/**
 * Selects only the first of the unclaimed tasks of a vote that have the same candidates. Claimed tasks and tasks without a vote are all selected. For
 * viewers who see the tasks of others: they count decisions to make, not ballots.
 */
export function isFirstOfVote(): SQL {
  return sql`(${tasks.vote} is null or ${tasks.assigneeId} is not null or workflows.vote_waits_for(${tasks.id}, null))`;
}

/** Selects tasks that wait for one of the viewer's teams, regardless of who has claimed them. */
export const offersToTeams = (viewer: Viewer): Offer => ({ keys: sql`${sql.param(teamKeys(viewer))}::text[]`, people: null });

const teamKeys = ({ teamIds }: Viewer): string[] => teamIds.map((team) => `team:${team}`);

/**
 * Like `visibleTasks`, for tasks that are offered to the viewer under a key. Undefined if the offer already makes them visible, which is the usual
 * case.
 */
export function visibleOffers(viewer: Viewer, permission: Permission): SQL | undefined {
  const reachesOffers =
    denialsOf(viewer, permission).length === 0 && scopesOf(viewer, permission).some((scope) => !reachesInstanceOnly.includes(scope));
  return reachesOffers ? undefined : visibleTasks(viewer, permission);
}

/** Returns an SQL array of the users whom the viewer currently substitutes. Not transitive: users whom an absent user substitutes are not included. */
function absentFor(viewer: Viewer, what = "a.user_id"): SQL {
  return sql`array(select ${sql.raw(what)} from workflows.absences a
    where a.tenant_id = app.tenant() and a.substitute_id = ${viewer.userId} and a.starts_at <= app.weft_now() and a.ends_at > app.weft_now())`;
}
