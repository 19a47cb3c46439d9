import type { Database } from "@weft/shared";
import type { InstanceHead } from "../snapshot.js";
import { moveBatch } from "./move-batch.js";
import { MAX_CHARS } from "./read.js";
import { givenWith, namesMore, viewerOf, type Begun, type Booking } from "./booking.js";

/** A longer list gains little, and its first waits for its last. */
const MAX_MOVES = 40;
/** Of a tenant: while the database works on some, the next is decided. Two took a fifth less processor time under a crowd, and a tenth more of the clock. */
const MAX_FLIGHTS = 3;
/** A flight that takes longer waits for something: the others of the tenant do not wait with it. */
const SLOW_MS = 100;

/** The row after the move; without one the move is to go the ordinary way, for which something may have been read already. */
export type Landing = { readonly head: InstanceHead } | { readonly head?: undefined; readonly begun?: Begun | undefined };

type Waiting = {
  readonly booking: Booking;
  readonly resolve: (landing: Landing) => void;
  readonly reject: (error: unknown) => void;
};

type Flight = { readonly startedAt: number };

/** A tenant's moves. */
type Lane = {
  readonly tenantId: string;
  readonly queue: Waiting[];
  readonly flights: Set<Flight>;
  isDue: boolean;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Brings moves of one tenant together that are in flight at the same moment in this process. One that is alone goes at once; under load at most three flights of a
 * tenant are under way, and what arrives meanwhile shares the next one. Nobody waits on purpose but for the end of the tick.
 */
export class MoveBatches {
  readonly #db: Database;
  readonly #lanes = new Map<string, Lane>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes the move, unless it is none for a batch. The caller holds no connection meanwhile. Errors: as `fireInstance` and `startInstance`. */
  move(booking: Booking): Promise<Landing> {
    if (!isForBatch(booking)) return Promise.resolve({});
    const lane = this.#laneOf(booking.meta.tenantId);
    return new Promise((resolve, reject) => {
      lane.queue.push({ booking, resolve, reject });
      this.#wake(lane);
    });
  }

  #laneOf(tenantId: string): Lane {
    let lane = this.#lanes.get(tenantId);
    if (!lane) this.#lanes.set(tenantId, (lane = { tenantId, queue: [], flights: new Set(), isDue: false, timer: undefined }));
    return lane;
  }

  /** At the end of the tick, so that all that have come in it go together. */
  #wake(lane: Lane): void {
    if (lane.isDue) return;
    lane.isDue = true;
    setImmediate(() => {
      lane.isDue = false;
      this.#depart(lane);
    });
  }

  #depart(lane: Lane): void {
    while (lane.queue.length > 0) {
      const now = performance.now();
      const fresh = [...lane.flights].filter(({ startedAt }) => now - startedAt < SLOW_MS);
      if (fresh.length >= MAX_FLIGHTS) {
        const oldest = Math.min(...fresh.map(({ startedAt }) => startedAt));
        lane.timer ??= setTimeout(
          () => {
            lane.timer = undefined;
            this.#depart(lane);
          },
          oldest + SLOW_MS - now,
        );
        return;
      }
      const flight = { startedAt: now };
      lane.flights.add(flight);
      void this.#fly(lane.tenantId, lane.queue.splice(0, MAX_MOVES)).finally(() => this.#land(lane, flight));
    }
  }

  async #fly(tenantId: string, aboard: readonly Waiting[]): Promise<void> {
    try {
      const verdicts = await moveBatch(
        this.#db,
        tenantId,
        aboard.map(({ booking }) => booking),
      );
      for (const [index, { resolve, reject }] of aboard.entries()) {
        const verdict = verdicts[index];
        if (verdict?.kind === "refused") reject(verdict.error);
        else if (verdict?.kind === "moved") resolve({ head: verdict.head });
        else resolve({ begun: verdict?.begun });
      }
    } catch (error) {
      for (const { reject } of aboard) reject(error);
    }
  }

  #land(lane: Lane, flight: Flight): void {
    lane.flights.delete(flight);
    if (lane.queue.length > 0) this.#wake(lane);
    else if (lane.flights.size === 0) this.#lanes.delete(lane.tenantId);
  }
}

/** Row-level security knows people of vendors only, one at a time; what else a start may name is looked up the ordinary way. */
const isForBatch = (booking: Booking): boolean =>
  viewerOf(booking).vendorId === null && !isLarge(booking) && ("firing" in booking || !namesMore(booking.starting));

const isLarge = (booking: Booking): boolean => (JSON.stringify(givenWith(booking))?.length ?? 0) > MAX_CHARS;

const batches = new WeakMap<Database, MoveBatches>();

/** Those of a pool: all that write through it meet here. */
export function batchesOf(db: Database): MoveBatches {
  let found = batches.get(db);
  if (!found) batches.set(db, (found = new MoveBatches(db)));
  return found;
}
