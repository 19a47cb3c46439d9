import { outboundClient, type OutboundPolicy } from "../outbound/index.js";
import type { CheckpointDestination } from "./destination.js";

/** Checkpoints of one request. */
const BATCH = 500;
const TIMEOUT_MS = 10_000;
/** Nothing of an answer is used but its status. */
const MAX_RESPONSE_BYTES = 1_024;

/** Posts checkpoints as JSON: `{ "checkpoints": [{ organization, sequence, at, checkpoint }] }`. Every status of 2xx says that they are kept. */
export function webhookDestination(url: string, policy: OutboundPolicy): CheckpointDestination {
  const client = outboundClient(policy);
  return {
    name: "webhook",
    keep: async (checkpoints, signal) => {
      for (let start = 0; start < checkpoints.length; start += BATCH) {
        const { status } = await client.request({
          url,
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "Weft" },
          body: JSON.stringify({ checkpoints: checkpoints.slice(start, start + BATCH) }),
          timeoutMs: TIMEOUT_MS,
          maxResponseBytes: MAX_RESPONSE_BYTES,
          signal,
        });
        if (status < 200 || status > 299) throw new Error(`The receiver of checkpoints answered ${status}.`);
      }
    },
    close: () => void client.close(),
  };
}
