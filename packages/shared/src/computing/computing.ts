import { LRUCache } from "lru-cache";
import type { CallContext } from "../context/call-context.js";
import { QueryLimitExceeded } from "../errors/errors.js";
import { processorMs } from "./processor-ms.js";
import { Turns, type TurnWaiting } from "./turns.js";

/** So long an operation computes before others have their turn. */
const turnMs = 5;

/** An operation reaches a subgraph in several calls, one after the other and at the same time; none takes longer than this. */
const rememberedMs = 120_000;

interface Spent {
  ms: number;
  /** The end of what the operation computes now: it waits for one turn at a time, however many of its fields compute. */
  last: Promise<void>;
}

const operations = new LRUCache<string, Spent>({ max: 20_000, ttl: rememberedMs });
const turns = new Turns();

/** Whose call it is, and of which operation. */
interface ComputingCall extends Pick<CallContext, "operationId"> {
  readonly viewer: { readonly tenantId: string } | null;
}

/** What one operation computes: on texts, conditions and rules that tenants write. One budget for all of its fields, however many, and under whatever names. */
export class Computing {
  readonly #turnsOf: string;
  readonly #maxMs: number;
  readonly #spent: Spent;
  readonly #waiting: TurnWaiting;

  constructor({ viewer, operationId }: ComputingCall, maxMs: number, waiting: TurnWaiting = {}) {
    this.#waiting = waiting;
    this.#turnsOf = viewer?.tenantId ?? "";
    this.#maxMs = maxMs;
    this.#spent = spentBy(operationId === undefined ? undefined : `${this.#turnsOf}:${operationId}`);
  }

  /** For work of no operation: without a budget, in turns that are not those of the tenant's people. */
  static inBackground(tenantId: string): Computing {
    return new Computing({ viewer: { tenantId: `${tenantId} in the background` } }, Infinity);
  }

  /** Processor time used so far. */
  get spentMs(): number {
    return this.#spent.ms;
  }

  /** Whether the operation can compute anything more. */
  get hasLeft(): boolean {
    return this.#spent.ms <= this.#maxMs;
  }

  /** @throws QueryLimitExceeded when nothing is left */
  assertLeft(): void {
    if (!this.hasLeft) throw new QueryLimitExceeded({ limit: "computingMs", actual: Math.round(this.#spent.ms), max: this.#maxMs });
  }

  /**
   * Runs synchronous work in a turn of its own; others are served before and after it. What it throws is thrown on.
   * @throws QueryLimitExceeded when nothing was left before it
   */
  run<T>(work: () => T): Promise<T> {
    return this.#queue(() => this.#turn(work));
  }

  /**
   * Pulls a generator to its end, in turns of some milliseconds.
   * @param each hears of what was yielded
   * @returns what the generator returns
   * @throws QueryLimitExceeded
   */
  runAll<Y, R>(steps: Iterator<Y, R>, each: (step: Y) => void = () => undefined): Promise<R> {
    return this.#queue(async () => {
      for (;;) {
        const done = await this.#turn(() => pull(steps, each));
        if (done) return done.value;
      }
    });
  }

  /** Computes something for each item, in turns of some milliseconds. @throws QueryLimitExceeded */
  async forEach<T, R>(items: readonly T[], compute: (item: T) => R): Promise<R[]> {
    const results: R[] = [];
    if (items.length > 0) await this.runAll(computeEach(items, compute, results));
    return results;
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#spent.last.then(work);
    // Remembered for long, so not what was computed.
    this.#spent.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #turn<T>(work: () => T): Promise<T> {
    this.assertLeft();
    const { outcome, ms } = await turns.run(this.#turnsOf, work, this.#waiting);
    this.#spent.ms += ms;
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }
}

/** On its own, since V8 makes the map of a generator function that is made for each call among the old objects, which would hold items and results. */
function* computeEach<T, R>(items: readonly T[], compute: (item: T) => R, results: R[]): Generator<void, void, void> {
  for (const item of items) yield void results.push(compute(item));
}

/** Pulls for one turn; the result once there is one. */
function pull<Y, R>(steps: Iterator<Y, R>, each: (step: Y) => void): { readonly value: R } | null {
  const began = processorMs();
  do {
    const next = steps.next();
    if (next.done === true) return { value: next.value };
    each(next.value);
  } while (processorMs() - began < turnMs);
  return null;
}

/** @param key absent: of this call alone */
function spentBy(key: string | undefined): Spent {
  const known = key === undefined ? undefined : operations.get(key);
  const spent = known ?? { ms: 0, last: Promise.resolve() };
  if (key !== undefined && !known) operations.set(key, spent);
  return spent;
}
