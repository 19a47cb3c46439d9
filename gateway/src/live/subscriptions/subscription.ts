import { setTimeout as delay } from "node:timers/promises";
import { ServiceUnavailable } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { contained } from "@weft/platform/logging";
import { ConnectionEnded } from "../connections/connection.js";
import { deliver, retryPausesMs } from "./shared-answer.js";
import type { Answer, Subscriber } from "./shared-answer.js";
import type { Member, Topic } from "./topic.js";

/** An event could not be delivered despite retries. The client should reconnect with its cursor so that it does not miss the event. */
export class EventLost extends Error {
  constructor() {
    super("An event could not be delivered. Subscribe again with the last cursor.");
  }
}

export interface SubscriptionOptions {
  readonly connection: Subscriber;
  /** The client's ID of the subscription. */
  readonly id: string;
  readonly topic: Topic;
  readonly readLog: (afterPosition: number, limit: number) => Promise<readonly EventEnvelope[]>;
  /** Position after which to start. It can be behind the feed, in which case the log is read first, or ahead of it. */
  readonly after: number;
  /** IDs of events after `after` that are not delivered: the client has seen a state that includes them. Answers of the present are never older. */
  readonly passed?: ReadonlySet<string> | undefined;
  /** Time by `performance.now()`: answers that were asked for earlier are too old. Undefined: none are. */
  readonly notBefore?: number | undefined;
  /** A signal that is answered first, in place of those that may have been missed. Undefined for a topic without signals. */
  readonly first?: EventEnvelope | undefined;
  /** Maximum number of matching events that can wait for the subscriber. */
  readonly maxWaiting: number;
  /** Resolves when it is known whether the subscription can go on after a reload of the supergraph, or its connection is closed. Undefined: it is known. */
  readonly untilChecked?: () => Promise<void> | undefined;
  readonly onTooSlow: () => void;
  /** Called with the time from the event to its message, in ms. */
  readonly onSent: (lagMs: number) => void;
  /**
   * Called once, when the subscriber has got every event up to a position, and from now on gets new ones as they happen. Null: the position is not known,
   * because answers of the present stand for several events.
   */
  readonly onLive: (position: number | null) => void;
  /** Called once at the end. The error is EventLost, that of the operation, or undefined if the socket or the client ended the subscription. */
  readonly onEnd: (error?: unknown) => void;
}

const page = 100;

/**
 * Sends the payloads of a subscription: events missed since `after` from the log, then new events, in the order of their positions and each exactly
 * once. It listens from the moment of its creation, so that no event falls between the two. While it is busy, events wait. If too many wait, the
 * socket is closed: the client reconnects with its cursor and reads from the log.
 */
export class Subscription implements Member {
  readonly connection: Subscriber;
  readonly notBefore: number | undefined;
  readonly #options: SubscriptionOptions;
  /** The beginning of a message, up to the ID. */
  readonly #head: Buffer;
  #waiting: EventEnvelope[] | undefined;
  #isBusy = false;
  #isEnded = false;
  #isLive = false;
  /** Whether an answer of the present, which stands for the events that were missed, is still to come. */
  #isAnswerDue = false;
  /** Content of the last message, of a topic of the present. */
  #content: string | undefined;
  /** Resolves the delivery of an event from the log. */
  #onDelivered: (() => void) | undefined;

