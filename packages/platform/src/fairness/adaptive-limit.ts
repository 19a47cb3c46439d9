import { performance } from "node:perf_hooks";
import { LRUCache } from "lru-cache";

export interface AdaptiveLimitOptions {
  /** Maximum number of concurrent operations per key (tenant) while the event loop has capacity. */
  readonly max: number;
  /** Replaced in tests. */
  readonly loop?: () => LoopTimes;
}

/** Current time, and total active time of the event loop, in milliseconds. */
export interface LoopTimes {
  readonly now: number;
  readonly active: number;
}

/** Minimum length of a sample, in milliseconds. Shorter samples cover only one or two turns of the event loop. */
export const sampleMs = 25;
/**
 * Utilization of the event loop above which the limit is lowered, and below which it is raised. In between, it stays unchanged. The remaining
 * capacity is for new users and for garbage collection.
 */
const [busyFrom, idleUpTo] = [0.8, 0.65];
/** Time constant of the average of the utilization, in milliseconds. A loop that is busy for one or two samples is not saturated. */
const averagedMs = 100;
/** Minimum share of the time during which one operation of a heavy user runs. */
const least = 1 / 4;
/** Maximum pause after an operation, in milliseconds. */
const longestRestMs = 250;
/**
 * Half-life of a key's usage. It is long because users come in bursts: one who is idle for five seconds and then needs the whole process for half a
 * second uses no more than the others. A flood exceeds the threshold within a second all the same. A key without new usage for four half-lives is
 * ignored.
 */
const halfLifeMs = 5_000;
/** Usage of a key whose operations are always the only ones that run: the integral over the decay. */
const usageOfAllMs = halfLifeMs / Math.LN2;
/**
 * What a heavy user exceeds: this share of the process, this many times the average of the lighter half of the users, and this share of what the heaviest
 * user uses. The usage of equal users differs from moment to moment, so a smaller factor would slow down half of them all the time.
 */
const [heavyFromShare, heavyFromTimesLighter, heavyFromShareOfMost] = [1 / 32, 3, 1 / 4];
/** Number of keys that are compared, those with the latest usage first. */
const maxCompared = 1_000;

interface Used {
  readonly ms: number;
  readonly at: number;
}

/**
 * Limits the number of operations that a heavy user (tenant) can run concurrently in one process. When the event loop is saturated, more concurrency
 * does not make any of these operations faster, but all other users wait for a slice of each in every turn of the loop. Users who use several times as
 * much as the others are then limited so that capacity remains for them. Users with about equal usage are not: slowing some of them down would only
 * leave the loop idle in between. The limit uses additive increase and multiplicative decrease (Chiu and Jain, "Analysis of the
 * increase and decrease algorithms for congestion avoidance", 1989). A limit below one means one operation at a time, with a pause after each. A
 * single user waits only for its own operations.
 */
export class AdaptiveLimit {
  readonly #max: number;
  readonly #loop: () => LoopTimes;
  readonly #used: LRUCache<string, Used>;
  #limit: number;
  #utilization = 0;
  #sample: LoopTimes;
  #heavyFromMs = 0;

  constructor({ max, loop = loopTimes }: AdaptiveLimitOptions) {
    this.#max = max;
    this.#loop = loop;
    this.#limit = max;
    this.#sample = loop();
    this.#used = new LRUCache({ max: 10_000 });
  }

  /**
   * Records an operation of the key that has ended: its share of the time in which it ran. While `n` operations run, each uses `1/n` of the time. With
   * whole durations, the usage of a user with many operations at once would rise with their square, because each delays the others.
   */
  add(key: string, ms: number): void {
    const times = this.#loop();
    this.#used.set(key, { ms: this.#usedBy(key, times.now) + ms, at: times.now });
    this.adapt(times);
  }

  /** Adjusts the limit to the average utilization of the event loop, if enough time has passed since the last sample. */
  adapt(times: LoopTimes = this.#loop()): void {
    const passed = times.now - this.#sample.now;
    if (passed < sampleMs) return;
    const utilization = (times.active - this.#sample.active) / passed;
    this.#utilization += (utilization - this.#utilization) * (1 - Math.exp(-passed / averagedMs));
    this.#change();
    this.#sample = times;
    // Otherwise, nobody is limited, heavy or not.
    if (this.#limit < this.#max) this.#heavyFromMs = this.#heavyFrom(times.now);
  }

  /** Returns the maximum number of concurrent operations of a key. */
  of(key: string): number {
    return this.#isHeavy(key) ? Math.max(1, Math.floor(this.#limit)) : this.#max;
  }

  /** Returns how long a key keeps the slot of an operation that took this many milliseconds. */
  restAfter(key: string, ms: number): number {
    return this.#limit < 1 && this.#isHeavy(key) ? Math.min(longestRestMs, ms * (1 / this.#limit - 1)) : 0;
  }

  #isHeavy(key: string): boolean {
    return this.#limit < this.#max && this.#usedBy(key, this.#sample.now) > this.#heavyFromMs;
  }

  #change(): void {
    if (this.#utilization > busyFrom) this.#limit = Math.max(least, this.#limit / 2);
    else if (this.#utilization < idleUpTo) this.#limit = Math.min(this.#max, this.#limit + (this.#limit < 1 ? least : 1));
  }

  /** Returns the usage above which a key is heavy. A single key is never heavy. */
  #heavyFrom(now: number): number {
    const usages: number[] = [];
    for (const [key, { at }] of this.#used.entries()) {
      if (now - at > 4 * halfLifeMs || usages.length === maxCompared) break;
      usages.push(this.#usedBy(key, now));
    }
    const ascending = Float64Array.from(usages).sort();
    const lighter = ascending.subarray(0, Math.floor(ascending.length / 2));
    const most = ascending.at(-1) ?? 0;
    if (lighter.length === 0) return most;
    const averageOfLighter = lighter.reduce((sum, ms) => sum + ms, 0) / lighter.length;
    return Math.max(heavyFromShare * usageOfAllMs, heavyFromTimesLighter * averageOfLighter, heavyFromShareOfMost * most);
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
