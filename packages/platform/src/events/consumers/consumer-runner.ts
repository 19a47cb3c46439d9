import type { Database } from "../../db/database.js";
import { pause } from "../../leadership/lead.js";
import { RetryLog } from "../../leadership/retry-log.js";
import { consumeBatch, type Care } from "./consume.js";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { EventConsumer } from "./consumer.js";
import { HeldEvents } from "./held-events.js";
import type { OnPoison, Poison } from "./parked.js";

/** Number of tenants handled concurrently. Each uses a connection of the app pool. */
const CONCURRENCY = 2;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;

export interface ConsumerLog {
  info(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface ConsumerRunnerOptions {
  readonly database: Database;
  readonly consumers: readonly EventConsumer[];
  readonly log: ConsumerLog;
  readonly onHandled: () => void;
  /** Notifies users of an event that cannot be handled. */
  readonly onPoison: OnPoison;
  readonly term: AbortSignal;
  /** Pause after the first failure. Each further failure doubles it. */
  readonly firstRetryMs?: number;
}

interface Job {
  readonly tenantId: string;
  readonly consumer: EventConsumer;
  /** Position of the last event that woke the consumer. Infinite if it was woken for another reason: it then runs in any case. */
  readonly upTo: number;
}

/** Runs consumers, for a few tenants at a time. If a handler fails, its tenant is retried later and delays no other tenant. */
export class ConsumerRunner {
  readonly #options: ConsumerRunnerOptions;
  /** Waiting pairs of tenant and consumer, in the order of arrival. */
  readonly #queue = new Map<string, Job>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #retries: RetryLog;
  readonly #failures = new Map<string, number>();
  /**
   * Pairs of tenant and consumer that have handled a batch in this process, with the position that they have reached. Their attempts are not counted, and
   * events up to that position do not wake them.
   */
  readonly #trusted = new Map<string, number>();
  /** Pairs that failed and wait for their next attempt. New events neither bring it forward nor add another attempt. */
  readonly #resting = new Set<string>();

  /** Pairs of tenant and optional consumer: the consumer has a cursor there. */
  readonly #optedIn = new Set<string>();

  /** Events of the consumers that `wakeFor` has woken. */
  readonly #held = new HeldEvents();

  constructor(options: ConsumerRunnerOptions) {
    this.#options = options;
    this.#retries = new RetryLog(options.log);
  }

  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#running.size === 0 && this.#resting.size === 0;
  }

  /** Notes that an optional consumer runs in the tenants. */
  optIn(consumer: EventConsumer, tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) this.#optedIn.add(`${tenantId} ${consumer.name}`);
  }

  /**
   * Handles new events of the tenant with every consumer that runs in it, except those that have already passed over them. Call it after the commit that
   * numbers them.
   * @param size length of their messages
   */
  wakeFor(tenantId: string, events: readonly EventEnvelope[], { passed, size }: { passed: ReadonlySet<string>; size: number }): void {
    // Without events, another relay has numbered them: up to which position is not known.
    const last = events.at(-1)?.position ?? Number.POSITIVE_INFINITY;
    const woken = this.#options.consumers.filter((consumer) => {
      const { name, optInTypes } = consumer;
      // A run that was woken by earlier events can have read these from the log, too.
      if (passed.has(name) || this.#hasReached(`${tenantId} ${name}`, last)) return false;
      if (!optInTypes || this.#optedIn.has(`${tenantId} ${name}`)) return true;
      if (!events.some(({ type }) => (optInTypes as readonly string[]).includes(type))) return false;
      // Noted before it runs: the events of the next batch can arrive after the run has read the last position.
      this.#optedIn.add(`${tenantId} ${name}`);
      return true;
    });
    this.#held.hold(
      tenantId,
      woken.filter(({ name }) => !this.#resting.has(`${tenantId} ${name}`)).map(({ name }) => name),
      { envelopes: events, size },
    );
    this.#wake(tenantId, woken, last);
  }

