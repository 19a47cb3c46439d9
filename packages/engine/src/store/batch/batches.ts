import type { Database } from "@weft/shared";
import type { InstanceHead } from "../snapshot.js";
import { moveBatch } from "./move-batch.js";
import { MAX_CHARS } from "./read.js";
import { givenWith, viewerOf, type Booking } from "./booking.js";

/** A longer list gains little, and its first waits for its last. */
const MAX_MOVES = 64;
/** Of a tenant: while the database works on one, the next is decided. */
const MAX_FLIGHTS = 2;
/** A flight that takes longer waits for something: the others of the tenant do not wait with it. */
const SLOW_MS = 100;

type Waiting = {
  readonly booking: Booking;
  readonly resolve: (head: InstanceHead | undefined) => void;
  readonly reject: (error: unknown) => void;
};

type Flight = { readonly startedAt: number };

/** A tenant's moves. */
type Lane = {
  readonly tenantId: string;
  readonly queue: Waiting[];
  readonly flights: Set<Flight>;
  readonly singles: Map<Booking, Flight>;
  isDue: boolean;
  timer: NodeJS.Timeout | undefined;
};

/**
 * Brings moves of one tenant together that are in flight at the same moment in this process. One that is alone goes at once, and the ordinary way; under
 * load at most two flights of a tenant are under way, and what arrives meanwhile shares the next one. Nobody waits on purpose but for the end of the tick.
 */
export class MoveBatches {
  readonly #db: Database;
  readonly #lanes = new Map<string, Lane>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The row after the move; undefined when the move is to go the ordinary way, after which the caller says `landed`. The caller holds no connection meanwhile.
   * Errors: as `fireInstance` and `startInstance`.
   */
  move(booking: Booking): Promise<InstanceHead | undefined> {
    if (viewerOf(booking).vendorId !== null || isLarge(booking)) return Promise.resolve(undefined);
    const lane = this.#laneOf(booking.meta.tenantId);
    return new Promise((resolve, reject) => {
      lane.queue.push({ booking, resolve, reject });
      this.#wake(lane);
    });
  }

  /** A move that went the ordinary way is through, well or not. */
  landed(booking: Booking): void {
    const lane = this.#lanes.get(booking.meta.tenantId);
    const flight = lane?.singles.get(booking);
    if (!lane || !flight) return;
    lane.singles.delete(booking);
    this.#land(lane, flight);
  }

  #laneOf(tenantId: string): Lane {
    let lane = this.#lanes.get(tenantId);
    if (!lane)
      this.#lanes.set(tenantId, (lane = { tenantId, queue: [], flights: new Set(), singles: new Map(), isDue: false, timer: undefined }));
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
      this.#board(lane, lane.queue.splice(0, MAX_MOVES), flight);
    }
  }

  #board(lane: Lane, aboard: readonly Waiting[], flight: Flight): void {
    const [first, ...others] = aboard;
    if (first && others.length === 0) {
      lane.singles.set(first.booking, flight);
      first.resolve(undefined);
      return;
    }
    void this.#fly(lane.tenantId, aboard).finally(() => this.#land(lane, flight));
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
        else resolve(verdict?.kind === "moved" ? verdict.head : undefined);
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

const isLarge = (booking: Booking): boolean => (JSON.stringify(givenWith(booking))?.length ?? 0) > MAX_CHARS;

const batches = new WeakMap<Database, MoveBatches>();

/** Those of a pool: all that write through it meet here. */
export function batchesOf(db: Database): MoveBatches {
  let found = batches.get(db);
  if (!found) batches.set(db, (found = new MoveBatches(db)));
  return found;
}
