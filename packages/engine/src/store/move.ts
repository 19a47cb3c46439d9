/** From the core's outcome to what `engine.apply` writes: ids, the row after the move, history, tasks, events, audit entry. */
import type { workflows } from "@weft/drizzle";
import { newId, toAuditRows, toEventRows, type Tx, type WriteMeta } from "@weft/shared";
import { TASK_PRIORITIES } from "../core/machine.js";
import type { Outcome, OutcomeKind } from "../core/outcome.js";
import type { IndexedField } from "../core/definition/indexed.js";
import { withKnownCandidates } from "./candidates.js";
import { withRoutedTasks } from "./routing/route.js";
import { eventsOf } from "./events.js";
import { indexedOf, type IndexedValue } from "./indexed.js";
import { apiPrincipal, assigneeColumns } from "./principal.js";
import type { InstanceHead, OpenTask } from "./snapshot.js";

/** The second argument of `engine.apply`; the function's comment in the migration describes every member. */
export type Move = {
  readonly expectedVersion: number | null;
  readonly occurredAt: string;
  readonly instance: InstanceHead;
  readonly history: Record<string, unknown>;
  readonly closeTasks: readonly TaskClosing[];
  readonly openTasks: readonly TaskOpening[];
  readonly incident: { readonly id: string; readonly kind: string; readonly place: string; readonly message: string } | null;
  /** How the open incident ends. */
  readonly resolution: { readonly action: string; readonly comment: string | null } | null;
  /** Absent: none of them changed. */
  readonly fields?: readonly IndexedValue[];
  readonly words?: readonly string[];
  readonly events: readonly object[];
  readonly audit: readonly object[];
  /** The client's network address as the audit may keep it: sealed. Goes into the context, not into the outcome. */
  readonly sealedAddress: string | null;
};

export type TaskClosing = {
  readonly id: string;
  readonly version: number;
  readonly status: "COMPLETED" | "CLOSED";
  readonly transition: string | null;
};

export type TaskOpening = {
  readonly id: string;
  readonly state: string;
  readonly rule: string;
  readonly title: string;
  readonly candidateRoles: readonly string[];
  readonly candidateUserIds: readonly string[];
  readonly candidateTeamIds: readonly string[];
  readonly candidateVendorIds: readonly string[];
  readonly assigneeId: string | null;
  readonly dueAt: string | null;
  readonly copy: number;
  readonly vote: "ONCE" | "REPEAT" | null;
  /** 0 low … 3 urgent. */
  readonly priority: number;
  readonly checklist: readonly workflows.ChecklistItem[];
};

const historyKinds = {
  start: "START",
  transition: "TRANSITION",
  cancel: "CANCELLATION",
  data: "DATA",
  assign: "ASSIGNMENT",
  comment: "COMMENT",
  suspend: "SUSPENSION",
  resume: "RESUMPTION",
  rollback: "ROLLBACK",
  vote: "VOTE",
  child: "CHILD",
  incident: "INCIDENT",
  resolution: "RESOLUTION",
  migration: "MIGRATION",
} as const satisfies Record<OutcomeKind, string>;

const auditActions = {
  start: "workflow.start",
  transition: "workflow.fire",
  cancel: "workflow.cancel",
  data: "workflow.changeData",
  assign: "workflow.assign",
  comment: "workflow.comment",
  suspend: "workflow.suspend",
  resume: "workflow.resume",
  rollback: "workflow.rollback",
  vote: "workflow.vote",
  child: "workflow.endChild",
  incident: "workflow.openIncident",
  resolution: "workflow.resolveIncident",
  migration: "workflow.migrate",
} as const satisfies Record<OutcomeKind, string>;

/** `before` is null for a start; then `after` has been laid out by the caller and only state and data come from the outcome. */
export type Planned = {
  readonly before: InstanceHead | null;
  readonly after: InstanceHead;
  readonly outcome: Outcome;
  readonly openTasks: readonly OpenTask[];
  /** What lists filter by. */
  readonly index: readonly IndexedField[];
};

