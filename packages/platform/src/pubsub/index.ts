export { inProcessPubSub } from "./in-process.js";
export type { PubSub } from "./pubsub.js";
export { reconnectDelayMs } from "./reconnect-delay.js";
export { redisPubSub } from "./redis.js";
export { useRedisUrl } from "./redis-credentials.js";
export { wakeWorkers } from "./wake-workers.js";
