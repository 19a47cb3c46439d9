import type { EventEnvelope } from "@weft/shared/event-catalog";
import { contained } from "@weft/platform/logging";
import { LRUCache } from "lru-cache";
import type { TenantFeed } from "../feeds/tenant-feed.js";
import { answerTtlMs, SharedAnswer } from "./shared-answer.js";
import type { Answer, AnswerOptions, Waiting } from "./shared-answer.js";

export interface TopicOptions extends AnswerOptions {
  readonly feed: TenantFeed;
  /** Equal for operations and viewers with equal answers. */
  readonly key: string;
  /** Whether an event can concern the operation, judging only by its type and arguments. */
  readonly matches: (event: EventEnvelope) => boolean;
}

/** A subscription of a topic. */
export interface Member extends Waiting {
  /** Time by `performance.now()`: answers that were asked for earlier are too old for it. Undefined: none are. */
  readonly notBefore: number | undefined;
  /** Returns whether it waits for the answer to this event now. Otherwise it asks for it later, or not at all. */
  offer(event: EventEnvelope): boolean;
}

/** Memory for answers to recent events, for subscriptions that are behind. */
const maxRecentBytes = 16 * 1024 * 1024;

/** The topics of all tenants. */
export class Topics {
  readonly #byFeed = new WeakMap<TenantFeed, Map<string, Topic>>();
  readonly #recent: LRUCache<string, SharedAnswer>;
  readonly #purge: NodeJS.Timeout;
  #made = 0;

  constructor({ ttlMs = answerTtlMs }: { ttlMs?: number } = {}) {
    this.#recent = new LRUCache({ max: 1_000, maxSize: maxRecentBytes, ttl: ttlMs });
    this.#purge = setInterval(
      contained("forgetting answers", () => void this.#recent.purgeStale()),
      ttlMs,
    ).unref();
  }

  stop(): void {
    clearInterval(this.#purge);
  }

  /** Returns the topic of the operation and audience. A topic without subscriptions is removed, so add one in the same turn of the event loop. */
  topic(options: TopicOptions): Topic {
    const { feed, key } = options;
    const topics = this.#byFeed.get(feed) ?? new Map<string, Topic>();
    this.#byFeed.set(feed, topics);
    const known = topics.get(key);
    if (known) return known;
    const made = new Topic(options, { prefix: `${++this.#made}`, recent: this.#recent, onEmpty: () => void topics.delete(key) });
    topics.set(key, made);
    return made;
  }
}

interface Parts {
  readonly prefix: string;
  readonly recent: LRUCache<string, SharedAnswer>;
  readonly onEmpty: () => void;
}

/** The subscriptions of one audience to one operation. An event is matched and executed once for all of them. */
export class Topic {
  readonly #options: TopicOptions;
  readonly #parts: Parts;
  readonly #subscriptions = new Set<Member>();
  #unlisten: (() => void) | undefined;
  /** For a topic of the present: the last event that is not answered, and when the next answer is due. */
  #latest: EventEnvelope | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answeredAt = -Infinity;

  constructor(options: TopicOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  get feed(): TenantFeed {
    return this.#options.feed;
  }

  /** Whether answers show the present, so that one stands for all events before it. */
  get isOfPresent(): boolean {
    return this.#options.everyMs !== undefined;
  }

  matches(event: EventEnvelope): boolean {
    return this.#options.matches(event);
  }

  /** Answers an event, or a later one, when the next answer is due. For topics of the present. */
  answerSoon(event: EventEnvelope): void {
    if (event.position > (this.#latest?.position ?? -1)) this.#latest = event;
    const waitMs = Math.max(0, this.#answeredAt + (this.#options.everyMs ?? 0) - performance.now());
    this.#timer ??= setTimeout(
      contained("answering an event", () => this.#answerLatest()),
      waitMs,
    );
  }

  add(subscription: Member): void {
    this.#subscriptions.add(subscription);
    this.#unlisten ??= this.#options.feed.listen((event) => this.#dispatch(event));
  }

  remove(subscription: Member): void {
    if (!this.#subscriptions.delete(subscription) || this.#subscriptions.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = undefined;
    clearTimeout(this.#timer);
    this.#parts.onEmpty();
  }

  /**
   * Returns the answer to an event, which can be of the last seconds. Give it to a subscription at once: it is executed for those that wait.
   * @param notBefore time by `performance.now()`: an answer that was asked for earlier is too old
   */
  answerTo(event: EventEnvelope, notBefore = -Infinity): SharedAnswer {
    const { prefix, recent } = this.#parts;
    const key = `${prefix} ${event.id}`;
    const known = recent.get(key);
    if (known && known.askedAt >= notBefore) return known;
    const remember = ({ kind, ...answer }: Answer): void => {
      // A newer one has taken its place.
      if ((recent.peek(key) ?? made) !== made) return;
      // The next attempt must not get a temporary failure.
      if (kind === "unavailable" || kind === "failed") recent.delete(key);
      else recent.set(key, made, { size: 500 + ("text" in answer ? 2 * answer.text.tail.length : 0) });
    };
    const made = new SharedAnswer(event, this.#options, remember);
    recent.set(key, made, { size: 500 });
    return made;
  }

  #dispatch(event: EventEnvelope): void {
    if (!this.#options.matches(event)) return;
    if (this.isOfPresent) this.answerSoon(event);
    else this.#offer(event);
  }

  #answerLatest(): void {
    const event = this.#latest;
    this.#latest = undefined;
    this.#timer = undefined;
    this.#answeredAt = performance.now();
    if (event) this.#offer(event);
  }

  #offer(event: EventEnvelope): void {
    let answer: SharedAnswer | undefined;
    for (const subscription of this.#subscriptions) {
      if (!subscription.offer(event)) continue;
      const { notBefore = -Infinity } = subscription;
      if (!answer || answer.askedAt < notBefore) answer = this.answerTo(event, notBefore);
      answer.give(subscription);
    }
  }
}
