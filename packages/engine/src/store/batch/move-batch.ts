import { asTenant, databaseFaultOf, dropKeys, ServiceUnavailable, takeKeys, type Database, type KeyPlace, type Tx } from "@weft/shared";
import { conflict } from "../write-moves.js";
import { decide, type Decided } from "./decide.js";
import { alone, instanceOf, refused, type Booking, type Verdict } from "./booking.js";
import { readBatch } from "./read.js";
import { writeBatch } from "./write.js";

/**
 * Moves of one tenant in one transaction of two statements: all are read, each is decided as if it were alone, and what may be written is written. A
 * verdict for each, in their order; what one of them meets touches no other. Of several on one instance the first that is accepted wins.
 * @throws ServiceUnavailable when the database is out of reach: of none is it known whether it was written, as of any other write then
 */
export async function moveBatch(db: Database, tenantId: string, firings: readonly Booking[]): Promise<readonly Verdict[]> {
  try {
    return await asTenant(db, { tenantId }, "write", (tx) => moveAll(tx, firings));
  } catch (error) {
    if (error instanceof ServiceUnavailable && !isTimeout(error)) throw error;
    // Rolled back as a whole. Whose fault it was shows when each goes its own way.
    return firings.map(() => alone);
  }
}

/** A statement that took too long, or waited too long for a lock: it is known that nothing was written. */
const isTimeout = ({ cause }: Error): boolean => ["57014", "55P03"].includes(databaseFaultOf(cause)?.code ?? "");

async function moveAll(tx: Tx, firings: readonly Booking[]): Promise<Verdict[]> {
  const blocked = await withoutKey(tx, firings);
  const free = firings.filter((firing) => !blocked.has(firing));
  const read = await readBatch(tx, free);
  const verdicts = new Map<Booking, Verdict>();
  const winners = new Map<string, { readonly by: Booking; readonly decided: Decided }>();
  const losers: Booking[] = [];
  for (const one of free) {
    const decided = await decide(tx, one, read);
    if (decided.kind !== "decided") verdicts.set(one, decided);
    else if (winners.has(instanceOf(one))) losers.push(one);
    else winners.set(instanceOf(one), { by: one, decided });
  }
  for (const [by, verdict] of await writeAll(tx, [...winners.values()])) verdicts.set(by, verdict);
  for (const loser of losers) {
    const winner = winners.get(instanceOf(loser));
    const won = winner && verdicts.get(winner.by);
    if (won?.kind === "moved") verdicts.set(loser, refused(conflict({ currentVersion: won.head.version, currentState: won.head.state })));
    else if (won) verdicts.set(loser, won);
  }
  // Nothing came of these: who comes again with the key is to be heard.
  const unused = free.flatMap((one) => (one.key && verdicts.get(one)?.kind !== "moved" ? [one.key.place] : []));
  if (unused.length > 0) await dropKeys(tx, unused);
  return firings.map((one) => verdicts.get(one) ?? alone);
}

async function writeAll(tx: Tx, winners: readonly { readonly by: Booking; readonly decided: Decided }[]): Promise<Map<Booking, Verdict>> {
  const verdicts = new Map<Booking, Verdict>(winners.map(({ by, decided }) => [by, { kind: "moved", head: decided.after }]));
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
async function withoutKey(tx: Tx, firings: readonly Booking[]): Promise<ReadonlySet<Booking>> {
  const keyed = firings.flatMap((one) => (one.key ? [{ one, ...one.key, result: { id: instanceOf(one) } }] : []));
  if (keyed.length === 0) return new Set();
  // Of twins in one batch the first has the key.
  const taken = new Set((await takeKeys(tx, keyed)).map(nameOf));
  return new Set(keyed.flatMap(({ one, place }) => (taken.delete(nameOf(place)) ? [] : [one])));
}

const nameOf = ({ userId, mutation, key }: KeyPlace): string => JSON.stringify([userId, mutation, key]);
