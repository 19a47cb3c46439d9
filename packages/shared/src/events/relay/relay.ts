import { chaos } from "../../chaos/chaos.js";
import { alone } from "../../db/alone.js";
import { asTenant } from "../../db/as-tenant.js";
import type { Databases } from "../../db/database.js";
import { isTimeout } from "../../db/errors.js";
import { ServiceUnavailable } from "../../errors/errors.js";
import { Alarm } from "../../leadership/alarm.js";
import { lead, pause } from "../../leadership/lead.js";
import { RetryLog } from "../../leadership/retry-log.js";
import type { LeadershipLog } from "../../leadership/lead.js";
import type { PubSub } from "../../pubsub/pubsub.js";
import { ConsumerRunner } from "../consumers/consumer-runner.js";
import { findTenantsBehind, isAnyConsumerBehind } from "../consumers/consumer.store.js";
import type { EventConsumer } from "../consumers/consumer.js";
import { findConsumingTenants } from "../consumers/opt-in.store.js";
import { passOverBatch } from "../consumers/pass-over.js";
import type { OnPoison } from "../consumers/parked.js";
import { channels } from "../catalog/envelope.js";
import type { EventEnvelope } from "../catalog/envelope.js";
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

export interface Relay {
  /**
   * Wakes the relay, because the outbox can contain new events. Call it after a commit, from the relay's own process. Other processes publish on the
   * channel `outbox`.
   */
  signal(): void;
  /** Resolves when no events wait in the outbox or for a consumer. For tests and for draining. */
  idle(): Promise<void>;
  /** Stops after the current batch. Events that were committed but not announced are announced by the next relay. */
  stop(): Promise<void>;
}

/**
 * Assigns every event its position (gapless per tenant, in the order of commits per subject), publishes it, and runs the consumers. One relay of the
 * installation is active; the others stand by. Events are published after the commit that numbers them. Subscribers that miss events (because of a
 * crash in between or a lost connection) notice it by the next position or the announced heads, and read the events from the log.
 */
export async function startRelay({
  databases,
  pubsub,
  consumers,
  onPoison,
  log,
}: {
  databases: Pick<Databases, "worker" | "app">;
  pubsub: PubSub;
  consumers: readonly EventConsumer[];
  /** Notifies users of an event that a consumer cannot handle. If omitted, such events are only logged. */
  onPoison?: OnPoison;
  log: LeadershipLog;
}): Promise<Relay> {
  const alarm = new Alarm();
  const unsubscribe = await pubsub.subscribe(channels.outbox, () => alarm.ring());
  let runner: ConsumerRunner | undefined;
  const retries = new RetryLog(log);
  let isAtWork = false;

  const leadership = lead({ database: databases.worker, name: "relay", log, work });

  async function work(term: AbortSignal): Promise<void> {
    const running = new ConsumerRunner({
      database: databases.app,
      consumers,
      log,
      onHandled: () => alarm.ring(),
      onPoison: onPoison ?? (() => Promise.resolve()),
      term,
    });
    runner = running;
    const announcer = new HeadAnnouncer({ database: databases.worker, pubsub, log });
    const announcing = announcer.run(term);
    await catchUp(running, term);
    while (!term.aborted) {
      isAtWork = true;
      let relayed = 0;
      try {
        relayed = await relayRound(running, announcer, term);
        retries.worked("round");
      } catch (error) {
        retries.failed("round", error, {}, "the relay failed and will retry");
        await pause(RETRY_MS, term);
      }
      isAtWork = relayed > 0;
      if (relayed === 0) await alarm.wait(POLL_MS, term);
      else if (relayed < BATCH) await pause(JOIN_MS, term);
    }
    isAtWork = false;
    await Promise.all([announcing, running.settled()]);
  }

  /** Wakes consumers that were already behind before this term: an earlier leader could have died between numbering events and waking them. */
  async function catchUp(running: ConsumerRunner, term: AbortSignal): Promise<void> {
    for (const consumer of consumers) {
      while (!term.aborted) {
        try {
          if (consumer.optInTypes) running.optIn(consumer, await databases.worker.begin((tx) => findConsumingTenants(tx, consumer)));
          const tenants = await databases.worker.begin((tx) => findTenantsBehind(tx, consumer));
          for (const tenantId of tenants) running.wake(tenantId, [consumer]);
          break;
        } catch (error) {
          retries.failed("round", error, {}, "the relay failed and will retry");
          await pause(RETRY_MS, term);
        }
      }
    }
  }

  /** Relays one batch for each tenant that has waiting events, so that a tenant with many events delays no other tenant. */
  async function relayRound(running: ConsumerRunner, announcer: HeadAnnouncer, term: AbortSignal): Promise<number> {
    const tenants = await findTenantsToRelay(alone(databases.worker));
    let relayed = 0;
    for (const tenantId of tenants) {
      if (term.aborted) break;
      try {
        const { envelopes, passed } = await numberBatch(tenantId);
        chaos("relay.numbered");
        relayed += envelopes.length;
        announcer.advanced(tenantId);
        running.wakeFor(tenantId, envelopes, { passed, size: await publish(envelopes) });
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
  function numberBatch(tenantId: string): Promise<{ envelopes: EventEnvelope[]; passed: ReadonlySet<string> }> {
    return asTenant(databases.worker, { tenantId }, "write", async (tx) => {
      await lockPositions(tx, tenantId);
      const envelopes = await takeBatch(tx, tenantId, BATCH);
      return { envelopes, passed: await passOverBatch(tx, tenantId, { batch: envelopes, consumers }) };
    });
  }

  /** Returns the length of the messages, which is infinite if there could be none. Consumers must be woken all the same. */
  async function publish(envelopes: readonly EventEnvelope[]): Promise<number> {
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

  const isQuiet = (): boolean => !isAtWork && runner?.isIdle !== false;

  async function isIdle(): Promise<boolean> {
    if (!isQuiet()) return false;
    const isWaiting = await databases.worker.begin(
      async (tx) => (await findTenantsToRelay(tx)).length > 0 || (await isAnyConsumerBehind(tx, consumers)),
      "read",
    );
    return !isWaiting && isQuiet();
  }

  return {
    signal: () => alarm.ring(),
    idle: async () => {
      const forever = new AbortController().signal;
      while (!(await isIdle())) {
        // Not while it or a consumer works: its rounds would follow each other without a pause, and on a busy machine idle would always find it at work.
        if (isQuiet()) alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      await leadership.stop();
      await unsubscribe();
    },
  };
}
