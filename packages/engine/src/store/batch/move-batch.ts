import { asTenant, databaseFaultOf, ServiceUnavailable, type Database, type KeyedCall } from "@weft/shared";
import { paced } from "../paced.js";
import { conflict } from "../write-moves.js";
import { alone, instanceOf, refused, type Booking, type Verdict } from "./booking.js";
import { decide, type Decided, type Keyless } from "./decide.js";
import { readBatch } from "./read.js";
import { writeBatch, type KeyOfBatch } from "./write.js";

/**
 * Moves of one tenant in two statements, each a transaction by itself: all are read, each is decided as if it were alone, and what may be written is written.
 * A verdict for each, in their order; what one of them meets touches no other. Of several on one instance the first that is accepted wins.
 * @throws ServiceUnavailable when the database is out of reach: of none is it known whether it was written, as of any other write then
 */
export async function moveBatch(db: Database, tenantId: string, bookings: readonly Booking[]): Promise<readonly Verdict[]> {
  try {
    return await moveAll(db, tenantId, bookings);
  } catch (error) {
    if (error instanceof ServiceUnavailable && (bookings.length === 1 || !isTimeout(error))) throw error;
    // Undone as a whole. Whose fault it was shows when each goes its own way.
    return bookings.map(() => alone);
  }
}

/** A statement that took too long, or waited too long for a lock: it is known that nothing was written. */
const isTimeout = ({ cause }: Error): boolean => ["57014", "55P03"].includes(databaseFaultOf(cause)?.code ?? "");

async function moveAll(db: Database, tenantId: string, bookings: readonly Booking[]): Promise<readonly Verdict[]> {
  const decisions = await decideAll(db, tenantId, bookings);
  const { moves, losers } = contest(decisions);
  const { unwritten, taken } = await writeBatch(db, tenantId, {
    moves: moves.map(({ decided }) => decided),
    keys: keysOf(bookings, decisions, moves),
  });
  const verdicts = decisions.map((one): Verdict => (one.kind === "decided" ? { kind: "moved", head: one.after } : one));
  for (const { index, isBusy, ...current } of unwritten) {
    const place = moves[index]?.place;
    if (place !== undefined) verdicts[place] = isBusy ? alone : refused(conflict(current));
  }
  for (const place of taken) verdicts[place] = alone;
  for (const [loser, winner] of losers) {
    const won = verdicts[winner] ?? alone;
    if (verdicts[loser] !== alone)
      verdicts[loser] = won.kind === "moved" ? refused(conflict({ currentVersion: won.head.version, currentState: won.head.state })) : won;
  }
  return verdicts;
}

type Decision = Decided | Verdict;

/** A move and its place among the bookings. */
export type Placed = { readonly place: number; readonly decided: Decided };

/** Of several on one instance the first has the move; the others lose to it. */
function contest(decisions: readonly Decision[]): { moves: Placed[]; losers: Map<number, number> } {
  const moves: Placed[] = [];
  const losers = new Map<number, number>();
  const winners = new Map<string, number>();
  for (const [place, decided] of decisions.entries()) {
    if (decided.kind !== "decided") continue;
    const winner = winners.get(decided.before.id);
    if (winner !== undefined) losers.set(place, winner);
    else {
      winners.set(decided.before.id, place);
      moves.push({ place, decided });
    }
  }
  return { moves, losers };
}

/** Those of all on which something was decided: who comes again is to hear the first answer, not a refusal by what the first call has left. */
function keysOf(bookings: readonly Booking[], decisions: readonly Decision[], moves: readonly Placed[]): KeyOfBatch[] {
  const numbers = new Map(moves.map(({ place }, index) => [place, index + 1]));
  return bookings.flatMap((one, k) => {
    if (one.key === null || decisions[k]?.kind === "alone") return [];
    const { place, inputHash } = one.key;
    return [{ k, n: numbers.get(k), ...place, inputHash, result: { id: instanceOf(one) } }];
  });
}

/** Of twins by their key the first is decided; the others go alone, where they find what came of it. */
async function decideAll(db: Database, tenantId: string, bookings: readonly Booking[]): Promise<Decision[]> {
  const read = await readBatch(db, tenantId, bookings);
  const seen = new Set<string>();
  // What is decided meanwhile by others is seen at the write, by its version.
  const decisions = await paced(bookings, async (booking): Promise<Decision | Keyless> => {
    const name = booking.key && nameOf(booking.key);
    const isTwin = name !== null && seen.has(name);
    if (name !== null) seen.add(name);
    return isTwin ? alone : decide(booking, read);
  });
  // A key that is made now can be used once it is committed.
  for (let tries = 0; tries < 2; tries++) {
    const keyless = bookings.filter((_one, place) => decisions[place]?.kind === "keyless");
    if (keyless.length === 0) break;
    await fetchKeys(db, tenantId, keyless);
    for (const [place, booking] of bookings.entries())
      if (decisions[place]?.kind === "keyless") decisions[place] = await decide(booking, read);
  }
  return decisions.map((one) => (one.kind === "keyless" ? alone : one));
}

const nameOf = ({ place: { userId, mutation, key } }: KeyedCall): string => JSON.stringify([userId, mutation, key]);

/** Once a minute for each who acts: the keys under which their addresses are sealed are kept for so long. */
async function fetchKeys(db: Database, tenantId: string, bookings: readonly Booking[]): Promise<void> {
  const actors = new Map(bookings.map(({ meta }) => [meta.actorId, meta.keyring]));
  await asTenant(db, { tenantId }, "write", async (tx) => {
    for (const [actorId, keyring] of [...actors].toSorted(([a], [b]) => (a < b ? -1 : 1))) await keyring.create(tx, tenantId, actorId);
  });
}
