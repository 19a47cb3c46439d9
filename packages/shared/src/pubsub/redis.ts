import { ServiceUnavailable } from "../errors/errors.js";
import type { PubSub } from "./pubsub.js";
import { reconnectDelayMs } from "./reconnect-delay.js";
import { Subscriptions } from "./subscriptions.js";

/** A publish that takes longer counts as failed: nothing may block on Redis. */
const PUBLISH_TIMEOUT_MS = 100;
/** Pings on the subscriber's connection: without them a half-open connection would look quiet for ever. */
const PING_INTERVAL_MS = 1_000;

/**
 * Pub/sub over Redis. `prefix` separates installations that share a server. Reconnects by itself with back-off (50 ms to 1 s) and
 * subscribes again; `onReconnect` tells that messages may have been missed.
 */
export async function redisPubSub(url: string, prefix: string, options: { onError?: (error: unknown) => void } = {}): Promise<PubSub> {
  // Loaded here: a start without Redis does without its client.
  const { Redis } = await import("ioredis");
  const onError = options.onError ?? (() => undefined);
  const subscriptions = new Subscriptions(onError);
  const reconnectHandlers = new Set<() => void>();
  let isClosed = false;
  const settings = {
    lazyConnect: true,
    connectTimeout: 2_000,
    retryStrategy: reconnectDelayMs,
  };
  // Without the limit a publish waits for ever while Redis is away; without the offline queue it fails at once.
  const publisher = new Redis(url, { ...settings, maxRetriesPerRequest: 1, enableOfflineQueue: false });
  // Its connection serves subscriptions alone; we subscribe again ourselves, so that we know when it has happened.
  const subscriber = new Redis(url, { ...settings, maxRetriesPerRequest: null, autoResubscribe: false });
  publisher.on("error", onError);
  subscriber.on("error", onError);

  /** Per channel: when the server has confirmed it. */
  const confirmed = new Map<string, Promise<unknown>>();
  subscriber.on("message", (channel: string, message: string) => {
    if (channel.startsWith(prefix)) subscriptions.deliver(channel.slice(prefix.length), message);
  });
  subscriber.on("ready", () => void resubscribe());

  /** Ends with the work, or with the connection: then the next "ready" does it again, and nobody waits for that. */
  async function untilLost(work: Promise<unknown>): Promise<void> {
    let lost: () => void = () => undefined;
    const loss = new Promise<void>((resolve) => (lost = resolve));
    subscriber.once("close", lost);
    try {
      await Promise.race([work.catch(onError), loss]);
    } finally {
      subscriber.off("close", lost);
    }
  }

  async function resubscribe(): Promise<void> {
    const names = subscriptions.channels().map((channel) => prefix + channel);
    // At the first connection nothing is subscribed yet, so nothing can have been missed.
    if (names.length === 0) return;
    try {
      await untilLost(subscriber.subscribe(...names));
      for (const handler of reconnectHandlers) handler();
    } catch (error) {
      // The connection went again; its next "ready" comes here once more.
      onError(error);
    }
  }

  const pings = setInterval(() => {
    if (subscriber.status !== "ready") return;
    within(PING_INTERVAL_MS * 2, subscriber.ping()).catch(() => subscriber.disconnect(true));
  }, PING_INTERVAL_MS);
  pings.unref();

  try {
    await Promise.all([publisher.connect(), subscriber.connect()]);
  } catch (error) {
    // A process may start while Redis is away: both clients go on trying.
    onError(error);
  }

  return {
    publish: async (channel, message) => {
      try {
        await within(PUBLISH_TIMEOUT_MS, publisher.publish(prefix + channel, message));
      } catch (error) {
        // A connection that is silent is given up, so that the next publisher does not wait at all, and nothing piles up in it.
        if (publisher.status === "ready") publisher.disconnect(true);
        throw new ServiceUnavailable("redis", error);
      }
    },
    subscribe: async (channel, handler) => {
      if (isClosed) throw new ServiceUnavailable("redis", new Error("The connection was closed."));
      const { isFirst, remove } = subscriptions.add(channel, handler);
      // While Redis is away the channel is subscribed at the next "ready".
      if (isFirst && subscriber.status === "ready") confirmed.set(channel, untilLost(subscriber.subscribe(prefix + channel)));
      await confirmed.get(channel);
      return async () => {
        if (!remove().isLast) return;
        confirmed.delete(channel);
        if (subscriber.status === "ready") await subscriber.unsubscribe(prefix + channel);
      };
    },
    onReconnect: (handler) => {
      reconnectHandlers.add(handler);
      return () => void reconnectHandlers.delete(handler);
    },
    close: async () => {
      isClosed = true;
      clearInterval(pings);
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
