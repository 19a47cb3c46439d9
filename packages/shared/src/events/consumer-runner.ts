import type { Database } from "../db/database.js";
import { pause } from "../leadership/lead.js";
import { consumeBatch, type Care } from "./consume.js";
import type { EventConsumer } from "./consumer.js";
import type { OnPoison, Poison } from "./parked.js";

/** Tenants handled at the same time: each takes a connection of the app's pool. */
const CONCURRENCY = 2;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;

export interface ConsumerLog {
  error(facts: object, message: string): void;
}

export interface ConsumerRunnerOptions {
  readonly database: Database;
  readonly consumers: readonly EventConsumer[];
  readonly log: ConsumerLog;
  readonly onHandled: () => void;
  /** Tells a person of an event that cannot be handled. */
  readonly onPoison: OnPoison;
  readonly term: AbortSignal;
  /** Of the pause after a first failure; each further one doubles it. */
  readonly firstRetryMs?: number;
}

/** Runs consumers, a few tenants at a time. A tenant whose handler fails is tried again later and delays nobody else. */
export class ConsumerRunner {
  readonly #options: ConsumerRunnerOptions;
  /** What waits: tenant and consumer, in order of arrival. */
  readonly #queue = new Map<string, { tenantId: string; consumer: EventConsumer }>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  /** What has caught up in this process: its tries are not counted. */
  readonly #trusted = new Set<string>();
  /** What failed and waits for its next try: new events neither hasten it nor add a try of their own. */
  readonly #resting = new Set<string>();

  constructor(options: ConsumerRunnerOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#running.size === 0 && this.#resting.size === 0;
  }

  /** There are new events in the tenant. */
  wake(tenantId: string, consumers: readonly EventConsumer[] = this.#options.consumers): void {
    for (const consumer of consumers) this.#queue.set(`${tenantId} ${consumer.name}`, { tenantId, consumer });
    this.#start();
  }

  /** Resolves when what runs has ended; the term must have ended before. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #start(): void {
    if (this.#options.term.aborted) return;
    for (const [name, job] of this.#queue) {
      if (this.#running.size >= CONCURRENCY) return;
      // Woken again while it runs: it stays in the queue and runs once more.
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

  async #run(name: string, { tenantId, consumer }: { tenantId: string; consumer: EventConsumer }): Promise<void> {
    const { database, log, onHandled, onPoison, term, firstRetryMs = FIRST_RETRY_MS } = this.#options;
    const tell: OnPoison = (tx, poison) => {
      log.error(factsOf(poison), "an event could not be handled and is parked; the consumer goes on without it");
      return onPoison(tx, poison).catch((error: unknown) => {
        log.error({ ...factsOf(poison), err: error }, "nobody could be told of it");
        throw error;
      });
    };
    try {
      const { hasHandled, hasMore, isTrusted } = await consumeBatch(database, consumer, {
        tenantId,
        care: this.#careOf(name),
        onPoison: tell,
      });
      this.#failures.delete(name);
      if (isTrusted) this.#trusted.add(name);
      else this.#trusted.delete(name);
      if (hasHandled) onHandled();
      if (hasMore) this.#queue.set(name, { tenantId, consumer });
    } catch (error) {
      const failures = (this.#failures.get(name) ?? 0) + 1;
      this.#failures.set(name, failures);
      this.#trusted.delete(name);
      const retryMs = Math.min(firstRetryMs * 2 ** (failures - 1), LAST_RETRY_MS);
      log.error({ err: error, tenantId, consumer: consumer.name, failures, retryMs }, "an event consumer failed and will be tried again");
      this.#resting.add(name);
      void pause(retryMs, term).then(() => {
        this.#resting.delete(name);
        this.wake(tenantId, [consumer]);
      });
    }
  }

  /** After a failure one by one: what stands before the event that fails gets through. */
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
