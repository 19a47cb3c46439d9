/**
 * Feeds: delivers the events of each tenant, or its sealed audit entries, in order and without gaps, from messages and from the log. This folder knows no
 * viewers, and never decides who receives an event.
 */
import {
  ANY_SUBJECT,
  channels,
  type EventEnvelope,
  parseEnvelope,
  parseHeads,
  parseSignal,
  signalEvent,
  signalTypes,
} from "@weft/shared/event-catalog";
import { asTenant, type Database } from "@weft/platform/db";
import { contained, type Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { type CommittedEvents, CommittedEventsReader } from "./committed-events.js";
import { type FeedSource, feedSources } from "./feed-source.js";
import { TenantFeed } from "./tenant-feed.js";

/** Time without messages after which a feed reads the log. The relay's messages normally arrive sooner; this covers lost messages. */
const pollMs = 1_000;

interface Slot {
  readonly feed: Promise<TenantFeed>;
  users: number;
  heardAt: number;
  /** Highest position announced before the feed was ready. */
  announced: number;
}

interface FeedsOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly onEvent: (event: EventEnvelope) => void;
  readonly source?: FeedSource;
}

/** The feeds of all tenants that have subscribers here, over one subscription to the channels. */
export class Feeds {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #onEvent: (event: EventEnvelope) => void;
  readonly #source: FeedSource;
  readonly #slots = new Map<string, Slot>();
  readonly #committed: CommittedEventsReader;
  readonly #ends: (() => unknown)[] = [];
  #isCatchingUp = false;

  /**
   * @param options.onEvent called with each event of these tenants, before any subscription receives it
   * @param options.source default: the events
   */
  constructor({ database, log, onEvent, source = feedSources.events }: FeedsOptions) {
    this.#database = database;
    this.#source = source;
    this.#committed = new CommittedEventsReader(database);
    this.#log = log;
    this.#onEvent = onEvent;
  }

  async start(pubsub: PubSub): Promise<void> {
    if (this.#source.hasMessages)
      this.#ends.push(
        await pubsub.subscribe(channels.events, (message) => this.#onEventMessage(message)),
        await pubsub.subscribe(channels.signals, (message) => this.#onSignalMessage(message)),
        pubsub.onReconnect(() => this.#signalAll()),
      );
    this.#ends.push(
      await pubsub.subscribe(this.#source.heads, (message) => this.#onHeads(message)),
      pubsub.onReconnect(contained("catching up with the event log", () => this.#catchUp(() => true))),
    );
    const poll = (): Promise<void> => this.#catchUp(({ heardAt }) => performance.now() - heardAt >= pollMs);
    const timer = setInterval(contained("catching up with the event log", poll), pollMs);
    timer.unref();
    this.#ends.push(() => clearInterval(timer));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
  }

  /** Returns the tenant's feed. Call `leave` when it is no longer needed. */
  async join(tenantId: string): Promise<{ feed: TenantFeed; leave: () => void }> {
    let slot = this.#slots.get(tenantId);
    if (!slot) {
      slot = { feed: this.#open(tenantId), users: 0, heardAt: performance.now(), announced: 0 };
      this.#slots.set(tenantId, slot);
    }
    const joined = slot;
    joined.users++;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      if (--joined.users === 0 && this.#slots.get(tenantId) === joined) this.#slots.delete(tenantId);
    };
    try {
      const feed = await joined.feed;
      feed.announce(joined.announced);
      return { feed, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Reads a part of the tenant's log, for a subscriber that reconnects. */
  read(tenantId: string, afterPosition: number, limit: number): Promise<readonly EventEnvelope[]> {
    return asTenant(this.#database, { tenantId }, "read", (tx) => this.#source.read(tx, afterPosition, limit));
  }

  /** Returns the last position of the tenant's log. */
  head(tenantId: string): Promise<number> {
    return asTenant(this.#database, { tenantId }, "read", (tx) => this.#source.head(tx));
  }

  /** Returns the position up to which the tenant's events have been deleted because of their age. */
  deletedUpTo(tenantId: string): Promise<number> {
    return asTenant(this.#database, { tenantId }, "read", (tx) => this.#source.deletedUpTo(tx));
  }

  /** Returns the events of a tenant that are committed now. Null if too many have no position. @throws ServiceUnavailable */
  committed(tenantId: string): Promise<CommittedEvents | null> {
    return this.#committed.read(tenantId);
  }

  async #open(tenantId: string): Promise<TenantFeed> {
    const position = await this.head(tenantId);
    const feed = new TenantFeed({
      position,
      read: (after, limit) => this.read(tenantId, after, limit),
      onError: (error) => this.#log.warn({ err: error, tenantId }, "the event log could not be read; retrying with the next poll"),
    });
    feed.listen(this.#onEvent);
    return feed;
  }

  #onEventMessage(message: string): void {
    if (this.#slots.size === 0) return;
    const event = this.#parse(() => parseEnvelope(message));
    const slot = event && this.#slots.get(event.tenantId);
    if (!event || !slot) return;
    slot.heardAt = performance.now();
    slot.announced = Math.max(slot.announced, event.position);
    slot.feed.then(
      contained("delivering an event", (feed) => feed.offer(event)),
      () => undefined,
    );
  }

  #onHeads(message: string): void {
    if (this.#slots.size === 0) return;
    for (const { tenantId, position } of this.#parse(() => parseHeads(message)) ?? []) {
      const slot = this.#slots.get(tenantId);
      if (!slot) continue;
      slot.heardAt = performance.now();
      slot.announced = Math.max(slot.announced, position);
      slot.feed.then(
        contained("delivering events", (feed) => feed.announce(position)),
        () => undefined,
      );
    }
  }

  #onSignalMessage(message: string): void {
    if (this.#slots.size === 0) return;
    const signal = this.#parse(() => parseSignal(message));
    if (signal) this.#signal(signal);
  }

  /** Signals that were missed cannot be read. */
  #signalAll(): void {
    for (const tenantId of this.#slots.keys()) for (const type of signalTypes) this.#signal({ tenantId, type, subjectId: ANY_SUBJECT });
  }

  #signal(signal: ReturnType<typeof parseSignal>): void {
    this.#slots.get(signal.tenantId)?.feed.then(
      contained("delivering a signal", (feed) => feed.pass(signalEvent(signal, feed.position))),
      () => undefined,
    );
  }

  #parse<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.#log.warn({ err: error }, "a relay message could not be read");
      return undefined;
    }
  }

  /** One tenant after the other, so that polling uses at most one connection. */
  async #catchUp(which: (slot: Slot) => boolean): Promise<void> {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    try {
      for (const slot of [...this.#slots.values()].filter(which)) {
        slot.heardAt = performance.now();
        const feed = await slot.feed.catch(() => undefined);
        await feed?.catchUp();
      }
    } finally {
      this.#isCatchingUp = false;
    }
  }
}
