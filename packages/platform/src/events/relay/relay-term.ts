import { chaos } from "../../chaos/chaos.js";
import { alone } from "../../db/alone.js";
import { asTenant } from "../../db/as-tenant.js";
import type { Databases } from "../../db/database.js";
import { isTimeout } from "../../db/errors.js";
import { ServiceUnavailable } from "@weft/shared/errors";
import { channels, type EventEnvelope } from "@weft/shared/event-catalog";
import type { Alarm } from "../../leadership/alarm.js";
import { type LeadershipLog, pause } from "../../leadership/lead.js";
import type { RetryLog } from "../../leadership/retry-log.js";
import type { PubSub } from "../../pubsub/pubsub.js";
import { ConsumerRunner } from "../consumers/consumer-runner.js";
import { findTenantsBehind } from "../consumers/consumer.store.js";
import type { EventConsumer } from "../consumers/consumer.js";
import { findConsumingTenants } from "../consumers/opt-in.store.js";
import type { OnPoison } from "../consumers/parked.js";
import { passOverBatch } from "../consumers/pass-over.js";
import { HeadAnnouncer } from "./head-announcer.js";
import { findTenantsToRelay, lockPositions, takeBatch } from "./relay.store.js";

/**
 * Maximum number of events of a tenant in a round. A batch costs several round trips, a commit, and as much processor time as about 100 events. Other
 * tenants wait for it for about 10 ms.
 */
const BATCH = 500;
/** Signals make the relay fast; polling makes it reliable. */
const POLL_MS = 500;
const RETRY_MS = 500;
/**
 * Pause after a round, so that events that follow shortly share the next one: a round of one event costs nearly as much as one of ten, in the relay,
 * the database and the consumers. The first event after a pause is relayed at once.
 */
const JOIN_MS = 20;

export interface RelayOptions {
  readonly databases: Pick<Databases, "worker" | "app">;
  readonly pubsub: PubSub;
  readonly consumers: readonly EventConsumer[];
  /** Notifies users of an event that a consumer cannot handle. If omitted, such events are only logged. */
  readonly onPoison?: OnPoison;
  readonly log: LeadershipLog;
}

interface TermOptions extends RelayOptions {
  readonly alarm: Alarm;
  readonly retries: RetryLog;
  /** Aborted when the term ends. */
  readonly term: AbortSignal;
}

/** The work of a relay from the time at which it becomes the active one, until it is no longer. */
export class RelayTerm {
  readonly #options: TermOptions;
  readonly #runner: ConsumerRunner;
  readonly #announcer: HeadAnnouncer;
  #isRelaying = false;

  constructor(options: TermOptions) {
    const { databases, pubsub, consumers, onPoison = () => Promise.resolve(), log, alarm, term } = options;
    this.#options = options;
    this.#runner = new ConsumerRunner({ database: databases.app, consumers, log, onHandled: () => alarm.ring(), onPoison, term });
    this.#announcer = new HeadAnnouncer({ database: databases.worker, pubsub, log });
  }

  /** Whether neither the relay nor a consumer is at work. */
  get isQuiet(): boolean {
    return !this.#isRelaying && this.#runner.isIdle;
  }

  async run(): Promise<void> {
    const { alarm, retries, term } = this.#options;
    const announcing = this.#announcer.run(term);
    await this.#catchUp();
    while (!term.aborted) {
      this.#isRelaying = true;
      let relayed = 0;
      try {
        relayed = await this.#relayRound();
        retries.worked("round");
      } catch (error) {
        await this.#waitAfter(error);
      }
      this.#isRelaying = relayed > 0;
      if (relayed === 0) await alarm.wait(POLL_MS, term);
      else if (relayed < BATCH) await pause(JOIN_MS, term);
    }
    this.#isRelaying = false;
    await Promise.all([announcing, this.#runner.settled()]);
  }

  async #waitAfter(error: unknown): Promise<void> {
    const { retries, term } = this.#options;
    retries.failed("round", error, {}, "the relay failed and will retry");
    await pause(RETRY_MS, term);
  }

  /** Wakes consumers that were already behind before this term: an earlier leader could have died between numbering events and waking them. */
  async #catchUp(): Promise<void> {
    const { databases, consumers, term } = this.#options;
    for (const consumer of consumers) {
      while (!term.aborted) {
        try {
          if (consumer.optInTypes) this.#runner.optIn(consumer, await databases.worker.begin((tx) => findConsumingTenants(tx, consumer)));
          const tenants = await databases.worker.begin((tx) => findTenantsBehind(tx, consumer));
          for (const tenantId of tenants) this.#runner.wake(tenantId, [consumer]);
          break;
        } catch (error) {
          await this.#waitAfter(error);
        }
      }
    }
  }

  /** Relays one batch for each tenant that has waiting events, so that a tenant with many events delays no other tenant. */
  async #relayRound(): Promise<number> {
    const { databases, retries, term } = this.#options;
    const tenants = await findTenantsToRelay(alone(databases.worker));
    let relayed = 0;
    for (const tenantId of tenants) {
      if (term.aborted) break;
      try {
        const { envelopes, passed } = await this.#numberBatch(tenantId);
        chaos("relay.numbered");
        relayed += envelopes.length;
        this.#announcer.advanced(tenantId);
        this.#runner.wakeFor(tenantId, envelopes, { passed, size: await this.#publish(envelopes) });
        retries.worked(tenantId);
      } catch (error) {
        // Without the database, nothing can be done for the other tenants. A fault in one tenant's rows, or a lock on them, affects only that tenant.
        if (error instanceof ServiceUnavailable && !isTimeout(error)) throw error;
        retries.failed(tenantId, error, { tenantId }, "a tenant's events could not be numbered; retrying in the next round");
      }
    }
    return relayed;
  }

  /** Numbers the next events of the tenant. Returns them, and the names of the consumers that need not be woken for them. */
  #numberBatch(tenantId: string): Promise<{ envelopes: EventEnvelope[]; passed: ReadonlySet<string> }> {
    const { databases, consumers } = this.#options;
    return asTenant(databases.worker, { tenantId }, "write", async (tx) => {
      await lockPositions(tx, tenantId);
      const envelopes = await takeBatch(tx, tenantId, BATCH);
      return { envelopes, passed: await passOverBatch(tx, tenantId, { batch: envelopes, consumers }) };
    });
  }

  /** Returns the length of the messages, which is infinite if there could be none. Consumers must be woken all the same. */
  async #publish(envelopes: readonly EventEnvelope[]): Promise<number> {
    const { pubsub, log } = this.#options;
    let size = Infinity;
    try {
      const messages = envelopes.map((envelope) => JSON.stringify(envelope));
      size = messages.reduce((sum, { length }) => sum + length, 0);
      await pubsub.publishAll(channels.events, messages);
    } catch (err) {
      log.error({ err, events: envelopes.length }, "events were not published; subscribers will read them from the log");
    }
    return size;
  }
}
