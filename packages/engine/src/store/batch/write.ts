/** The one write of a batch: `engine.move_batch(tenant, ids, versions, batch)`, and of one that is alone: `engine.move_one(context, outcome, key)`. */
import type { Database, KeyPlace } from "@weft/shared";
import type { InstanceHead } from "../snapshot.js";
import { contextOf, type Applied } from "../write-moves.js";
import type { Decided } from "./decide.js";

/** A move that was not written, by its place among the moves. Busy: the instance or a task of it is in somebody's hands, and otherwise as it was. */
export type Unwritten = {
  readonly index: number;
  readonly isBusy: boolean;
  readonly currentVersion: number | null;
  readonly currentState: string | null;
};

/** An idempotency key of the batch. `k`: its name in the answer; `n`: the move that it belongs to, from 1; undefined: nothing is written under it, and it is free again afterwards. */
export type KeyOfBatch = KeyPlace & {
  readonly k: number;
  readonly n: number | undefined;
  readonly inputHash: string;
  readonly result: { readonly id: string };
};

export type ToWrite = { readonly moves: readonly Decided[]; readonly keys: readonly KeyOfBatch[] };

/** `taken`: the `k` of the keys that somebody else has. */
export type Written = { readonly unwritten: readonly Unwritten[]; readonly taken: readonly number[] };

type Answer = { readonly unwritten: readonly (Omit<Unwritten, "index"> & { readonly n: number })[]; readonly taken: readonly number[] };

const statement = "/* moveBatch */ select engine.move_batch($1::uuid, $2::uuid[], $3::integer[], $4::text::jsonb) as answer";

/** Writes moves of different instances, each upon the version that it was decided upon, with their keys. */
export async function writeBatch(db: Database, tenantId: string, { moves, keys }: ToWrite): Promise<Written> {
  const [first, ...others] = moves;
  if (!first && keys.length === 0) return { unwritten: [], taken: [] };
  if (first && others.length === 0 && keys.every(({ n }) => n !== undefined)) return writeOne(db, tenantId, first, keys[0]);
  const ids = moves.map(({ before }) => before.id);
  const versions = moves.map(({ before }) => before.version);
  const params = [tenantId, ids, versions, textOf(moves, keys)];
  const [row] = await db.statement<{ answer: Answer | null }>(statement, params, { mode: "write", tenantId });
  const { unwritten = [], taken = [] } = row?.answer ?? {};
  return { unwritten: unwritten.map(({ n, ...rest }) => ({ index: n - 1, ...rest })), taken };
}

const lone = "/* moveOne */ select engine.move_one($1::text::jsonb, $2::text::jsonb, $3::text::jsonb) as answer";

async function writeOne(db: Database, tenantId: string, { meta, move }: Decided, key: KeyOfBatch | undefined): Promise<Written> {
  const { sealedAddress, ...outcome } = move;
  const context = { ...contextOf(meta), userId: meta.actorId, vendorId: null, address: sealedAddress };
  const params = [JSON.stringify(context), JSON.stringify(outcome), key ? JSON.stringify(key) : null];
  const [row] = await db.statement<{ answer: Applied | { readonly isTaken: true } }>(lone, params, { mode: "write", tenantId });
  if (!row) throw new Error("engine.move_one gave no row");
  if ("isTaken" in row.answer) return { unwritten: [], taken: key ? [key.k] : [] };
  const { applied, currentVersion, currentState } = row.answer;
  return { unwritten: applied ? [] : [{ index: 0, isBusy: false, currentVersion, currentState }], taken: [] };
}

function textOf(moves: readonly Decided[], keys: readonly KeyOfBatch[]): string {
  const numbered = <T extends object>(listOf: (move: Decided["move"]) => readonly T[]) =>
    moves.flatMap(({ move }, index) => listOf(move).map((one) => ({ n: index + 1, ...one })));
  return JSON.stringify({
    moves: moves.map((each, index) => rowOf(each, index + 1)),
    closeTasks: numbered(({ closeTasks }) => closeTasks),
    openTasks: numbered(({ openTasks }) => openTasks),
    events: numbered(({ events }) => events),
    metered: meteredBy(moves),
    keys,
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
