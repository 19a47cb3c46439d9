import { processorMs } from "./processor-ms.js";

/** Processor time in one turn of the event loop after which further fields wait for the next turn. */
const stretchMs = 10;

/** Clocks in milliseconds, replaced in tests. */
export interface FieldTurnsOptions {
  /** Processor time. */
  readonly clock?: () => number;
  /** Reading the processor time is a system call, so it is read only if as much time has passed on this clock. */
  readonly wallClock?: () => number;
}

interface Waiter {
  readonly start: () => void;
  readonly operation: object;
}

/**
 * Turns between fields. An operation starts all its root fields, and all fields of a page, in one turn of the event loop, in which the process answers
 * nobody else. After some milliseconds of it, further fields wait for the next turn, tenant by tenant. Operations that need less never wait.
 */
export class FieldTurns {
  readonly #clock: () => number;
  readonly #wallClock: () => number;
  /** In order of turns. A tenant that had its turn moves to the end. */
  readonly #waiting = new Map<string, Waiter[]>();
  /** Number of fields of an operation that wait, and what begins after the last one has started. */
  readonly #operations = new Map<object, { count: number; readonly after: (() => void)[] }>();
  /** When the current turn of the event loop began on the clocks; undefined before its first field. */
  #began: { readonly at: number; readonly wall: number } | undefined;

  constructor({ clock = processorMs, wallClock = () => performance.now() }: FieldTurnsOptions = {}) {
    this.#clock = clock;
    this.#wallClock = wallClock;
  }

  /** Returns undefined if a field can start now. Otherwise returns a promise of its turn. */
  take(tenantId: string, operation: object): Promise<void> | undefined {
    if (!this.#waiting.has(tenantId) && !this.#isOver()) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#waiting.size === 0) setImmediate(() => this.#startNext());
    const waiters = this.#waiting.get(tenantId);
    const waiter = { start: resolve, operation };
    if (waiters) waiters.push(waiter);
    else this.#waiting.set(tenantId, [waiter]);
    const known = this.#operations.get(operation);
    if (known) known.count++;
    else this.#operations.set(operation, { count: 1, after: [] });
    return promise;
  }

  /** Runs the work after all waiting fields of the operation have started: a batch of keys then contains those of all fields. */
  afterFields(operation: object, work: () => void): void {
    const waiting = this.#operations.get(operation);
    if (waiting) waiting.after.push(work);
    else afterPromises(work);
  }

  /** Whether the current turn of the event loop has taken long enough. */
  #isOver(): boolean {
    if (this.#began === undefined) {
      this.#began = { at: this.#clock(), wall: this.#wallClock() };
      setImmediate(() => (this.#began = undefined));
      return false;
    }
    return this.#wallClock() - this.#began.wall >= stretchMs && this.#clock() - this.#began.at >= stretchMs;
  }

  #startNext(): void {
    const [next] = this.#waiting;
    if (!next) return;
    if (this.#isOver()) {
      setImmediate(() => this.#startNext());
      return;
    }
    const [tenantId, waiters] = next;
    const waiter = waiters.shift();
    this.#waiting.delete(tenantId);
    if (waiters.length > 0) this.#waiting.set(tenantId, waiters);
    if (waiter) this.#start(waiter);
    // What the field does at once belongs to its turn.
    afterPromises(() => this.#startNext());
  }

  #start({ start, operation }: Waiter): void {
    start();
    const waiting = this.#operations.get(operation);
    if (!waiting || --waiting.count > 0) return;
    this.#operations.delete(operation);
    for (const work of waiting.after) afterPromises(work);
  }
}

/** Runs the work in the same turn of the event loop, after everything that settled promises continue with. */
const afterPromises = (work: () => void): void => queueMicrotask(() => process.nextTick(work));

/** Those of this process. */
export const fieldTurns = new FieldTurns();
