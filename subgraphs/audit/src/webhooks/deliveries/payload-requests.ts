import { ServiceUnavailable } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { alone, type Databases } from "@weft/platform/db";
import { Alarm, pause } from "@weft/platform/leadership";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { PAYLOAD_LEASE_SECONDS, payloadQueue } from "@weft/platform/webhooks";

/** Signals make it fast; polling makes it reliable. */
const POLL_MS = 1_000;
/** Shortest time between two requests for the same payloads. */
const PAUSE_MS = 50;
/** Tenants whose payloads one round requests. */
const MAX_TENANTS = 256;

export interface PayloadRequests {
  /** Resolves when no payload is due or being built. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface PayloadRequestsOptions {
  readonly databases: Pick<Databases, "worker">;
  readonly pubsub: PubSub;
  readonly log: Pick<Logger, "error">;
}

/** Asks the gateways to build the payloads that are due, again and again until they are built. Only gateways can run operations. */
export async function startPayloadRequests({ databases, pubsub, log }: PayloadRequestsOptions): Promise<PayloadRequests> {
  const alarm = new Alarm();
  const stopping = new AbortController();
  const unsubscribe = await pubsub.subscribe(channels.webhooks, () => alarm.ring());
  const find = (options: { readonly withinSeconds?: number; readonly limit?: number }): Promise<string[]> =>
    payloadQueue.findTenants(alone(databases.worker), options);

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await pubsub.publishAll(channels.webhookPayloads, await find({ limit: MAX_TENANTS }));
      } catch (error) {
        // If the database or the carrier of messages is unavailable, other components report it.
        if (!(error instanceof ServiceUnavailable)) log.error({ err: error }, "payloads of webhooks could not be requested");
      }
      await pause(PAUSE_MS, stopping.signal);
      await alarm.wait(POLL_MS, stopping.signal);
    }
  }

  const running = run();
  return {
    idle: async () => {
      const forever = new AbortController().signal;
      // A payload that is being built is due when its lease ends.
      while ((await find({ withinSeconds: PAYLOAD_LEASE_SECONDS })).length > 0) {
        alarm.ring();
        await pause(PAUSE_MS, forever);
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
      await unsubscribe();
    },
  };
}
