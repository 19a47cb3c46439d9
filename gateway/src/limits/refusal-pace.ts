import { setTimeout as delay } from "node:timers/promises";
import { networkOf } from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { Answer } from "../http/answer.js";

/** Nobody waits longer: a connection that is held is not free either. */
const longestMs = 2_000;

/** What costs a request and is refused before anything is executed. What the rules or the data refuse is no flood's business. */
const cheap: ReadonlySet<unknown> = new Set([
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "QUERY_LIMIT_EXCEEDED",
  "RATE_LIMITED",
  "UNAUTHENTICATED",
]);

/** Time as the pace sees it. */
export interface Clock {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

const realTime: Clock = { now: () => performance.now(), wait: (ms) => delay(ms, undefined, { ref: false }) };

/**
 * Refusals are cheap, and a flood of them fills a processor all the same: an address (of IPv6 a network of 64 bits) that is refused more often than so many
 * times in a second gets its next refusals later, at that rate (the generic cell rate algorithm of ITU-T I.371), but none later than after two seconds. This slows
 * down clients that wait for their answers; how many requests can be under way is bounded by the connections of an address, not here. Answers are never held back.
 */
export class RefusalPace {
  readonly #everyMs: number;
  /** When the next refusal is due, by network. */
  readonly #due = new LRUCache<string, number>({ max: 10_000 });

  readonly #clock: Clock;

  constructor(perSecond: number, clock: Clock = realTime) {
    this.#everyMs = 1_000 / perSecond;
    this.#clock = clock;
  }

  /**
   * Waits until the refusal may be sent.
   * @param address of whoever is refused
   * @param isAnonymous without a login `FORBIDDEN` is no matter of rights: it refuses introspection
   */
  async hold(address: string, { body }: Pick<Answer, "body">, isAnonymous = false): Promise<void> {
    const isCheap = (code: unknown): boolean => cheap.has(code) || (isAnonymous && code === "FORBIDDEN");
    if (!body.errors?.some(({ extensions }) => isCheap(extensions?.["code"]))) return;
    const network = networkOf(address);
    const now = this.#clock.now();
    const due = Math.max(now, this.#due.get(network) ?? 0) + this.#everyMs;
    // A second's worth at once.
    const waitMs = Math.min(due - now - 1_000, longestMs);
    this.#due.set(network, Math.min(due, now + 1_000 + longestMs));
    if (waitMs > 0) await this.#clock.wait(waitMs);
  }
}
