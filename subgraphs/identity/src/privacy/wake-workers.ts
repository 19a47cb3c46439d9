import { channels } from "@weft/shared/event-catalog";
import type { Context } from "@weft/api/context";

/** Lets a worker look for privacy requests that are due at once. It would find them a little later without this. */
export const wakeWorkers = ({ services }: Context): void => void services.pubsub.publish(channels.dueWork, "").catch(() => undefined);
