import { channels } from "@weft/shared/event-catalog";
import type { PubSub } from "./pubsub.js";

/** Lets workers look for due work now. Call it after the commit. Workers search anyway, so they find it a little later if nobody hears this. */
export const wakeWorkers = ({ pubsub }: { readonly pubsub: Pick<PubSub, "publish"> }): Promise<void> =>
  pubsub.publish(channels.dueWork, "").catch(() => undefined);
