/** The one write of a batch: `engine.apply_batch(ids, versions, batch)`. */
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";
import type { InstanceHead } from "../snapshot.js";
import type { Decided } from "./decide.js";

/** A move that was not written, by its place among the moves. Busy: the instance or a task of it is in somebody's hands, and otherwise as it was. */
export type Unwritten = {
  readonly index: number;
  readonly isBusy: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
};

/** Writes moves of different instances, each upon the version that it was decided upon; gives those that were not written. */
export async function writeBatch(tx: Tx, moves: readonly Decided[]): Promise<Unwritten[]> {
  const ids = moves.map(({ before }) => before.id);
  const versions = moves.map(({ before }) => before.version);
  const [row] = await tx.execute<{ unwritten: (Omit<Unwritten, "index"> & { n: number })[] | null }>(
    named(
      "applyBatch",
      sql`select engine.apply_batch(${sql.param(ids)}::uuid[], ${sql.param(versions)}::integer[], ${textOf(moves)}::text::jsonb) as unwritten`,
    ),
  );
  return (row?.unwritten ?? []).map(({ n, ...rest }) => ({ index: n - 1, ...rest }));
}

function textOf(moves: readonly Decided[]): string {
  const numbered = <T extends object>(listOf: (move: Decided["move"]) => readonly T[]) =>
    moves.flatMap(({ move }, index) => listOf(move).map((one) => ({ n: index + 1, ...one })));
  return JSON.stringify({
    moves: moves.map((each, index) => rowOf(each, index + 1)),
    closeTasks: numbered(({ closeTasks }) => closeTasks),
    openTasks: numbered(({ openTasks }) => openTasks),
    events: numbered(({ events }) => events),
    metered: meteredBy(moves),
  });
}

function rowOf({ move, meta, before, after }: Decided, n: number): Record<string, unknown> {
  const [entry] = move.audit as readonly [AuditEntry];
  const { id: historyId, kind, transition, fromState, comment, input, changes, taskId } = move.history;
  const { state, status, finishedAt, assigneeUserId, assigneeTeamId, assigneeVendorId } = after;
  const row = { state, status, finishedAt, assigneeUserId, assigneeTeamId, assigneeVendorId };
  const born = before.version > 0 ? {} : bornOf(after);
  const data = after.data === before.data ? null : after.data;
  const doneBy = after.doneBy === before.doneBy ? null : after.doneBy;
  const chronicle = { historyId, kind, transition, fromState, comment, input, changes, taskId };
  const audited = { auditId: entry.id, action: entry.action, before: entry.before, changed: changesOf(entry), address: move.sealedAddress };
  const { actorId: actor, onBehalfOf, sessionId, requestId, traceId } = meta;
  return withoutNulls({
    n,
    at: move.occurredAt,
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

/** Who is told of a limit that comes near; null when the moves leave the counters as they are. */
function meteredBy(moves: readonly Decided[]): object | null {
  const [first] = moves.filter(({ before, after }) => before.version === 0 || after.finishedAt !== null);
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
