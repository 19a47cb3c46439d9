import { LRUCache } from "lru-cache";
import { QueryLimitExceeded, RateLimited } from "@weft/shared/errors";
import type { CallContext } from "@weft/shared/viewer";
import { processorMs } from "./processor-ms.js";
import { Turns, type TurnWaiting } from "./turns.js";

/** Duration of a turn: the time that an operation computes before others have their turn. */
const turnMs = 5;

/** An operation reaches a subgraph in several calls, sequential and concurrent. No operation takes longer than this. */
const rememberedMs = 120_000;

interface Spent {
  ms: number;
  /** Resolves when the operation's current computation ends. An operation waits for only one turn at a time, even if many of its fields compute. */
  last: Promise<void>;
}

/** The work of one call: a document that is executed by many operations. */
type Work = object;

/** Tenants whose last operation with the same work was refused, and whether it held a connection then. */
const refused = new WeakMap<Work, Map<string, boolean>>();

const operations = new LRUCache<string, Spent>({ max: 20_000, ttl: rememberedMs });
const turns = new Turns();

/**
 * Checks the share of processor time of a tenant before work that is done for it in this process.
 * @throws RateLimited if the tenant has used its share for longer than a caller can wait
 */
export const assertComputingShare = (tenantId: string, waiting: TurnWaiting): void => turns.assertShare(tenantId, waiting);

/** The tenant and operation of a call. */
interface ComputingCall extends Pick<CallContext, "operationId"> {
  readonly viewer: { readonly tenantId: string } | null;
}

/**
 * The computing time of an operation, which it spends on texts, conditions and rules that tenants write. All of its fields share one budget,
 * regardless of their number and names.
 */
export class Computing {
  readonly #turnsOf: string;
  readonly #maxMs: number;
  readonly #spent: Spent;
  readonly #waiting: TurnWaiting;
  readonly #turns: Turns;
  /** Undefined if no turn was refused. */
  #refusal: { readonly heldConnection: boolean } | undefined;

  /**
   * @param ofProcess replaced in tests
   * @param spent budget of the operation. Default: that of all calls with its ID
   */
  constructor({ viewer, operationId }: ComputingCall, maxMs: number, waiting: TurnWaiting = {}, ofProcess: Turns = turns, spent?: Spent) {
    this.#turns = ofProcess;
    this.#waiting = waiting;
    this.#turnsOf = viewer?.tenantId ?? "";
    this.#maxMs = maxMs;
    this.#spent = spent ?? spentBy(operationId === undefined ? undefined : `${this.#turnsOf}:${operationId}`);
  }

  /**
   * Returns the same budget in the turns of a tenant, for an operation without a login that works for one: that of its link. Otherwise all tenants would
   * share the turns of such operations, and a tenant with expensive forms would slow down the links of the others.
   */
  chargedTo(tenantId: string): Computing {
    return new Computing({ viewer: { tenantId }, operationId: undefined }, this.#maxMs, this.#waiting, this.#turns, this.#spent);
  }

  /**
   * Checks the share of the tenant, before work that leads to a turn.
   * @throws RateLimited if a turn would have to wait longer than possible
   */
  assertShare(): void {
    this.#turns.assertShare(this.#turnsOf, this.#waiting);
  }

  /** Creates an instance for work outside operations: without a budget, and in turns separate from those of the tenant's users. */
  static inBackground(tenantId: string): Computing {
    return new Computing({ viewer: { tenantId: `${tenantId} in the background` } }, Infinity);
  }

  /** Processor time used so far. */
  get spentMs(): number {
    return this.#spent.ms;
  }

  /** Whether the operation has any computing time left. */
  get hasLeft(): boolean {
    return this.#spent.ms <= this.#maxMs;
  }

  /** @throws QueryLimitExceeded if no computing time is left */
  assertLeft(): void {
    if (!this.hasLeft) throw new QueryLimitExceeded({ limit: "computingMs", actual: Math.round(this.#spent.ms), max: this.#maxMs });
  }

  /**
   * Begins the work of a call, which may compute. Work that was refused because its tenant had used its share is refused before it does anything, until
   * the tenant has its share again. Other work of the tenant is not affected.
   * @returns a function to call at the end, with the processor time that the call used. If it was refused, that counts for the tenant, too
   * @throws RateLimited
   */
  begin(work: Work): (usedMs: number) => void {
    const heldConnection = refused.get(work)?.get(this.#turnsOf);
    if (heldConnection !== undefined) {
      this.#turns.assertShare(this.#turnsOf, { ...this.#waiting, holdsConnection: () => heldConnection });
      refused.get(work)?.delete(this.#turnsOf);
    }
    const spentBefore = this.#spent.ms;
    return (usedMs) => {
      if (!this.#refusal) return;
      refused.set(work, (refused.get(work) ?? new Map<string, boolean>()).set(this.#turnsOf, this.#refusal.heldConnection));
      // Its turns are counted already.
      this.#turns.charge(this.#turnsOf, Math.max(0, usedMs - (this.#spent.ms - spentBefore)));
    };
  }

  /**
   * Runs synchronous work in its own turn. Other operations are served before and after it. Rethrows errors of the work.
   * @throws QueryLimitExceeded if no computing time was left before it
   */
  run<T>(work: () => T): Promise<T> {
    return this.#queue(() => this.#turn(work));
  }

  /**
   * Runs a generator to its end, in turns of some milliseconds.
   * @param each called with each yielded value
   * @returns the return value of the generator
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

  /**
   * Computes a result for each item, in turns of some milliseconds.
   * @throws QueryLimitExceeded
   */
  async forEach<T, R>(items: readonly T[], compute: (item: T) => R): Promise<R[]> {
    const results: R[] = [];
    if (items.length > 0) await this.runAll(computeEach(items, compute, results));
    return results;
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#spent.last.then(work);
    // This promise is kept for a long time, so it must not keep the result.
    this.#spent.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  async #turn<T>(work: () => T): Promise<T> {
    this.assertLeft();
    const { outcome, ms } = await this.#turns.run(this.#turnsOf, work, this.#waiting).catch((error: unknown) => {
      if (error instanceof RateLimited) this.#refusal = { heldConnection: this.#waiting.holdsConnection?.() === true };
      throw error;
    });
    this.#spent.ms += ms;
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }
}

/**
 * A separate function, because V8 allocates the map of a generator function created per call among the old objects, where it would retain items and
 * results.
 */
function* computeEach<T, R>(items: readonly T[], compute: (item: T) => R, results: R[]): Generator<void, void, void> {
  for (const item of items) yield void results.push(compute(item));
}

/** Runs the generator for one turn. Returns its result, or null if it has not ended. */
function pull<Y, R>(steps: Iterator<Y, R>, each: (step: Y) => void): { readonly value: R } | null {
  const began = processorMs();
  do {
    const next = steps.next();
    if (next.done === true) return { value: next.value };
    each(next.value);
  } while (processorMs() - began < turnMs);
  return null;
}

/**
 * Returns the computing time that calls with the key share.
 * @param key if omitted, the computing time belongs to this call only
 */
function spentBy(key: string | undefined): Spent {
  const known = key === undefined ? undefined : operations.get(key);
  const spent = known ?? { ms: 0, last: Promise.resolve() };
  if (key !== undefined && !known) operations.set(key, spent);
  return spent;
}
