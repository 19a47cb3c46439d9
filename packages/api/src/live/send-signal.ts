import { channels, type Signal } from "@weft/shared/event-catalog";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";

/** Tells subscriptions that something has changed that no event records. Call it after the commit. A signal that cannot be sent is lost. */
export function sendSignal({ pubsub, log }: { readonly pubsub: PubSub; readonly log: Pick<Logger, "debug"> }, signal: Signal): void {
  pubsub
    .publish(channels.signals, JSON.stringify(signal))
    .catch((error: unknown) => log.debug({ err: error, ...signal }, "a signal could not be sent"));
}
