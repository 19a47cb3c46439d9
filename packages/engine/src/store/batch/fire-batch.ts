import { asTenant, databaseFaultOf, dropKeys, ServiceUnavailable, takeKeys, type Database, type KeyPlace, type Tx } from "@weft/shared";
import { conflict } from "../write-moves.js";
import { decide, type Decided } from "./decide.js";
import { alone, refused, type BatchFiring, type Verdict } from "./firing.js";
import { readBatch } from "./read.js";
import { writeBatch } from "./write.js";

/**
 * Firings of one tenant in one transaction of two statements: all are read, each is decided as if it were alone, and what may be written is written. A
 * verdict for each, in their order; what one of them meets touches no other. Of several on one instance the first that is accepted wins.
 * @throws ServiceUnavailable when the database is out of reach: of none is it known whether it was written, as of any other write then
 */
export async function fireBatch(db: Database, tenantId: string, firings: readonly BatchFiring[]): Promise<readonly Verdict[]> {
  try {
    return await asTenant(db, { tenantId }, "write", (tx) => fireAll(tx, firings));
  } catch (error) {
    if (error instanceof ServiceUnavailable && !isTimeout(error)) throw error;
    // Rolled back as a whole. Whose fault it was shows when each goes its own way.
    return firings.map(() => alone);
  }
}

/** A statement that took too long, or waited too long for a lock: it is known that nothing was written. */
const isTimeout = ({ cause }: Error): boolean => ["57014", "55P03"].includes(databaseFaultOf(cause)?.code ?? "");

async function fireAll(tx: Tx, firings: readonly BatchFiring[]): Promise<Verdict[]> {
  const blocked = await withoutKey(tx, firings);
  const free = firings.filter((firing) => !blocked.has(firing));
  const reads = await readBatch(tx, [...new Set(free.map(({ firing }) => firing.id))]);
  const verdicts = new Map<BatchFiring, Verdict>();
  const winners = new Map<string, { readonly by: BatchFiring; readonly decided: Decided }>();
  const losers: BatchFiring[] = [];
  for (const one of free) {
    const decided = await decide(tx, one, reads.get(one.firing.id));
    if (decided.kind !== "decided") verdicts.set(one, decided);
    else if (winners.has(one.firing.id)) losers.push(one);
    else winners.set(one.firing.id, { by: one, decided });
  }
  for (const [by, verdict] of await writeAll(tx, [...winners.values()])) verdicts.set(by, verdict);
  for (const loser of losers) {
    const winner = winners.get(loser.firing.id);
    const won = winner && verdicts.get(winner.by);
    if (won?.kind === "fired") verdicts.set(loser, refused(conflict({ currentVersion: won.head.version, currentState: won.head.state })));
    else if (won) verdicts.set(loser, won);
  }
  // Nothing came of these: who comes again with the key is to be heard.
  const unused = free.flatMap((one) => (one.key && verdicts.get(one)?.kind !== "fired" ? [one.key.place] : []));
  if (unused.length > 0) await dropKeys(tx, unused);
  return firings.map((one) => verdicts.get(one) ?? alone);
}

async function writeAll(
  tx: Tx,
  winners: readonly { readonly by: BatchFiring; readonly decided: Decided }[],
): Promise<Map<BatchFiring, Verdict>> {
  const verdicts = new Map<BatchFiring, Verdict>(winners.map(({ by, decided }) => [by, { kind: "fired", head: decided.after }]));
  if (winners.length === 0) return verdicts;
  for (const { index, isBusy, ...current } of await writeBatch(
    tx,
    winners.map(({ decided }) => decided),
  )) {
    const winner = winners[index];
    if (winner) verdicts.set(winner.by, isBusy ? alone : refused(conflict(current)));
  }
  return verdicts;
}

/** Takes the keys, before anything is locked. Gives the firings whose key was taken already: theirs is a replay, or a CONFLICT. */
async function withoutKey(tx: Tx, firings: readonly BatchFiring[]): Promise<ReadonlySet<BatchFiring>> {
  const keyed = firings.flatMap((one) => (one.key ? [{ one, ...one.key, result: { id: one.firing.id } }] : []));
  if (keyed.length === 0) return new Set();
  // Of twins in one batch the first has the key.
  const taken = new Set((await takeKeys(tx, keyed)).map(nameOf));
  return new Set(keyed.flatMap(({ one, place }) => (taken.delete(nameOf(place)) ? [] : [one])));
}

const nameOf = ({ userId, mutation, key }: KeyPlace): string => JSON.stringify([userId, mutation, key]);
