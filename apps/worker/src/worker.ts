import { startVerificationRunner } from "@weft/audit";
import { jobIncident } from "@weft/engine";
import {
  checkpointSigner,
  type Counters,
  createCounters,
  openFileStorage,
  type Services,
  startCleaner,
  startPurger,
  startRelay,
  startSealer,
} from "@weft/shared";
import { type HostSteps, startBulkRunner } from "@weft/workflows";
import { choresOf } from "./chores.js";
import { consumersOf } from "./consumers.js";
import { startAllDueWork } from "./due-work.js";
import { startMailListener } from "./inbound-mail/mail-listener.js";
import type { WorkerMetrics } from "./metrics.js";
import { startSenders } from "./senders.js";

/** The background work of an installation. Any number of workers can run: one is active, the others are on standby. */
export interface Worker {
  /** Port at which replies to emails are received, if they are. */
  readonly inboundMailPort?: number;
  /** Something was committed: check now instead of at the next poll. */
  signal(): void;
  /** Resolves when every event is numbered, published, and consumed, every audit entry is sealed, and no email is due. */
  idle(): Promise<void>;
  /** The part that `idle` waits for, for the message of somebody who waits in vain. */
  readonly waitingFor?: string | null;
  /** Ends after the current batches. */
  stop(): Promise<void>;
}

/**
 * Starts the relay, the consumers, the sealer, the email sender, the processor of bulk operations, the cleanup of old data, and the purge of archived
 * tenants. This is the composition root of background work.
 * @param services with the counters of a gateway in the same process
 * @param metrics count the attempts at deliveries and steps
 * @param hosted step types of a host application, and middleware around steps
 */
export async function startWorker(
  services: Services & { readonly counters?: Counters },
  metrics?: Pick<WorkerMetrics, "attempt" | "step">,
  hosted: HostSteps = {},
): Promise<Worker> {
  const { config, databases, pubsub, keys, keyring, log } = services;
  const servicesFor = (part: string) => ({ databases, pubsub, keyring, log: log.child({ part }) });
  // First: if the port is taken, nothing else has started.
  const mailListener = await startMailListener({ ...services, log: log.child({ part: "inboundMail" }) });
  const signer = await checkpointSigner(keys.checkpoint);
  const consumers = consumersOf(services, metrics);
  const relay = await startRelay({ ...servicesFor("relay"), consumers, onPoison: jobIncident(keyring) });
  const sealer = startSealer({ ...servicesFor("sealer"), signer });
  const chores = choresOf(
    services,
    consumers.map(({ name }) => name),
  );
  const cleaner = startCleaner({ ...servicesFor("cleaner"), chores });
  const storage = await openFileStorage(config.files, log.child({ part: "files" }));
  const purger = startPurger({ ...servicesFor("purger"), storage });
  const bulk = await startBulkRunner(servicesFor("bulk"));
  const { stopRest, ...due } = await startAllDueWork(services, { storage, consumers });
  const verifications = await startVerificationRunner({ ...servicesFor("verifications"), signer });
  const counters = services.counters ?? (await createCounters({ config, log: log.child({ part: "runs" }) }));
  const senders = await startSenders(services, { counters, metrics, hosted });
  let waitingFor: string | null = null;
  /** What `idle` waits for, in this order: each can give work to those after it. */
  const parts: Readonly<Record<string, Pick<Worker, "idle" | "stop"> | null | undefined | false>> = {
    advances: due.advances,
    dueWork: due.dueWork,
    files: due.files,
    previews: due.previews,
    domains: due.domains,
    editors: due.editors,
    exports: due.exports,
    imports: due.imports,
    bulk,
    // What polls find, and what triggers do with past events, are events.
    polls: senders.polls,
    replays: due.replays,
    relay,
    payloads: senders.payloads,
    webhooks: senders.webhooks,
    // Webhooks that were disabled are events, too.
    relayAfterWebhooks: relay,
    sealer,
    verifications,
    // Events that were consumed last can have queued notifications.
    dueWorkAfterEvents: due.dueWork,
    messages: senders.messages,
    destinations: senders.destinations,
    texts: senders.texts,
    runs: senders.runs,
    calls: senders.calls,
    mails: senders.mails,
  };
  return {
    ...(mailListener && { inboundMailPort: mailListener.port }),
    signal: () => relay.signal(),
    idle: async () => {
      for (const [name, part] of Object.entries(parts)) {
        waitingFor = name;
        if (part) await part.idle();
      }
      waitingFor = null;
    },
    get waitingFor() {
      return waitingFor;
    },
    stop: async () => {
      const all = new Set([...Object.values(parts), cleaner, purger, mailListener, { stop: stopRest }]);
      await Promise.all([...all].flatMap((part) => (part ? [part.stop()] : [])));
      if (!services.counters) counters.close();
      storage.close();
    },
  };
}