/** Lays out everything that one move writes. Personal values in the audit images are sealed here (a statement only when the key is not cached). */
export async function planMove(tx: Tx, meta: WriteMeta, planned: Planned): Promise<Move> {
  const { before, after, outcome } = planned;
  const closeTasks = closings(planned);
  const openTasks = openings(outcome);
  const audit = await toAuditRows(tx, meta, [
    { action: auditActions[outcome.kind], entityType: "instance", entityId: after.id, before, after },
  ]);
  const events = toEventRows(eventsOf({ before, after, outcome, tasks: planned.openTasks, closeTasks, openTasks }));
  return {
    expectedVersion: before && before.version,
    occurredAt: outcome.at,
    instance: after,
    history: {
      id: newId(),
      kind: historyKinds[outcome.kind],
      transition: outcome.transition,
      fromState: outcome.from,
      toState: outcome.to,
      comment: outcome.comment,
      input: outcome.input,
      changes: changesOf(outcome),
      taskId: outcome.taskId,
      isAutomatic: outcome.isAutomatic,
    },
    closeTasks,
    openTasks,
    incident: outcome.incident && { id: newId(), ...outcome.incident },
    resolution: outcome.resolution ?? null,
    ...indexedOf(planned.index, outcome),
    events,
    audit: audit.rows,
    sealedAddress: audit.address,
  };
}

/** A move and what follows from it, each upon the row that the one before leaves. Tasks close at most once in a chain, so those that were read suffice. */
export async function planChain(
  tx: Tx,
  meta: WriteMeta,
  read: { readonly head: InstanceHead; readonly openTasks: readonly OpenTask[]; readonly isNew?: boolean },
  outcomes: readonly [Outcome, ...Outcome[]],
  index: readonly IndexedField[],
): Promise<{ moves: readonly [Move, ...Move[]]; after: InstanceHead }> {
  const [first, ...rest] = await withRoutedTasks(tx, read.head, await withKnownCandidates(tx, outcomes));
  let after = headAfter(read.head, first);
  const moves: [Move, ...Move[]] = [
    await planMove(tx, meta, { before: read.isNew ? null : read.head, after, outcome: first, openTasks: read.openTasks, index }),
  ];
  for (const outcome of rest) {
    const before = after;
    after = headAfter(before, outcome);
    moves.push(await planMove(tx, meta, { before, after, outcome, openTasks: read.openTasks, index }));
  }
  return { moves, after };
}

/** The row after the move. Timestamps are the move's moment, as the database's clock gave it. */
export function headAfter(before: InstanceHead, outcome: Outcome): InstanceHead {
  const finished = outcome.outcome !== null;
  return {
    ...before,
    state: outcome.to,
    status: outcome.status,
    data: outcome.dataChanges.data,
    version: outcome.version.to,
    ...(outcome.assignee === undefined ? {} : assigneeColumns(outcome.assignee)),
    ...(outcome.doneBy && { doneBy: outcome.doneBy }),
    ...(outcome.definitionId !== undefined && { definitionId: outcome.definitionId }),
    updatedAt: outcome.at,
    finishedAt: finished ? outcome.at : before.finishedAt,
  };
}

/** What history keeps so that the state is its fold: values that were set, null for those that are gone, the new assignee of an assignment. */
function changesOf(outcome: Outcome): Record<string, unknown> | null {
  const { patch, removed } = outcome.dataChanges;
  const changes: Record<string, unknown> = { ...patch, ...Object.fromEntries(removed.map((name) => [name, null])) };
  if (outcome.kind === "assign") return { assignee: apiPrincipal(outcome.assignee ?? null) };
  return Object.keys(changes).length > 0 ? changes : null;
}

function closings({ outcome, openTasks }: Planned): TaskClosing[] {
  return outcome.closeTasks.map(({ id, reason }) => {
    const task = openTasks.find((one) => one.id === id);
    if (!task) throw new Error(`the outcome closes task ${id}, which the snapshot did not have`);
    const completed = reason === "completed";
    return { id, version: task.version, status: completed ? "COMPLETED" : "CLOSED", transition: completed ? outcome.transition : null };
  });
}

function openings(outcome: Outcome): TaskOpening[] {
  return outcome.openTasks.map(({ state, rule, title, candidates, copy, vote, dueAt, priority, checklist, assigneeId }) => ({
    id: newId(),
    state,
    rule,
    title,
    candidateRoles: candidates.roles,
    candidateUserIds: candidates.users,
    candidateTeamIds: candidates.teams,
    candidateVendorIds: candidates.vendors,
    assigneeId: assigneeId ?? null,
    dueAt,
    copy,
    vote,
    priority: TASK_PRIORITIES.indexOf(priority),
    checklist: checklist.map((item) => ({ id: newId(), title: item, done: false, doneBy: null, doneAt: null })),
  }));
}
