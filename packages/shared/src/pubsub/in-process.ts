import { ServiceUnavailable } from "../errors/errors.js";
import type { PubSub } from "./pubsub.js";
import { Subscriptions } from "./subscriptions.js";

/** Pub/sub within the process. Messages are delivered after the publisher's current step, never during it. */
export function inProcessPubSub(options: { onError?: (error: unknown) => void } = {}): PubSub {
  const subscriptions = new Subscriptions(options.onError ?? (() => undefined));
  let isClosed = false;

  return {
    publish: async (channel, message) => {
      if (isClosed) throw new ServiceUnavailable("pubsub");
      queueMicrotask(() => {
        if (!isClosed) subscriptions.deliver(channel, message);
      });
    },
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
