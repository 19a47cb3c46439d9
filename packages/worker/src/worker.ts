import { notificationConsumer } from "@weft/audit";
import { checkpointSigner, expiredKeys, pastWindows, type Services, startCleaner, startRelay, startSealer } from "@weft/shared";

/** The background work of an installation. Any number of workers may run: one is at work, the others stand by. */
export interface Worker {
  /** Something was committed: look at once rather than at the next poll. */
  signal(): void;
  /** Resolves when every event is numbered, published and consumed, and every audit entry is sealed. */
  idle(): Promise<void>;
  /** Ends after the batches at work. */
  stop(): Promise<void>;
}

/** Starts relay, consumers, sealer and the cleaner of what is old. The composition root of background work; jobs join it as they come. */
export async function startWorker({
  databases,
  pubsub,
  keys,
  keyring,
  log,
}: Pick<Services, "databases" | "pubsub" | "keys" | "keyring" | "log">): Promise<Worker> {
  const signer = await checkpointSigner(keys.checkpoint);
  const relay = await startRelay({ databases, pubsub, consumers: [notificationConsumer(keyring)], log: log.child({ part: "relay" }) });
  const sealer = startSealer({ databases, signer, log: log.child({ part: "sealer" }) });
  const cleaner = startCleaner({ databases, chores: [expiredKeys, pastWindows], log: log.child({ part: "cleaner" }) });
  return {
    signal: () => relay.signal(),
    idle: async () => {
      await relay.idle();
      await sealer.idle();
    },
    stop: async () => {
      await Promise.all([relay.stop(), sealer.stop(), cleaner.stop()]);
    },
  };
}
