import type { Database } from "../db/database.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { channels } from "./envelope.js";
import { findHeads } from "./relay.store.js";

const INTERVAL_MS = 1_000;
/** A tenant that moved is announced for this long: a subscriber that was cut off for less hears of it. */
const RECENT_MS = 10_000;
/** All tenants, every so many intervals. */
const ALL_EVERY = 30;
const PER_MESSAGE = 500;

/** Tells subscribers the last position of each tenant, so that they notice what they missed even when nothing follows. */
export class HeadAnnouncer {
  readonly #options: { database: Database; pubsub: PubSub; log: LeadershipLog };
  readonly #movedAt = new Map<string, number>();

  constructor(options: { database: Database; pubsub: PubSub; log: LeadershipLog }) {
    this.#options = options;
  }

  /** The tenant has got new positions. */
  moved(tenantId: string): void {
    this.#movedAt.set(tenantId, performance.now());
  }

  /** Announces until the term ends; the first time all, since an earlier leader may have died before publishing. */
  async run(term: AbortSignal): Promise<void> {
    for (let round = 0; !term.aborted; round++) {
      try {
        await this.#announce(round % ALL_EVERY === 0 ? "all" : this.#recent());
      } catch (error) {
        if (!term.aborted) this.#options.log.error({ err: error }, "positions could not be announced");
      }
      await pause(INTERVAL_MS, term);
    }
  }

  #recent(): string[] {
    const since = performance.now() - RECENT_MS;
    for (const [tenantId, at] of this.#movedAt) if (at < since) this.#movedAt.delete(tenantId);
    return [...this.#movedAt.keys()];
  }

  async #announce(tenantIds: readonly string[] | "all"): Promise<void> {
    const heads = tenantIds.length === 0 ? [] : await this.#options.database.begin((tx) => findHeads(tx, tenantIds));
    // At least one message, an empty one in quiet times: health checks hear by it that a relay is at work.
    for (let from = 0; from === 0 || from < heads.length; from += PER_MESSAGE) {
      await this.#options.pubsub.publish(channels.heads, JSON.stringify(heads.slice(from, from + PER_MESSAGE)));
    }
  }
}