  /** Handles waiting events of the tenant. */
  wake(tenantId: string, consumers: readonly EventConsumer[] = this.#options.consumers): void {
    this.#wake(tenantId, consumers, Number.POSITIVE_INFINITY);
  }

  #wake(tenantId: string, consumers: readonly EventConsumer[], upTo: number): void {
    for (const consumer of consumers) {
      const name = `${tenantId} ${consumer.name}`;
      this.#queue.set(name, { tenantId, consumer, upTo: Math.max(upTo, this.#queue.get(name)?.upTo ?? 0) });
    }
    this.#start();
  }

  #hasReached(name: string, position: number): boolean {
    return (this.#trusted.get(name) ?? -1) >= position;
  }

  /** Resolves when all running consumers have ended. The term must have ended before. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #start(): void {
    if (this.#options.term.aborted) return;
    for (const [name, job] of this.#queue) {
      if (this.#running.size >= CONCURRENCY) return;
      // If woken while it runs, it stays in the queue and runs once more.
      if (this.#running.has(name) || this.#resting.has(name)) continue;
      this.#queue.delete(name);
      this.#running.set(
        name,
        this.#run(name, job).finally(() => {
          this.#running.delete(name);
          this.#start();
        }),
      );
    }
  }

  async #run(name: string, { tenantId, consumer }: Job): Promise<void> {
    const { database, log, onHandled, onPoison, term, firstRetryMs = FIRST_RETRY_MS } = this.#options;
    const tell: OnPoison = (tx, poison) => {
      log.error(factsOf(poison), "an event could not be processed and is parked; the consumer continues without it");
      return onPoison(tx, poison).catch((error: unknown) => {
        log.error({ ...factsOf(poison), err: error }, "the parked event could not be reported");
        throw error;
      });
    };
    try {
      const { hasHandled, hasMore, isTrusted, isAbsent, upTo } = await consumeBatch(database, consumer, {
        tenantId,
        care: this.#careOf(name),
        onPoison: tell,
        held: (position) => this.#held.after(tenantId, position),
      });
      this.#held.release(tenantId, consumer.name, upTo);
      this.#failures.delete(name);
      this.#retries.worked(name);
      // If it was woken in the meantime, it may have a cursor by now. The next run finds out.
      if (isAbsent && !this.#queue.has(name)) this.#optedIn.delete(name);
      else if (!isAbsent && consumer.optInTypes) this.#optedIn.add(name);
      if (isTrusted) this.#trusted.set(name, upTo ?? this.#trusted.get(name) ?? -1);
      else this.#trusted.delete(name);
      if (hasHandled) {
        consumer.onCommitted?.();
        onHandled();
      }
      if (hasMore) this.#wake(tenantId, [consumer], Number.POSITIVE_INFINITY);
      else if (this.#hasReached(name, this.#queue.get(name)?.upTo ?? Number.POSITIVE_INFINITY)) this.#queue.delete(name);
    } catch (error) {
      // Its next attempt can be a long time away.
      this.#held.release(tenantId, consumer.name);
      const failures = (this.#failures.get(name) ?? 0) + 1;
      this.#failures.set(name, failures);
      this.#trusted.delete(name);
      const retryMs = Math.min(firstRetryMs * 2 ** (failures - 1), LAST_RETRY_MS);
      const facts = { tenantId, consumer: consumer.name, failures, retryMs };
      this.#retries.failed(name, error, facts, "an event consumer failed and will retry");
      this.#resting.add(name);
      void pause(retryMs, term).then(() => {
        this.#resting.delete(name);
        this.wake(tenantId, [consumer]);
      });
    }
  }

  /** After a failure, events are handled one at a time, so that those before the failing event succeed. */
  #careOf(name: string): Care {
    if (this.#failures.has(name)) return "single";
    return this.#trusted.has(name) ? "trusting" : "counting";
  }
}

const factsOf = ({ consumer, event, instanceId, attempts }: Poison) => ({
  tenantId: event.tenantId,
  consumer,
  eventId: event.id,
  eventType: event.type,
  instanceId,
  attempts,
});
