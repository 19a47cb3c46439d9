/** `engine.apply_batch(ids, versions, batch)`: several writes of different instances in one statement, each a single outcome. */
import { afterCommit, named, noteDueRuns, type Tx, type WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { InstanceHead } from "../model/instance-head.js";
import type { KeptGuard, KeptWrites } from "./kept-writes.js";
import type { InstanceWrite } from "./instance-write.js";

/** A write of one instance: `before` and `after` are its rows. */
export type BatchWrite = {
  readonly meta: WriteMeta;
  readonly write: InstanceWrite;
  readonly before: InstanceHead;
  readonly after: InstanceHead;
  /** Absent: its definition has no SLAs and no escalations. */
  readonly kept?: BatchKept | undefined;
};

/** What is written about the clocks and escalations of an instance, if what was read about them has not changed. */
export type BatchKept = { readonly guard: KeptGuard & { readonly recomputations: number }; readonly writes: KeptWrites };

/** Whether `engine.apply_batch` can write everything that the write has. */
export function isWritable(
  { instance, incident, resolution, fields, words, audit }: InstanceWrite,
  { ownerId, teamId, definitionId }: InstanceHead,
): boolean {
  const isItsOwn = instance.ownerId === ownerId && instance.teamId === teamId && instance.definitionId === definitionId;
  return isItsOwn && incident === null && resolution === null && fields === undefined && words === undefined && audit.length === 1;
}

/**
 * Writes changes of different instances whose rows the transaction has locked.
 * @throws Error if one of them was not written, because another transaction has locked one of its tasks. The transaction must then be rolled back.
 */
export async function applyBatch(tx: Tx, writes: readonly BatchWrite[]): Promise<void> {
  const ids = writes.map(({ before }) => before.id);
  const versions = writes.map(({ before }) => before.version);
  const [row] = await tx.execute<{ unwritten: { n: number }[] | null }>(
    named(
      "applyBatch",
      sql`select engine.apply_batch(${sql.param(ids)}::uuid[], ${sql.param(versions)}::integer[], ${JSON.stringify(batchOf(writes))}::text::jsonb) as unwritten`,
    ),
  );
  if (writes.some(({ write: { runId, stopsRun } }) => runId !== undefined || stopsRun)) afterCommit(tx, noteDueRuns);
  const busy = row?.unwritten?.map(({ n }) => ids[n - 1]) ?? [];
  if (busy.length > 0) throw new Error(`engine.apply_batch has not written ${busy.join(", ")}: a task was locked`);
}

/** Returns the argument `batch` of `engine.apply_batch`. */
export function batchOf(writes: readonly BatchWrite[]): Readonly<Record<string, unknown>> {
  const numbered = <T extends object>(listOf: (write: InstanceWrite) => readonly T[]): object[] =>
    writes.flatMap(({ write }, index) => listOf(write).map((one) => ({ n: index + 1, ...one })));
  const timers = <T extends object>(listOf: (write: InstanceWrite) => readonly T[] | undefined): object[] =>
    numbered((write) => (listOf(write) ?? []).map((one) => ({ at: write.occurredAt, ...one })));
  return {
    writes: writes.map((each, index) => rowOf(each, index + 1)),
    closeTasks: numbered(({ closeTasks }) => closeTasks),
    openTasks: numbered(({ openTasks }) => openTasks),
    events: numbered(({ events }) => events),
    clearTimers: timers((write) => write.timers?.clear),
    setTimers: timers((write) => write.timers?.set),
    runs: writes.flatMap(({ write, after }, index) => (write.runId === undefined ? [] : [runOf(write, after, index + 1)])),
    stopsRuns: writes.flatMap(({ write }, index) => (write.stopsRun ? [index + 1] : [])),
    metered: meteredBy(writes),
    ...keptBy(writes),
  };
}

/** The run of the state that the write enters. */
const runOf = ({ runId, begun, occurredAt }: InstanceWrite, { definitionId, state, data }: InstanceHead, n: number): object => ({
  n,
  id: runId,
  definitionId,
  state,
  inputs: data,
  at: occurredAt,
  begun,
});

function keptBy(writes: readonly BatchWrite[]): { readonly guards?: readonly object[]; readonly kept?: object } {
  const members = writes.flatMap(({ kept }, index) => (kept ? [{ n: index + 1, ...kept }] : []));
  if (members.length === 0) return {};
  const numbered = (name: keyof KeptWrites): object[] =>
    members.flatMap(({ n, writes: { [name]: rows = [] } }) => rows.map((row) => ({ n, ...row })));
  const names = ["calendars", "clocks", "intervals", "runs", "clearTimers", "setTimers"] as const;
  return {
    guards: members.map(({ n, guard }) => ({ n, ...guard })),
    kept: Object.fromEntries(names.map((name) => [name, numbered(name)])),
  };
}

function rowOf({ write, meta, before, after }: BatchWrite, n: number): Record<string, unknown> {
  const [entry] = write.audit as readonly [AuditEntry];
  const { id: historyId, kind, transition, fromState, comment, input, changes, taskId, isAutomatic } = write.history;
  const { state, status, finishedAt, closedAt, assigneeUserId, assigneeTeamId, assigneeVendorId } = after;
  const row = { state, status, finishedAt, closedAt, assigneeUserId, assigneeTeamId, assigneeVendorId };
  const born = before.version > 0 ? {} : bornOf(after);
  const data = after.data === before.data ? null : after.data;
  const doneBy = after.doneBy === before.doneBy ? null : after.doneBy;
  const chronicle = {
    historyId,
    kind,
    transition,
    fromState,
    comment,
    input,
    changes,
    taskId,
    isAutomatic: isAutomatic === true ? true : null,
  };
  const audited = {
    auditId: entry.id,
    action: entry.action,
    before: entry.before,
    changed: changesOf(entry),
    address: write.sealedAddress,
  };
  const { actorId: actor, onBehalfOf, sessionId, requestId, traceId } = meta;
  return withoutNulls({
    n,
    at: write.occurredAt,
    ...row,
    ...born,
    data,
    doneBy,
    ...chronicle,
    ...audited,
    actor,
    onBehalfOf,
    sessionId,
    requestId,
    traceId,
  });
}

const bornOf = ({ definitionId, definitionKey, ownerId, teamId, environment }: InstanceHead) => ({
  definitionId,
  definitionKey,
  ownerId,
  teamId,
  environment,
});

/** Who is notified of a limit that is almost reached; null if the write leaves the counters unchanged. */
function meteredBy(writes: readonly BatchWrite[]): object | null {
  const [first] = writes.filter(({ before, after }) => before.version === 0 || after.finishedAt !== null);
  if (!first) return null;
  const { actorId, onBehalfOf, requestId, traceId } = first.meta;
  return { actorId, onBehalfOf, requestId, traceId };
}

type Image = Readonly<Record<string, unknown>>;
type AuditEntry = { readonly id: string; readonly action: string; readonly before: Image | null; readonly after: Image };

/** Both images have the same members; sealed values differ each time. */
function changesOf({ before, after }: AuditEntry): Image {
  const changed: Record<string, unknown> = {};
  for (const name in after) if (!before || after[name] !== before[name]) changed[name] = after[name];
  return changed;
}

function withoutNulls(row: Record<string, unknown>): Record<string, unknown> {
  for (const name in row) if (row[name] === null) row[name] = undefined;
  return row;
}
