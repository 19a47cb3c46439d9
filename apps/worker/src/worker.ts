import { startMailListener } from "./inbound-mail/mail-listener.js";
import { type Part, parts, type StartedPart } from "./parts.js";
import { openWorkerServices, type WorkerOptions } from "./worker-services.js";

/** The background work of an installation. Any number of workers can run: one is active, the others are on standby. */
export interface Worker {
  /** Port at which replies to emails are received, if they are. */
  readonly inboundMailPort?: number;
  /** Resolves when every event is numbered, published, and consumed, every audit entry is sealed, and no email is due. */
  idle(): Promise<void>;
  /** The part that `idle` waits for, for the message of somebody who waits in vain. */
  readonly waitingFor?: string | null;
  /** Ends after the current batches. */
  stop(): Promise<void>;
}

/**
 * Starts all parts of the background work. This is its composition root.
 * @param services with the counters of a gateway in the same process
 * @param metrics count the attempts at deliveries and steps
 * @param hosted step types of a host application, and middleware around steps
 */
export async function startWorker(
  services: WorkerOptions["services"],
  metrics?: WorkerOptions["metrics"],
  hosted: WorkerOptions["hosted"] = {},
): Promise<Worker> {
  // First: if the port is taken, nothing else has started.
  const mailListener = await startMailListener({ ...services, log: services.log.child({ part: "inboundMail" }) });
  const shared = await openWorkerServices({ services, metrics, hosted });
  const started = new Map<Part, StartedPart | null>();
  for (const part of parts) {
    if ("again" in part) started.set(part, started.get(part.again) ?? null);
    else started.set(part, await part.start(shared.servicesFor(part.logName ?? part.name), shared));
  }
  const all = new Set([...started.values(), mailListener].filter((part) => part !== null));
  let waitingFor: string | null = null;
  return {
    ...(mailListener && { inboundMailPort: mailListener.port }),
    idle: async () => {
      for (const [{ name }, part] of started) {
        if (!part?.idle) continue;
        waitingFor = name;
        await part.idle();
      }
      waitingFor = null;
    },
    get waitingFor() {
      return waitingFor;
    },
    stop: async () => {
      await Promise.all([...all].map((part) => part.stop()));
      shared.close();
    },
  };
}
