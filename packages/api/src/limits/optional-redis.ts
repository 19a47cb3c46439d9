import type { Services } from "@weft/platform/services";
import { reconnectDelayMs, useRedisUrl } from "@weft/platform/pubsub";
import type { Redis } from "ioredis";

/** Maximum time that an operation waits for Redis, unless it is stated. */
const usualTimeoutMs = 100;

/** A connection for what this process can also do alone. Commands fail at once while there is no connection, and soon if there is no answer. */
export interface OptionalRedis {
  readonly client: Redis;
  /** Reports a failed command. A connection that does not respond is closed, so that the next operation does not wait at all. */
  failed(error: unknown): void;
  close(): void;
}

/**
 * Connects to Redis, or keeps trying: a process can start while Redis is unavailable.
 * @param url URL of Redis, which can be replaced if the configuration says so
 * @param consequence what happens meanwhile, for the log
 * @param timeoutMs maximum time that an operation waits for Redis
 */
export async function openOptionalRedis(
  url: string,
  { log, config }: Pick<Services, "log" | "config">,
  consequence: string,
  timeoutMs = usualTimeoutMs,
): Promise<OptionalRedis> {
  // Loaded here, so that a start without Redis does not load its client.
  const { Redis } = await import("ioredis");
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  });
  const onError = (error: unknown): void => log.warn({ err: error }, `Redis error; ${consequence}`);
  client.on("error", onError);
  const endChanges = config.secretChanges?.onReplaced(["REDIS_URL"], async ({ REDIS_URL: next }) => {
    if (next !== undefined) await useRedisUrl(client, next);
  });
  await client.connect().catch(onError);
  let isGivenUp = false;
  client.on("close", () => (isGivenUp = false));
  return {
    client,
    failed: (error) => {
      if (client.status !== "ready" || isGivenUp) return;
      isGivenUp = true;
      onError(error);
      client.disconnect(true);
    },
    close: () => {
      endChanges?.();
      client.disconnect();
    },
  };
}
