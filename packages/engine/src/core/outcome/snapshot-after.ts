import type { CandidateChange } from "../model/candidate-change.js";
import type { Outcome, OutcomeKind } from "../model/outcome.js";
import type { Snapshot, SnapshotTask } from "../model/snapshot.js";

/** Kinds that enter the state again: earlier votes no longer count, and children that were started are over. */
export const ENTERS: ReadonlySet<OutcomeKind> = new Set(["start", "transition", "rollback"]);

/** Returns what the store would read after writing the outcome. Tasks are identified by the version that opened them. */
export function snapshotAfter(before: Snapshot, outcome: Outcome): Snapshot {
  const closed = new Set(outcome.closeTasks.map(({ id }) => id));
  const offers = new Map((outcome.offers ?? []).map((offer) => [offer.id, offer]));
  const version = outcome.version.to;
  return {
    ...before,
    state: outcome.to,
    status: outcome.status,
    data: outcome.dataChanges.data,
    version,
    assignee: outcome.assignee === undefined ? before.assignee : outcome.assignee,
    ...(outcome.doneBy && { doneBy: outcome.doneBy }),
    votes: outcome.vote ? [...(before.votes ?? []), outcome.vote] : ENTERS.has(outcome.kind) ? [] : before.votes,
    ...((ENTERS.has(outcome.kind) || outcome.startChildren.length > 0) && {
      children: [
        ...(ENTERS.has(outcome.kind) ? [] : (before.children ?? [])),
        ...outcome.startChildren.map(({ rule, index }) => ({ rule, index, ending: null })),
      ],
    }),
    openTasks: [
      ...before.openTasks.filter(({ id }) => !closed.has(id)).map((task) => offered(task, offers.get(task.id))),
      ...outcome.openTasks.map(({ rule, state, title, candidates, checklist, copy }, index) => ({
        id: `${version}-${index}`,
        rule,
        state,
        title,
        assigneeId: null,
        candidateRoles: candidates.roles,
        candidateUserIds: candidates.users,
        candidateTeamIds: candidates.teams,
        candidateVendorIds: candidates.vendors,
        copy,
        unticked: checklist.length,
      })),
    ],
  };
}

/** The task after a new assignee has changed whose it is. */
function offered(task: SnapshotTask, offer: CandidateChange | undefined): SnapshotTask {
  if (!offer) return task;
  const { candidateUserIds, candidateTeamIds, candidateVendorIds, assigneeId, isKept } = offer;
  const candidates = { candidateUserIds, candidateTeamIds, candidateVendorIds };
  return { ...task, ...candidates, ...(!isKept && { assigneeId, delegatedFrom: [] }) };
}
