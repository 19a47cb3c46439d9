import { ServiceUnavailable } from "@weft/shared/errors";
import { asTenant, type Database, databaseFaultOf } from "@weft/platform/db";
import { noteNewRuns } from "@weft/platform/events";
import type { KeyedCall } from "@weft/platform/idempotency";
import { mapYielding } from "../model/map-yielding.js";
import { conflict } from "../outcome/write.js";
import { unbatched, instanceOf, refused, type QueuedCall, type CallAnswer } from "./queued-call.js";
import { beginRuns } from "./begin-runs.js";
import { decide, type Decided, type Keyless } from "./decide.js";
import { readBatch, type BatchRead } from "./read.js";
import { writeBatch, type KeyOfBatch, type Written } from "./write.js";

/**
 * Runs calls of one tenant in two statements, each in its own transaction: all are read, each is decided as if it were the only one, and what is
 * accepted is written. Returns a result for each call, in order; a problem of one call does not affect the others. Of several calls on one instance,
 * the first that is accepted wins.
 * @throws ServiceUnavailable if the database is unreachable: as with any other write, it is then unknown what was written
 */
export async function runBatch(db: Database, tenantId: string, calls: readonly QueuedCall[]): Promise<readonly CallAnswer[]> {
  try {
    return await runAll(db, tenantId, calls);
  } catch (error) {
    if (error instanceof ServiceUnavailable && (calls.length === 1 || !isTimeout(error))) throw error;
    // Rolled back as a whole. The cause shows when each call runs unbatched.
    return calls.map(() => unbatched("failed"));
  }
}

/** A statement that took too long, or waited too long for a lock: it is known that nothing was written. */
const isTimeout = ({ cause }: Error): boolean => ["57014", "55P03"].includes(databaseFaultOf(cause)?.code ?? "");

async function runAll(db: Database, tenantId: string, calls: readonly QueuedCall[]): Promise<readonly CallAnswer[]> {
  const { decisions, read } = await decideAll(db, tenantId, calls);
  const { writes, losers } = contest(decisions);
  const { unwritten, taken } = await writeAll(db, tenantId, { calls, decisions, writes, read });
  const answers = decisions.map((one): CallAnswer => (one.kind === "decided" ? { kind: "written", head: one.after } : one));
  for (const { index, isBusy, ...current } of unwritten) {
    const place = writes[index]?.place;
    if (place !== undefined) answers[place] = isBusy ? unbatched("busy") : refused(conflict(current));
  }
  for (const place of taken) answers[place] = unbatched("key");
  for (const [loser, winner] of losers) {
    const won = answers[winner];
    if (won && answers[loser]?.kind !== "unbatched")
      answers[loser] = won.kind === "written" ? refused(conflict({ currentVersion: won.head.version, currentState: won.head.state })) : won;
  }
  return answers;
}

type Decision = Decided | CallAnswer;

type ToWriteAll = {
  readonly calls: readonly QueuedCall[];
  readonly decisions: readonly Decision[];
  readonly writes: readonly Placed[];
  readonly read: BatchRead;
};

/** Writes what was decided. The runs that start begin with it, if this process can do their first steps; the others are named to the workers. */
async function writeAll(db: Database, tenantId: string, { calls, decisions, writes, read }: ToWriteAll): Promise<Written> {
  const keys = keysOf(calls, decisions, writes);
  const deciding = writes.map(({ decided }) => decided);
  const begun = await beginRuns(db, tenantId, deciding, read);
  let isWritten = (_index: number): boolean => false;
  try {
    const written = await writeBatch(db, tenantId, { writes: begun.writes, keys });
    const takenKeys = new Set(written.taken);
    const unwritten = new Set([
      ...written.unwritten.map(({ index }) => index),
      ...keys.flatMap(({ k, n }) => (n !== undefined && takenKeys.has(k) ? [n - 1] : [])),
    ]);
    isWritten = (index) => !unwritten.has(index);
    noteNewRuns(
      deciding.flatMap(({ write: { runId }, before }, index) =>
        runId === undefined || !isWritten(index) || begun.hasBegun(index) ? [] : [{ tenantId, runId, instanceId: before.id }],
      ),
    );
    return written;
  } finally {
    // If it is unknown whether it was written, another worker takes the steps over when their leases are over.
    begun.end(isWritten);
  }
}

/** A decided call and its place in the batch. */
export type Placed = { readonly place: number; readonly decided: Decided };

/** Of several calls on one instance, the first wins; the others lose to it. */
function contest(decisions: readonly Decision[]): { writes: Placed[]; losers: Map<number, number> } {
  const writes: Placed[] = [];
  const losers = new Map<number, number>();
  const winners = new Map<string, number>();
  for (const [place, decided] of decisions.entries()) {
    if (decided.kind !== "decided") continue;
    const winner = winners.get(decided.before.id);
    if (winner !== undefined) losers.set(place, winner);
    else {
      winners.set(decided.before.id, place);
      writes.push({ place, decided });
    }
  }
  return { writes, losers };
}

/**
 * Returns the keys of all calls that were decided: a repeated call should get the first result, not a rejection caused by what the first call
 * changed.
 */
function keysOf(calls: readonly QueuedCall[], decisions: readonly Decision[], writes: readonly Placed[]): KeyOfBatch[] {
  const numbers = new Map(writes.map(({ place }, index) => [place, index + 1]));
  return calls.flatMap((one, k) => {
    if (one.key === null || decisions[k]?.kind === "unbatched") return [];
    const { place, inputHash } = one.key;
    return [{ k, n: numbers.get(k), ...place, inputHash, result: { id: instanceOf(one) } }];
  });
}

/** Of calls with the same key, the first is decided. The others run unbatched, where they find its result. */
async function decideAll(
  db: Database,
  tenantId: string,
  calls: readonly QueuedCall[],
): Promise<{ readonly decisions: readonly Decision[]; readonly read: BatchRead }> {
  const read = await readBatch(db, tenantId, calls);
  const seen = new Set<string>();
  // Changes by others in the meantime are detected at the write, by the version.
  const decisions = await mapYielding(calls, async (call): Promise<Decision | Keyless> => {
    const name = call.key && nameOf(call.key);
    const isTwin = name !== null && seen.has(name);
    if (name !== null) seen.add(name);
    return isTwin ? unbatched("key") : decide(call, read);
  });
  // A key that is created now can be used once it is committed.
  for (let tries = 0; tries < 2; tries++) {
    const keyless = calls.filter((_one, place) => decisions[place]?.kind === "keyless");
    if (keyless.length === 0) break;
    await fetchKeys(db, tenantId, keyless);
    for (const [place, call] of calls.entries()) if (decisions[place]?.kind === "keyless") decisions[place] = await decide(call, read);
  }
  return { decisions: decisions.map((one) => (one.kind === "keyless" ? unbatched("key") : one)), read };
}

const nameOf = ({ place: { userId, mutation, key } }: KeyedCall): string => JSON.stringify([userId, mutation, key]);

/** Runs once a minute for each actor: the keys that seal their addresses are cached for that time. */
async function fetchKeys(db: Database, tenantId: string, calls: readonly QueuedCall[]): Promise<void> {
  const actors = new Map(calls.map(({ meta }) => [meta.actorId, meta.keyring]));
  await asTenant(db, { tenantId }, "write", async (tx) => {
    for (const [actorId, keyring] of [...actors].toSorted(([a], [b]) => (a < b ? -1 : 1))) await keyring.create(tx, tenantId, actorId);
  });
}
