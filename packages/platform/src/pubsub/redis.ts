import { ServiceUnavailable } from "@weft/shared/errors";
import type { PubSub } from "./pubsub.js";
import type { SecretChanges } from "../config/sources/secret-changes.js";
import { reconnectDelayMs } from "./reconnect-delay.js";
import { useRedisUrl } from "./redis-credentials.js";
import { Subscriptions } from "./subscriptions.js";

/** Publishing fails after this time, because nothing may block on Redis. */
const PUBLISH_TIMEOUT_MS = 100;
/** Ping interval on the subscriber's connection. Without pings, a half-open connection would never be detected. */
const PING_INTERVAL_MS = 1_000;

/**
 * Pub/sub over Redis. `prefix` separates installations that share a server. Reconnects automatically with backoff (50 ms to 1 s) and resubscribes.
 * `onReconnect` reports that messages may have been missed.
 */
export async function redisPubSub(
  url: string,
  prefix: string,
  options: {
    readonly onError?: (error: unknown) => void;
    /** Tells if REDIS_URL is replaced. */
    readonly changes?: SecretChanges | undefined;
  } = {},
): Promise<PubSub> {
  // Imported here, so that a start without Redis does not load the client.
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
  // Without the limit, a publish waits forever if Redis is unavailable. Without the offline queue, it fails immediately.
  const publisher = new Redis(url, { ...settings, maxRetriesPerRequest: 1, enableOfflineQueue: false });
  // This connection is used only for subscriptions. Resubscribing is done here, because `onReconnect` must be called after it.
  const subscriber = new Redis(url, { ...settings, maxRetriesPerRequest: null, autoResubscribe: false });
  publisher.on("error", onError);
  subscriber.on("error", onError);

  const endChanges = options.changes?.onReplaced(["REDIS_URL"], async ({ REDIS_URL: next }) => {
    if (next === undefined) return;
    await Promise.all([useRedisUrl(publisher, next), useRedisUrl(subscriber, next, { isSubscriber: true })]);
  });

  /** Per channel: promise that resolves when the server has confirmed the subscription. */
  const confirmed = new Map<string, Promise<unknown>>();
  subscriber.on("message", (channel: string, message: string) => {
    if (channel.startsWith(prefix)) subscriptions.deliver(channel.slice(prefix.length), message);
  });
  subscriber.on("ready", () => void resubscribe());

  /** Returns when the work ends or the connection is lost. After a loss, the next "ready" repeats the work, so callers need not wait. */
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
    // On the first connection nothing is subscribed yet, so no message can have been missed.
    if (names.length === 0) return;
    try {
      await untilLost(subscriber.subscribe(...names));
      for (const handler of reconnectHandlers) handler();
    } catch (error) {
      // The connection was lost again. The next "ready" calls this function again.
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
    // A process can start while Redis is unavailable; both clients keep reconnecting.
    onError(error);
  }

  async function handOver(sending: Promise<unknown>): Promise<void> {
    try {
      await within(PUBLISH_TIMEOUT_MS, sending);
    } catch (error) {
      // Closes a connection that does not respond, so that the next publisher does not wait at all and no commands accumulate.
      if (publisher.status === "ready") publisher.disconnect(true);
      throw new ServiceUnavailable("redis", error);
    }
  }

  /** One write to the socket, one answer. The client's automatic pipelining would let messages wait for an answer to earlier ones. */
  async function sendAll(channel: string, messages: readonly string[]): Promise<void> {
    const results = await publisher.pipeline(messages.map((message) => ["publish", prefix + channel, message])).exec();
    for (const [error] of results ?? []) if (error) throw error;
  }

  return {
    publish: (channel, message) => handOver(publisher.publish(prefix + channel, message)),
    publishAll: (channel, messages) => (messages.length === 0 ? Promise.resolve() : handOver(sendAll(channel, messages))),
    subscribe: async (channel, handler) => {
      if (isClosed) throw new ServiceUnavailable("redis", new Error("The connection was closed."));
      const { isFirst, remove } = subscriptions.add(channel, handler);
      // If Redis is unavailable, the channel is subscribed at the next "ready".
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
      endChanges?.();
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
