import { workflows } from "@weft/drizzle";
import { arrayContains, arrayOverlaps, eq, ne, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Permission } from "../viewer/permissions.js";
import { denialsOf, reachesAll, scopesOf } from "../viewer/viewer.js";
import type { Scope, Viewer } from "../viewer/viewer.js";
import { inScope, withinScopes } from "../viewer/visible.js";

const { instances, tasks } = workflows;

/**
 * The predicate over `tasks` joined with its `instances`. Without the permission: nothing. Who is asked about a task sees it (`task.read`), whatever the scope, and
 * reaches it for nothing else: nobody gives anybody a right by a question.
 */
export function visibleTasks(viewer: Viewer, permission: Permission): SQL {
  return visibleBy(viewer, permission, permission === "task.read" ? isAsked(viewer) : undefined);
}

/**
 * Whether the viewer sees the task only because a question about it waits for the viewer's answer. What was said about it otherwise is then not the viewer's to read.
 */
export function isOnlyAsked(viewer: Viewer): SQL {
  const seesWorkflow = withinScopes(viewer, "workflow.read", (scope) => inScope(scope, viewer, instances));
  return sql`(${isAsked(viewer)} and not ${seesWorkflow} and not ${visibleBy(viewer, "task.read", undefined)})`;
}

/** @param more what every scope reaches besides */
function visibleBy(viewer: Viewer, permission: Permission, more: SQL | undefined): SQL {
  const reached = withinScopes(viewer, permission, reachOf(viewer, more));
  if (reachesAll(viewer, "task.assign")) return reached;
  // What waits for nobody is the managers' affair.
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
    if (scope === "OWN") return or(ofInstance, more);
    // A task that waits for me is work assigned to me, wherever its instance stands.
    return or(ofInstance, isWorker(viewer), more);
  };
}

/** A question about it waits for the answer of the viewer, or of somebody for whom he stands in. */
const isAsked = (viewer: Viewer): SQL => sql`(${tasks.askedId} = ${viewer.userId} or ${tasks.askedId} = any(${absentFor(viewer)}))`;

/** What waits for the viewer: work (`isWorker`), or a question for an answer. */
export const isCandidate = (viewer: Viewer): SQL => sql`(${isWorker(viewer)} or ${isAsked(viewer)})`;

/** Claimed by the viewer, or offered to the viewer, a role, a team or the vendor of the viewer's; or such of somebody who is stood in for, as far as it names that person. */
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

/**
 * Keeps one of the tasks of a vote that nobody has claimed and that are offered alike: the first. Claimed tasks and tasks of no vote stay. For viewers who see the
 * tasks of others: they count decisions to be made, not ballots.
 */
export function isFirstOfVote(): SQL {
  return sql`(${tasks.vote} is null or ${tasks.assigneeId} is not null or workflows.vote_waits_for(${tasks.id}, null))`;
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
