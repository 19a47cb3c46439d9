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

/**
 * Refusals are cheap, and a flood of them fills a processor all the same: whoever is refused more often than so many times in a second gets his next
 * refusals later, at that rate (the generic cell rate algorithm of ITU-T I.371, per address, for an IPv6 network of 64 bits). Answers are never held back.
 */
export class RefusalPace {
  readonly #everyMs: number;
  /** When the next refusal is due, by network. */
  readonly #due = new LRUCache<string, number>({ max: 10_000 });

  constructor(perSecond: number) {
    this.#everyMs = 1_000 / perSecond;
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
    const now = performance.now();
    const due = Math.max(now, this.#due.get(network) ?? 0) + this.#everyMs;
    // A second's worth at once.
    const waitMs = Math.min(due - now - 1_000, longestMs);
    this.#due.set(network, Math.min(due, now + 1_000 + longestMs));
    if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
  }
}
