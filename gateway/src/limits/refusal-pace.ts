import { setTimeout as delay } from "node:timers/promises";
import { networkOf } from "@weft/platform/fairness";
import { LRUCache } from "lru-cache";
import type { Answer } from "../http/answer.js";

/** Maximum wait. Holding a connection for longer has a cost too. */
const longestMs = 2_000;

/** Codes of requests that are refused before execution. Refusals by rules or data are not counted as a flood. */
const inexpensive: ReadonlySet<unknown> = new Set([
  "BAD_REQUEST",
  "CONSISTENCY_TIMEOUT",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_NOT_STORED",
  "PERSISTED_QUERY_NOT_FOUND",
  "QUERY_LIMIT_EXCEEDED",
  "RATE_LIMITED",
  "UNAUTHENTICATED",
]);

/** The clock and timer of the pace. */
export interface Clock {
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

const realTime: Clock = { now: () => performance.now(), wait: (ms) => delay(ms, undefined, { ref: false }) };

/**
 * Slows down floods of refusals, which can use up a processor although each one is inexpensive. If an address (for IPv6, a /64 network) is refused more
 * often than the rate per second, its next refusals are delayed to that rate (the generic cell rate algorithm of ITU-T I.371), by at most two
 * seconds. This slows down clients that wait for responses. The number of concurrent requests is limited by the connections per address, not here.
 * Successful responses are never delayed.
 */
export class RefusalPace {
  readonly #everyMs: number;
  /** Time at which the next refusal is due, by network. */
  readonly #due = new LRUCache<string, number>({ max: 10_000 });

  readonly #clock: Clock;

  constructor(perSecond: number, clock: Clock = realTime) {
    this.#everyMs = 1_000 / perSecond;
    this.#clock = clock;
  }

  /**
   * Waits until the refusal can be sent.
   * @param address of the client
   * @param isAnonymous whether the request has no login; `FORBIDDEN` then means that introspection was refused
   */
  async hold(address: string, { body, isRefused = false }: Omit<Answer, "status">, isAnonymous = false): Promise<void> {
    // Input that an operation refuses comes from the data. Consistency tokens are refused before that.
    const isInexpensive = (code: unknown): boolean =>
      inexpensive.has(code) || (isRefused && code === "BAD_USER_INPUT") || (isAnonymous && code === "FORBIDDEN");
    if (!body.errors?.some(({ extensions }) => isInexpensive(extensions?.["code"]))) return;
    const network = networkOf(address);
    const now = this.#clock.now();
    const due = Math.max(now, this.#due.get(network) ?? 0) + this.#everyMs;
    // The refusals of one second are sent without delay.
    const waitMs = Math.min(due - now - 1_000, longestMs);
    this.#due.set(network, Math.min(due, now + 1_000 + longestMs));
    if (waitMs > 0) await this.#clock.wait(waitMs);
  }
}
