import type { Outcome, OutcomeKind } from "./outcome.js";
import type { Snapshot } from "./snapshot.js";

/** With these the state is entered anew: what was voted before does not count any more, and what was started is over. */
export const ENTERS: ReadonlySet<OutcomeKind> = new Set(["start", "transition", "rollback"]);

/** What the store would read after it had written the outcome. Tasks are known by the version that opened them. */
export function snapshotAfter(before: Snapshot, outcome: Outcome): Snapshot {
  const closed = new Set(outcome.closeTasks.map(({ id }) => id));
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
      children: outcome.startChildren.map(({ rule, index }) => ({ rule, index, ending: null })),
    }),
    openTasks: [
      ...before.openTasks.filter(({ id }) => !closed.has(id)),
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