  constructor(options: SubscriptionOptions) {
    this.connection = options.connection;
    this.notBefore = options.notBefore;
    this.#options = options;
    this.#head = options.connection.socket.headOf(options.id);
    const { topic, after, first } = options;
    const start = topic.feed.position;
    topic.add(this);
    if (first) {
      this.#isAnswerDue = true;
      topic.answerSoon(first);
    } else if (after < start) {
      this.#isBusy = true;
      this.#catchUp(after, start).then(
        () => this.#continue(),
        (error: unknown) => this.#fail(error),
      );
    } else this.#live();
  }

  /** The position up to which the subscriber has got every event. Null: some are on their way, or it is not known. */
  get position(): number | null {
    const { topic, after } = this.#options;
    return this.#isLive && !this.#isBusy && !topic.isOfPresent ? Math.max(after, topic.feed.position) : null;
  }

  offer(event: EventEnvelope): boolean {
    const { after, first, maxWaiting, onTooSlow } = this.#options;
    // A signal has no position of its own.
    if ((event.position <= after && !first) || this.#hasPassed(event)) return false;
    if (!this.#isBusy) return (this.#isBusy = true);
    if ((this.#waiting ??= []).length >= maxWaiting) {
      this.end();
      onTooSlow();
    } else this.#waiting.push(event);
    return false;
  }

  /** Sends the answer if the rights still exist: they may have ended while it was executed, and data that they allowed must then not be sent. */
  answered(answer: Answer, askedAt?: number): boolean {
    if (this.#isEnded) return true;
    const checking = this.#options.untilChecked?.();
    if (checking) {
      const deliverThen = contained("delivering an answer after a reload", () => deliver(answer, [this]));
      void checking.then(deliverThen);
      return true;
    }
    // One reading of the clock for each message.
    const now = performance.now();
    const standing = answer.kind === "hidden" ? "current" : this.connection.standing(now, askedAt);
    if (standing === "current") this.#send(answer, now);
    else if (standing === "ended") this.#fail(new ConnectionEnded());
    else if (askedAt === undefined) return false;
    else
      this.#checked().then(
        () => this.#send(answer, performance.now()),
        (error: unknown) => this.#fail(error),
      );
    return true;
  }

  /** Ends the subscription without a message. */
  end(): void {
    this.#fail(undefined);
  }

  #hasPassed({ id }: EventEnvelope): boolean {
    const { passed, topic } = this.#options;
    return passed !== undefined && !topic.isOfPresent && passed.has(id);
  }

  async #catchUp(after: number, start: number): Promise<void> {
    const { topic, readLog } = this.#options;
    let last: EventEnvelope | undefined;
    for (let position = after; position < start && !this.#isEnded;) {
      const missed = await readLog(position, page);
      for (const event of missed) {
        if (event.position > start || this.#isEnded) break;
        if (!topic.matches(event) || this.#hasPassed(event)) continue;
        if (topic.isOfPresent) {
          last = event;
          continue;
        }
        await new Promise<void>((resolve) => {
          this.#onDelivered = resolve;
          topic.answerTo(event, this.notBefore).give(this);
        });
      }
      position = missed.at(-1)?.position ?? start;
    }
    if (!last || this.#isEnded) return;
    this.#isAnswerDue = true;
    topic.answerSoon(last);
  }

  async #checked(): Promise<void> {
    for (const pauseMs of [...retryPausesMs, undefined]) {
      try {
        await this.connection.stand();
        return;
      } catch (error) {
        if (!(error instanceof ServiceUnavailable)) throw error;
        if (pauseMs === undefined) throw new EventLost();
        await delay(pauseMs);
      }
    }
  }

  #send(answer: Answer, now: number): void {
    if (this.#isEnded) return;
    switch (answer.kind) {
      case "hidden":
        return this.#delivered();
      case "unavailable":
        return this.#fail(new EventLost());
      case "failed":
        return this.#fail(answer.error);
      case "payload": {
        if (answer.content !== undefined) {
          if (answer.content === this.#content) return this.#delivered();
          this.#content = answer.content;
        }
        const sent = this.connection.socket.sendShared(this.#head, answer.text);
        this.#options.onSent(now - answer.occurredAt);
        if (!sent) return this.#delivered();
        void sent.then(
          contained(
            "the next event of a subscription",
            () => this.#delivered(),
            () => this.#fail(undefined),
          ),
        );
        return;
      }
      default:
        answer satisfies never;
    }
  }

  #delivered(): void {
    if (this.#isEnded) return;
    this.#isAnswerDue = false;
    const resolve = this.#onDelivered;
    if (!resolve) return this.#continue();
    this.#onDelivered = undefined;
    resolve();
  }

  /** Asks for the answer to the next waiting event. */
  #continue(): void {
    if (this.#isEnded) return;
    const event = this.#waiting?.shift();
    if (event) this.#options.topic.answerTo(event, this.notBefore).give(this);
    else {
      this.#isBusy = false;
      this.#waiting = undefined;
      this.#live();
    }
  }

  #live(): void {
    if (this.#isLive || this.#isAnswerDue) return;
    this.#isLive = true;
    const { topic, after, onLive } = this.#options;
    onLive(topic.isOfPresent ? null : Math.max(after, topic.feed.position));
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#waiting = undefined;
    this.#onDelivered?.();
    this.#options.topic.remove(this);
    this.#options.onEnd(error instanceof ConnectionEnded ? undefined : error);
  }
}
