/**
 * Outcome: lays out what `engine.apply` writes for an outcome of the core: the row, history, tasks, events and the audit entry.
 * It adds IDs, and routes tasks to people who exist.
 * This module never decides what happens to an instance: the core has done so.
 */
import { newId } from "@weft/shared/ids";
import { toAuditRows } from "@weft/platform/audit";
import { afterCommit, type Tx } from "@weft/platform/db";
import { noteDueRuns, toEventRows, type WriteMeta } from "@weft/platform/events";
import type { IndexedField } from "../../core/model/machine.js";
import { TASK_PRIORITIES } from "../../core/model/priority.js";
import type { Outcome, OutcomeKind } from "../../core/model/outcome.js";
import { withKnownPeople } from "./candidates.js";
import { withRoutedTasks } from "../routing/route.js";
import { eventsOf, runStarted } from "./events.js";
import { indexedOf } from "./indexed.js";
import type { InstanceWrite, TaskClosing, TaskOpening } from "./instance-write.js";
import { apiPrincipal, assigneeColumns } from "../model/principal.js";
import type { OpenTask } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";

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
  timer: "TIMER",
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
  timer: "workflow.runTimer",
} as const satisfies Record<OutcomeKind, string>;

/** `before` is null for a start. Then the caller has prepared `after`, and only state and data come from the outcome. */
export type Planned = {
  readonly before: InstanceHead | null;
  readonly after: InstanceHead;
  readonly outcome: Outcome;
  readonly openTasks: readonly OpenTask[];
  /** The properties that lists can filter by. */
  readonly index: readonly IndexedField[];
  /** Version of the instance after the last outcome of the chain. */
  readonly settledVersion: number;
};

/** Plans everything that one outcome writes. Personal values in the audit images are sealed here (with a statement only if the key is not cached). */
export async function planWrite(tx: Tx, meta: WriteMeta, planned: Planned): Promise<InstanceWrite> {
  const { before, after, outcome, settledVersion } = planned;
  if (outcome.kind === "suspend" || outcome.kind === "resume") afterCommit(tx, noteDueRuns);
  const closeTasks = closings(planned);
  const openTasks = openings(outcome);
  const audit = await toAuditRows(tx, meta, [
    { action: auditActions[outcome.kind], entityType: "instance", entityId: after.id, before, after },
  ]);
  const runId = outcome.startsRun && newId();
  const events = toEventRows(
    [
      ...eventsOf({ before, after, outcome, tasks: planned.openTasks, closeTasks, openTasks, settledVersion }),
      ...(runId ? [runStarted(after, runId)] : []),
    ],
    meta,
  );
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
    ...timersOf(outcome, openTasks),
    ...(outcome.stopsRun && { stopsRun: true }),
    ...(runId && { runId }),
    incident: outcome.incident && { id: newId(), ...outcome.incident },
    resolution: outcome.resolution ?? null,
    ...indexedOf(planned.index, outcome),
    events,
    audit: audit.rows,
    sealedAddress: audit.address,
    ...(outcome.offers && { offers: outcome.offers }),
  };
}

/**
 * Plans an outcome and what follows from it, each based on the row that the previous one leaves. Tasks close at most once in a chain, so those that
 * were read are enough.
 */
export async function planWrites(
  tx: Tx,
  meta: WriteMeta,
  read: { readonly head: InstanceHead; readonly openTasks: readonly OpenTask[]; readonly isNew?: boolean },
  outcomes: readonly [Outcome, ...Outcome[]],
  index: readonly IndexedField[],
): Promise<{ writes: readonly [InstanceWrite, ...InstanceWrite[]]; after: InstanceHead }> {
  const [first, ...rest] = await withRoutedTasks(tx, read.head, await withKnownPeople(tx, outcomes));
  const { openTasks } = read;
  const settledVersion = (rest.at(-1) ?? first).version.to;
  let after = headAfter(read.head, first);
  const writes: [InstanceWrite, ...InstanceWrite[]] = [
    await planWrite(tx, meta, { before: read.isNew ? null : read.head, after, outcome: first, openTasks, index, settledVersion }),
  ];
  for (const outcome of rest) {
    const before = after;
    after = headAfter(before, outcome);
    writes.push(withOpenedIds(await planWrite(tx, meta, { before, after, outcome, openTasks, index, settledVersion }), writes));
  }
  return { writes, after };
}

/** Offers of tasks that the same chain opens reference them by version and place, as `snapshotAfter` does. */
function withOpenedIds(write: InstanceWrite, earlier: readonly InstanceWrite[]): InstanceWrite {
  if (!write.offers) return write;
  const ids = new Map<string, string>(
    earlier.flatMap(({ instance, openTasks }) => openTasks.map(({ id }, at) => [`${instance.version}-${at}`, id] as const)),
  );
  return { ...write, offers: write.offers.map((offer) => ({ ...offer, id: ids.get(offer.id) ?? offer.id })) };
}

/** The timers of tasks reference the IDs under which the tasks are opened. Absent if no timer changes, so that an outcome without timers costs nothing. */
function timersOf(outcome: Outcome, opened: readonly TaskOpening[]): Pick<InstanceWrite, "timers"> {
  const { timersToSet, timersToClear, openTasks } = outcome;
  const ofTasks = openTasks.flatMap(({ timers = [] }, index) => timers.map((timer) => ({ ...timer, taskId: opened[index]?.id })));
  if (timersToSet.length === 0 && timersToClear.length === 0 && ofTasks.length === 0) return {};
  return { timers: { clear: timersToClear, set: [...timersToSet, ...ofTasks].map((timer) => ({ id: newId(), ...timer })) } };
}

/** Returns the row after the outcome. Timestamps are the time of the outcome, from the database's clock. */
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
    closedAt: outcome.isClosed === undefined ? before.closedAt : outcome.isClosed ? outcome.at : null,
  };
}

/**
 * Returns what the history records, so that the state can be rebuilt from it: values that were set, null for removed values, the new assignee of an
 * assignment.
 */
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
