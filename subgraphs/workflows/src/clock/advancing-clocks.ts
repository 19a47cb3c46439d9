/**
 * Advances the clocks of sandboxes. The row of an advance is the truth; this module keeps nothing that a restart would lose.
 * It does no due work itself: the sources do, and the consumers of events.
 */
import { newId } from "@weft/shared/ids";
import { chaos } from "@weft/platform/chaos";
import { asTenant, type Tx } from "@weft/platform/db";
import { type EventConsumer, wakeRelay } from "@weft/platform/events";
import { pause } from "@weft/platform/leadership";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../due-work/due-source.js";
import {
  countEffects,
  endAdvance,
  findAdvances,
  hasWaitingEvents,
  lockAdvance,
  moveClock,
  noteProgress,
  pickNext,
  stopClock,
  takeAdvance,
  type Advance,
  type NextWork,
} from "./advance.store.js";

export { findTenantsWithAdvances } from "./advance.store.js";

/** Pieces of due work at a time. */
const BATCH = 50;
/** Batches at the same time of the clock. Work that is always due again at once would never end. */
const MAX_BATCHES_AT_ONCE = 2_000;
const EVENTS_PAUSE_MS = 4;
const LOCKED_PAUSE_MS = 20;

export interface AdvancingOptions {
  readonly services: Pick<Services, "config" | "databases" | "pubsub" | "log">;
  /** Sources of what happens when its time has come, in the order in which they act at the same time. */
  readonly sources: readonly DueSource[];
  /** Consumers whose effects belong to the time of the event. */
  readonly consumers: readonly EventConsumer[];
}

/**
 * Clocks to advance, as a source of due work. The clock of a tenant stands while it is advanced: at the earliest time at which anything is due, until
 * everything due then has happened, including what it causes; then at the next such time, until it reaches the target. Each effect is a transaction of
 * its source, so it happens once, whichever process advances the clock and however often that process is killed.
 */
export function advancingClocks({ services, sources, consumers }: AdvancingOptions): DueSource {
  const { config, databases, pubsub, log } = services;
  const workerId = newId();
  /** Batches since the clock of a tenant moved. */
  const batches = new Map<string, number>();

  const asWorker = <T>(tenantId: string, run: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.worker, { tenantId }, "write", run);

  const take = (tenantId: string) =>
    asWorker(tenantId, async (tx) => {
      await stopClock(tx);
      return takeAdvance(tx, workerId);
    });

  /** Null while events wait. Of several sources with due work, the first acts, and then the consumers of its events. */
  const findNext = (tenantId: string): Promise<NextWork | null> =>
    asTenant(databases.app, { tenantId }, "read", async (tx) => {
      if (await hasWaitingEvents(tx, consumers)) return null;
      const nexts: (string | null)[] = [];
      for (const source of sources) nexts.push(await source.next(tx));
      return pickNext(tx, nexts);
    });

  /**
   * Moves the clock, or ends the advance at its target. Null if it has ended. Looks at the events once more: a transaction that committed while the
   * sources were read has left its events, and its work was still due, or is visible by now.
   */
  const step = (tenantId: string, advance: Advance, next: string | null): Promise<Advance | null> =>
    asWorker(tenantId, async (tx) => {
      const locked = await lockAdvance(tx, workerId, advance);
      if (!locked) return null;
      if (await hasWaitingEvents(tx, consumers)) return locked;
      await countEffects(tx, locked.id);
      if (locked.isThere) await endAdvance(tx, locked.id, { status: "COMPLETED", message: null });
      else if (locked.steps >= config.limits.clockSteps)
        await endAdvance(tx, locked.id, { status: "FAILED", message: tooManySteps(locked.steps) });
      else return moveClock(tx, locked, next);
      return null;
    });

  const fail = (tenantId: string, advance: Advance, message: string): Promise<void> =>
    asWorker(tenantId, async (tx) => {
      const locked = await lockAdvance(tx, workerId, advance);
      if (!locked) return;
      await countEffects(tx, locked.id);
      await endAdvance(tx, locked.id, { status: "FAILED", message });
    });

  /** Does a batch of due work. Returns whether anything was done. */
  async function work(tenantId: string, source: DueSource, signal: AbortSignal): Promise<boolean> {
    const done = await source.run(tenantId, BATCH, signal);
    if (done > 0) await asWorker(tenantId, (tx) => noteProgress(tx, workerId));
    else await pause(LOCKED_PAUSE_MS, signal);
    return done > 0;
  }

  async function run(tenantId: string, signal: AbortSignal): Promise<number> {
    const taken = await take(tenantId);
    if (!taken) return 0;
    if (taken.isStalled) {
      log.error({ tenantId, clockAdvanceId: taken.id }, "an advance of a clock could do nothing for minutes and has failed");
      await fail(tenantId, taken, "Something that is due could not be done for three minutes. The clock continues from the time reached.");
      return 1;
    }
    let advance: Advance | null = taken;
    while (advance && !signal.aborted) {
      const found = await findNext(tenantId);
      const source = found?.due === null || found === null ? undefined : sources[found.due];
      if (found === null) {
        wakeRelay(pubsub, log);
        await pause(EVENTS_PAUSE_MS, signal);
      } else if (source) {
        if (await work(tenantId, source, signal)) batches.set(tenantId, (batches.get(tenantId) ?? 0) + 1);
        if ((batches.get(tenantId) ?? 0) > MAX_BATCHES_AT_ONCE) {
          await fail(tenantId, advance, endless(source.name));
          advance = null;
        }
      } else {
        chaos("clock.quiet");
        const before: string = advance.reached;
        advance = await step(tenantId, advance, found.next);
        chaos("clock.moved");
        if (advance?.reached !== before) batches.delete(tenantId);
      }
    }
    return 1;
  }

  return {
    name: "clock advances",
    find: (tx, limit) => findAdvances(tx, workerId, limit),
    next: () => Promise.resolve(null),
    run: (tenantId, _limit, signal) => run(tenantId, signal),
  };
}

const tooManySteps = (steps: number): string =>
  `The clock has stood at ${steps} times at which something was due, which is the maximum (LIMIT_CLOCK_STEPS). It continues from the time reached. Look for timers and schedules that repeat too often, or advance it again.`;

const endless = (source: string): string =>
  `Something is due again and again at the same time (${source}). The clock continues from the time reached. Look for a loop in the definitions.`;
