import { performance } from "node:perf_hooks";
import { LRUCache } from "lru-cache";

export interface AdaptiveLimitOptions {
  /** Most operations of one key (tenant) at once while the event loop has time. */
  readonly max: number;
  /** Replaced in tests. */
  readonly loop?: () => LoopTimes;
}

/** Milliseconds: what time it is, and for how long the event loop was at work so far. */
export interface LoopTimes {
  readonly now: number;
  readonly active: number;
}

/** A sample is at least as long, in milliseconds: shorter ones are of one turn or two of the event loop. */
export const sampleMs = 25;
/** Share of the time at work above which fewer are run, and below which more. Between them all is well. What is left is for who comes by, and for collecting garbage. */
const [busyFrom, idleUpTo] = [0.8, 0.65];
/** At least this share of the time one operation of a heavy user runs. */
const least = 1 / 8;
/** Longest rest after an operation, in milliseconds. */
const longestRestMs = 250;
/** What a key has used counts half after as long, and who has used nothing for eight times as long is not there any more. */
const halfLifeMs = 500;

interface Used {
  readonly ms: number;
  readonly at: number;
}

/**
 * How many operations of a heavy user (tenant) one process runs at once. When its event loop has no time left, more at once make none of them faster, and in
 * every turn of the loop everybody else waits for a slice of each. Then of those who use more than the average only as many are run as leave some of the loop to
 * the others, by additive increase and multiplicative decrease (Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance",
 * 1989); less than one is one with a rest after it. Whoever uses less is not held back, and whoever is alone only waits for itself.
 */
export class AdaptiveLimit {
  readonly #max: number;
  readonly #loop: () => LoopTimes;
  readonly #used: LRUCache<string, Used>;
  #limit: number;
  #sample: LoopTimes;
  #heavyFromMs = 0;

  constructor({ max, loop = loopTimes }: AdaptiveLimitOptions) {
    this.#max = max;
    this.#loop = loop;
    this.#limit = max;
    this.#sample = loop();
    this.#used = new LRUCache({ max: 10_000 });
  }

  /** Notes that an operation of the key has run for as long, waiting for its place apart. */
  add(key: string, ms: number): void {
    const times = this.#loop();
    this.#used.set(key, { ms: this.#usedBy(key, times.now) + ms, at: times.now });
    this.adapt();
  }

  /** Looks at the event loop, when there is enough to see since it last did. */
  adapt(): void {
    const times = this.#loop();
    const passed = times.now - this.#sample.now;
    if (passed < sampleMs) return;
    this.#change((times.active - this.#sample.active) / passed);
    this.#sample = times;
    this.#heavyFromMs = this.#heavyFrom(times.now);
  }

  /** How many of a key may run at once. */
  of(key: string): number {
    return this.#isHeavy(key) ? Math.max(1, Math.floor(this.#limit)) : this.#max;
  }

  /** For how long a key keeps the place of an operation that took so many milliseconds. */
  restAfter(key: string, ms: number): number {
    return this.#limit < 1 && this.#isHeavy(key) ? Math.min(longestRestMs, ms * (1 / this.#limit - 1)) : 0;
  }

  #isHeavy(key: string): boolean {
    return this.#limit < this.#max && this.#usedBy(key, this.#sample.now) > this.#heavyFromMs;
  }

  #change(utilization: number): void {
    if (utilization > busyFrom) this.#limit = Math.max(least, this.#limit / 2);
    else if (utilization < idleUpTo) this.#limit = Math.min(this.#max, this.#limit + (this.#limit < 1 ? least : 1));
  }

  /** More than the average, and than a quarter of the most: among many who use next to nothing everybody else is above the average. One key alone is never. */
  #heavyFrom(now: number): number {
    let [sum, most, count] = [0, 0, 0];
    for (const [key, { at }] of this.#used.entries()) {
      if (now - at > 8 * halfLifeMs) break;
      const ms = this.#usedBy(key, now);
      sum += ms;
      most = Math.max(most, ms);
      count++;
    }
    return count === 0 ? 0 : Math.max(sum / count, most / 4);
  }

  #usedBy(key: string, now: number): number {
    const used = this.#used.peek(key);
    return used ? used.ms * 0.5 ** ((now - used.at) / halfLifeMs) : 0;
  }
}

function loopTimes(): LoopTimes {
  const { active } = performance.eventLoopUtilization();
  return { now: performance.now(), active };
}
