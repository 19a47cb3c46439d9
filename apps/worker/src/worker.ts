import { notificationConsumer, startVerificationRunner } from "@weft/audit";
import { jobIncident } from "@weft/engine";
import {
  checkpointSigner,
  effectiveConfigOf,
  expiredKeys,
  pastMails,
  pastTokens,
  pastWindows,
  type Services,
  startCleaner,
  startMailSender,
  startPurger,
  startRelay,
  startSealer,
} from "@weft/shared";
import {
  advancingClocks,
  dueSources,
  endedRuns,
  findTenantsWithAdvances,
  pastCopies,
  pastLinks,
  pastTriggerRuns,
  startBulkRunner,
  startDueWork,
  statisticsConsumer,
  triggerConsumer,
} from "@weft/workflows";
import { mailTransportOf } from "./mail/mail-transport.js";

/** The background work of an installation. Any number of workers can run: one is active, the others are on standby. */
export interface Worker {
  /** Something was committed: check now instead of at the next poll. */
  signal(): void;
  /** Resolves when every event is numbered, published, and consumed, every audit entry is sealed, and no email is due. */
  idle(): Promise<void>;
  /** Ends after the current batches. */
  stop(): Promise<void>;
}

/**
 * Starts the relay, the consumers, the sealer, the email sender, the processor of bulk operations, the cleanup of old data, and the purge of archived
 * tenants. This is the composition root of background work.
 */
export async function startWorker({
  config,
  databases,
  pubsub,
  keys,
  keyring,
  log,
}: Pick<Services, "config" | "databases" | "pubsub" | "keys" | "keyring" | "log">): Promise<Worker> {
  const signer = await checkpointSigner(keys.checkpoint);
  const consumers = [
    notificationConsumer(keyring),
    statisticsConsumer,
    endedRuns,
    triggerConsumer({ databases, keyring, log: log.child({ part: "triggers" }) }),
  ];
  const relay = await startRelay({
    databases,
    pubsub,
    consumers,
    onPoison: jobIncident(keyring),
    log: log.child({ part: "relay" }),
  });
  const sealer = startSealer({ databases, signer, log: log.child({ part: "sealer" }) });
  const retentionOf = async (tenantId: string) => (await effectiveConfigOf({ databases, pubsub, log }, tenantId)).retention;
  const keptHours = async (tenantId: string) => (await retentionOf(tenantId)).idempotencyKeyHours;
  const keptDays = async (tenantId: string) => (await retentionOf(tenantId)).triggerRunDays;
  const cleaner = startCleaner({
    databases,
    chores: [expiredKeys(keptHours), pastWindows, pastMails, pastTokens, pastCopies, pastLinks, pastTriggerRuns(keptDays)],
    log: log.child({ part: "cleaner" }),
  });
  const purger = startPurger({ databases, keyring, log: log.child({ part: "purger" }) });
  const bulk = await startBulkRunner({ databases, pubsub, keyring, log: log.child({ part: "bulk" }) });
  const sources = dueSources({ config, databases, pubsub, keyring, log });
  const dueWork = await startDueWork({
    sources,
    except: findTenantsWithAdvances,
    databases,
    pubsub,
    log: log.child({ part: "dueWork" }),
  });
  // Not among the other sources: an advance takes long turns, and other tenants must not wait for them.
  const clockLog = log.child({ part: "clocks" });
  const clocks = advancingClocks({ services: { config, databases, pubsub, log: clockLog }, sources, consumers });
  const advances = await startDueWork({ sources: [clocks], databases, pubsub, log: clockLog });
  const verifications = await startVerificationRunner({ databases, pubsub, signer, log: log.child({ part: "verifications" }) });
  const transport = await mailTransportOf({ config, log });
  const mails = transport && (await startMailSender({ databases, pubsub, keyring, transport, log: log.child({ part: "mails" }) }));
  return {
    signal: () => relay.signal(),
    idle: async () => {
      await advances.idle();
      await dueWork.idle();
      await bulk.idle();
      await relay.idle();
      await sealer.idle();
      await verifications.idle();
      await mails?.idle();
    },
    stop: async () => {
      const parts = [relay, sealer, cleaner, purger, bulk, advances, dueWork, verifications, ...(mails ? [mails] : [])];
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}
