import type { Outcome, Snapshot } from "./types.js";

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
    openTasks: [
      ...before.openTasks.filter(({ id }) => !closed.has(id)),
      ...outcome.openTasks.map(({ rule, state, title, candidates, copy }, index) => ({
        id: `${version}-${index}`,
        rule,
        state,
        title,
        assigneeId: null,
        candidateRoles: candidates.roles,
        copy,
      })),
    ],
  };
}
