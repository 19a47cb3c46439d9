import { pause } from "@weft/platform/leadership";
import { outboundClient, type OutboundClient } from "@weft/platform/outbound";
import { type QueueWorker, type QueueWorkerOptions, startQueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";

export interface InFlightOptions<Claimed> extends Pick<QueueWorkerOptions, "name" | "channel" | "findTenants"> {
  readonly services: Pick<Services, "config" | "databases" | "pubsub" | "log">;
  /** Requests of one process at the same time, in all and per tenant: tenants whose systems hang leave room for others. */
  readonly max: number;
  readonly maxOfTenant: number;
  /** Time for requests in progress when the sender stops. After it, they are interrupted. */
  readonly graceMs: number;
  /** Claims one request of the tenant that is due. Null if there is none. */
  readonly claim: (tenantId: string) => Promise<Claimed | null>;
  /** Sends a claimed request while no transaction is open, and records its result. */
  readonly send: (sending: Sending, claimed: Claimed) => Promise<void>;
  /** Is told that a result could not be recorded. */
  readonly onFailure: (error: unknown, tenantId: string, claimed: Claimed) => void;
}

export interface Sending {
  readonly tenantId: string;
  readonly outbound: OutboundClient;
  /** Aborts when the process ends. */
  readonly signal: AbortSignal;
}

/** Sends requests to systems of tenants. A request does not occupy its sender, so that a system that hangs does not delay those of others. */
export async function startInFlightSender<Claimed>(options: InFlightOptions<Claimed>): Promise<QueueWorker> {
  const { services, name, channel, findTenants, max, maxOfTenant, graceMs, claim, send, onFailure } = options;
  const { config, databases, pubsub, log } = services;
  const inFlight = new Map<Promise<void>, string>();
  const outbound = outboundClient(config.outbound);
  const ending = new AbortController();

  const sender = await startQueueWorker({
    name,
    channel,
    concurrency: 4,
    databases,
    pubsub,
    log,
    findTenants,
    handle: async (tenantId) => {
      if (inFlight.size >= max || [...inFlight.values()].filter((of) => of === tenantId).length >= maxOfTenant) return "nothing";
      const claimed = await claim(tenantId);
      if (claimed === null) return "nothing";
      const sending = send({ tenantId, outbound, signal: ending.signal }, claimed)
        .catch((error: unknown) => onFailure(error, tenantId, claimed))
        .finally(() => {
          inFlight.delete(sending);
          pubsub.publish(channel, "").catch(() => undefined);
        });
      inFlight.set(sending, tenantId);
      return "done";
    },
  });
  const settle = async (): Promise<void> => void (await Promise.all(inFlight.keys()));
  return {
    idle: async () => {
      do {
        await sender.idle();
        await settle();
        // A request that has ended can have made room for another one.
        await sender.idle();
      } while (inFlight.size > 0);
    },
    stop: async () => {
      await sender.stop();
      const settled = new AbortController();
      await Promise.race([settle().finally(() => settled.abort()), pause(graceMs, settled.signal)]);
      ending.abort();
      await settle();
      await outbound.close();
    },
  };
}
