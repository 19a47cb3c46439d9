import { Alarm } from "../../leadership/alarm.js";
import { lead, pause } from "../../leadership/lead.js";
import { RetryLog } from "../../leadership/retry-log.js";
import { channels } from "@weft/shared/event-catalog";
import { isAnyConsumerBehind } from "../consumers/consumer.store.js";
import { type RelayOptions, RelayTerm } from "./relay-term.js";
import { findTenantsToRelay } from "./relay.store.js";

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
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { databases, pubsub, consumers, log } = options;
  const alarm = new Alarm();
  const unsubscribe = await pubsub.subscribe(channels.outbox, () => alarm.ring());
  const retries = new RetryLog(log);
  let current: RelayTerm | undefined;
  const leadership = lead({
    database: databases.worker,
    name: "relay",
    log,
    work: async (term) => {
      current = new RelayTerm({ ...options, alarm, retries, term });
      await current.run();
    },
  });

  const isQuiet = (): boolean => current?.isQuiet !== false;

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
