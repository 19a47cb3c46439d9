/** `engine.apply_batch(ids, versions, batch)`: several writes of different instances in one statement, each a single outcome. */
import { afterCommit, named, type Tx } from "@weft/platform/db";
import { noteDueRuns, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import type { InstanceHead } from "../model/instance-head.js";
import type { SlaGuard, SlaWrites } from "./sla-writes.js";
import type { InstanceWrite } from "./instance-write.js";
import { rowsOf } from "./written-rows.js";

/** A write of one instance: `before` and `after` are its rows. */
export type BatchWrite = {
  readonly meta: WriteMeta;
  readonly write: InstanceWrite;
  readonly before: InstanceHead;
  readonly after: InstanceHead;
  /** Absent: its definition has no SLAs and no escalations. */
  readonly sla?: BatchSla | undefined;
};

/** What is written about the clocks and escalations of an instance, if what was read about them has not changed. */
export type BatchSla = { readonly guard: SlaGuard & { readonly recomputations: number }; readonly writes: SlaWrites };

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
  const lists: Record<string, object[]> = {};
  for (const [index, each] of writes.entries()) {
    const add = (name: string, rows: readonly object[] = []): void => {
      for (const row of rows) (lists[name] ??= []).push(withoutNulls({ n: index + 1, ...row }));
    };
    add("changes", [changeOf(each)]);
    add(each.before.version === 0 ? "starts" : "updates", [instanceRowOf(each)]);
    for (const [name, list] of Object.entries(rowsOf(each.write))) add(name, list);
  }
  return { ...lists, metered: meteredBy(writes), ...slaBy(writes) };
}

function changeOf({ meta, write }: BatchWrite): object {
  const { actorId, onBehalfOf, sessionId, requestId, traceId } = meta;
  return { at: write.occurredAt, actorId, onBehalfOf, sessionId, requestId, traceId, address: write.sealedAddress };
}

/** Data and the people of steps can be large: they are absent unless they change. So is what only a start sets. */
function instanceRowOf({ before, after }: BatchWrite): object {
  const { state, status, assigneeUserId, assigneeTeamId, assigneeVendorId, finishedAt, closedAt } = after;
  const data = after.data === before.data ? null : after.data;
  const doneBy = after.doneBy === before.doneBy ? null : after.doneBy;
  const row = { state, status, data, assigneeUserId, assigneeTeamId, assigneeVendorId, finishedAt, closedAt, doneBy };
  if (before.version > 0) return row;
  const { definitionId, definitionKey, ownerId, teamId, environment } = after;
  return { ...row, definitionId, definitionKey, ownerId, teamId, environment };
}

function slaBy(writes: readonly BatchWrite[]): { readonly guards?: readonly object[]; readonly sla?: object } {
  const members = writes.flatMap(({ sla }, index) => (sla ? [{ n: index + 1, ...sla }] : []));
  if (members.length === 0) return {};
  const numbered = (name: keyof SlaWrites): object[] =>
    members.flatMap(({ n, writes: { [name]: rows = [] } }) => rows.map((row) => ({ n, ...row })));
  const names = ["calendars", "clocks", "intervals", "runs", "clearTimers", "setTimers"] as const;
  return {
    guards: members.map(({ n, guard }) => ({ n, ...guard })),
    sla: Object.fromEntries(names.map((name) => [name, numbered(name)])),
  };
}

/** Who is notified of a limit that is almost reached; null if the write leaves the counters unchanged. */
function meteredBy(writes: readonly BatchWrite[]): object | null {
  const [first] = writes.filter(({ before, after }) => before.version === 0 || after.finishedAt !== null);
  if (!first) return null;
  const { actorId, onBehalfOf, requestId, traceId } = first.meta;
  return { actorId, onBehalfOf, requestId, traceId };
}

function withoutNulls(row: Record<string, unknown>): object {
  for (const name in row) if (row[name] === null) row[name] = undefined;
  return row;
}
