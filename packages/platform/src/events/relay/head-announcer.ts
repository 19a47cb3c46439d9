import type { Database } from "../../db/database.js";
import { pause } from "../../leadership/lead.js";
import type { LeadershipLog } from "../../leadership/lead.js";
import { RetryLog } from "../../leadership/retry-log.js";
import type { PubSub } from "../../pubsub/pubsub.js";
import { channels } from "@weft/shared/event-catalog";
import { findHeads } from "./relay.store.js";

const INTERVAL_MS = 1_000;
/** A tenant with new positions is announced for this long. Subscribers that were disconnected for a shorter time receive the announcement. */
const RECENT_MS = 10_000;
/** Number of intervals after which all tenants are announced. */
const ALL_EVERY = 30;
const PER_MESSAGE = 500;

/** Announces the last position of each tenant to subscribers, so that they notice missed events even if none follow. */
export class HeadAnnouncer {
  readonly #options: { database: Database; pubsub: PubSub; log: LeadershipLog };
  readonly #retries: RetryLog;
  readonly #advancedAt = new Map<string, number>();

  constructor(options: { database: Database; pubsub: PubSub; log: LeadershipLog }) {
    this.#options = options;
    this.#retries = new RetryLog(options.log);
  }

  /** Records that the tenant has new positions. */
  advanced(tenantId: string): void {
    this.#advancedAt.set(tenantId, performance.now());
  }

  /** Announces until the term ends. The first round announces all tenants, because an earlier leader could have died before publishing. */
  async run(term: AbortSignal): Promise<void> {
    for (let round = 0; !term.aborted; round++) {
      try {
        await this.#announce(round % ALL_EVERY === 0 ? "all" : this.#recent());
        this.#retries.worked("heads");
      } catch (error) {
        if (!term.aborted) this.#retries.failed("heads", error, {}, "positions could not be announced");
      }
      await pause(INTERVAL_MS, term);
    }
  }

  #recent(): string[] {
    const since = performance.now() - RECENT_MS;
    for (const [tenantId, at] of this.#advancedAt) if (at < since) this.#advancedAt.delete(tenantId);
    return [...this.#advancedAt.keys()];
  }

  async #announce(tenantIds: readonly string[] | "all"): Promise<void> {
    const heads = tenantIds.length === 0 ? [] : await this.#options.database.begin((tx) => findHeads(tx, tenantIds));
    // Publishes at least one message, which is empty if there is nothing to announce. Health checks detect by it that a relay is running.
    for (let from = 0; from === 0 || from < heads.length; from += PER_MESSAGE) {
      await this.#options.pubsub.publish(channels.heads, JSON.stringify(heads.slice(from, from + PER_MESSAGE)));
    }
  }
}
