import { ServiceUnavailable } from "@weft/shared/errors";
import type { PubSub } from "./pubsub.js";
import { Subscriptions } from "./subscriptions.js";

/** Pub/sub within the process. Messages are delivered after the publisher's current step, never during it. */
export function inProcessPubSub(options: { onError?: (error: unknown) => void } = {}): PubSub {
  const subscriptions = new Subscriptions(options.onError ?? (() => undefined));
  let isClosed = false;

  async function publishAll(channel: string, messages: readonly string[]): Promise<void> {
    if (isClosed) throw new ServiceUnavailable("pubsub");
    queueMicrotask(() => {
      for (const message of messages) if (!isClosed) subscriptions.deliver(channel, message);
    });
  }

  return {
    publish: (channel, message) => publishAll(channel, [message]),
    publishAll,
    subscribe: async (channel, handler) => {
      if (isClosed) throw new ServiceUnavailable("pubsub");
      const { remove } = subscriptions.add(channel, handler);
      return async () => void remove();
    },
    onReconnect: () => () => undefined,
    close: async () => {
      isClosed = true;
    },
  };
}
