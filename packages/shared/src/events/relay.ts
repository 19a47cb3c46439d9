import { chaos } from "../chaos/chaos.js";
import { asTenant } from "../db/as-tenant.js";
import type { Databases } from "../db/database.js";
import { ServiceUnavailable } from "../errors/errors.js";
import { Alarm } from "../leadership/alarm.js";
import { lead, pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PubSub } from "../pubsub/pubsub.js";
import { ConsumerRunner } from "./consumer-runner.js";
import { findTenantsBehind } from "./consumer.store.js";
import type { EventConsumer } from "./consumer.js";
import type { OnPoison } from "./parked.js";
import { channels } from "./envelope.js";
import type { EventEnvelope } from "./envelope.js";
import { HeadAnnouncer } from "./head-announcer.js";
import { findTenantsToRelay, lockPositions, takeBatch } from "./relay.store.js";

const BATCH = 100;
/** Signals make the relay fast; this makes it sure. */
const POLL_MS = 500;
const RETRY_MS = 500;

export interface Relay {
  /** There may be something in the outbox. Call it after a commit, from the relay's own process; others publish on the channel `outbox`. */
  signal(): void;
  /** Resolves when nothing waits in the outbox, nor for a consumer. For tests and for draining. */
  idle(): Promise<void>;
  /** Ends after the batch at work. What was committed is announced to subscribers by the next relay. */
  stop(): Promise<void>;
}

/**
 * Gives every event its position (gapless per tenant, in the order of commits per subject), publishes it, and runs the consumers. One relay
 * is at work in the installation, the others stand by. Events are published after the commit that numbers them; whoever missed some
 * (a crash in between, a lost connection) sees it by the next position or by the announced heads, and reads them from the log.
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
  /** Tells a person of an event that a consumer cannot handle. Without it such events are only logged. */
  onPoison?: OnPoison;
  log: LeadershipLog;
}): Promise<Relay> {
  const alarm = new Alarm();
  const unsubscribe = await pubsub.subscribe(channels.outbox, () => alarm.ring());
  let runner: ConsumerRunner | undefined;
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
      let moved = 0;
      try {
        moved = await relayRound(running, announcer, term);
      } catch (error) {
        log.error({ err: error }, "the relay failed and tries again");
        await pause(RETRY_MS, term);
      }
      isAtWork = moved > 0;
      if (moved === 0) await alarm.wait(POLL_MS, term);
    }
    isAtWork = false;
    await Promise.all([announcing, running.settled()]);
  }

  /** Consumers that are behind since before this term: an earlier leader may have died between numbering and waking them. */
  async function catchUp(running: ConsumerRunner, term: AbortSignal): Promise<void> {
    for (const consumer of consumers) {
      while (!term.aborted) {
        try {
          const tenants = await databases.worker.begin((tx) => findTenantsBehind(tx, consumer.name));
          for (const tenantId of tenants) running.wake(tenantId, [consumer]);
          break;
        } catch (error) {
          log.error({ err: error }, "the relay failed and tries again");
          await pause(RETRY_MS, term);
        }
      }
    }
  }

  /** One batch for each tenant that has waiting events, so that a flooding tenant delays nobody else. */
  async function relayRound(running: ConsumerRunner, announcer: HeadAnnouncer, term: AbortSignal): Promise<number> {
    const tenants = await databases.worker.begin((tx) => findTenantsToRelay(tx));
    let moved = 0;
    for (const tenantId of tenants) {
      if (term.aborted) break;
      try {
        const envelopes = await numberBatch(tenantId);
        chaos("relay.numbered");
        moved += envelopes.length;
        announcer.moved(tenantId);
        await publish(envelopes);
        running.wake(tenantId);
      } catch (error) {
        // Without the database there is nothing to do for the others; a fault in one tenant's rows is nobody else's.
        if (error instanceof ServiceUnavailable) throw error;
        log.error({ err: error, tenantId }, "a tenant's events could not be numbered and wait for the next round");
      }
    }
    return moved;
  }

  function numberBatch(tenantId: string): Promise<EventEnvelope[]> {
    return asTenant(databases.worker, { tenantId }, "write", async (tx) => {
      await lockPositions(tx, tenantId);
      return takeBatch(tx, tenantId, BATCH);
    });
  }

  async function publish(envelopes: readonly EventEnvelope[]): Promise<void> {
    // Handed over together, in order: awaiting each would cost a round trip each.
    const results = await Promise.allSettled(envelopes.map((envelope) => pubsub.publish(channels.events, JSON.stringify(envelope))));
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) return;
    const err: unknown = failed.reason;
    log.error({ err, events: envelopes.length }, "events were not published; subscribers will read them from the log");
  }

  const isQuiet = (): boolean => !isAtWork && runner?.isIdle !== false;

  async function isIdle(): Promise<boolean> {
    if (!isQuiet()) return false;
    const waiting = await databases.worker.begin(async (tx) => {
      let count = (await findTenantsToRelay(tx)).length;
      for (const consumer of consumers) count += (await findTenantsBehind(tx, consumer.name)).length;
      return count;
    });
    return waiting === 0 && isQuiet();
  }

  return {
    signal: () => alarm.ring(),
    idle: async () => {
      const forever = new AbortController().signal;
      while (!(await isIdle())) {
        alarm.ring();
        await pause(5, forever);
      }
    },
    stop: async () => {
      await leadership.stop();
      await unsubscribe();
    },
  };
}
