import { setTimeout as delay } from "node:timers/promises";
import type { Services } from "@weft/platform/services";
import type { Subgraph } from "@weft/api/subgraph";
import { callContextOf, ClientGone, givenUp, remainingMsOf } from "../context.js";
import type { SubgraphClient } from "./client.js";
import { untilAborted } from "./until-aborted.js";

/**
 * Creates a client for a subgraph in this process: no JSON, no signature, and the viewer is passed as an object. At the deadline, or if the client
 * disconnects, the response is abandoned and no new work begins. A running statement ends by its timeout.
 */
export function inProcessClient({ name, subgraph, services }: { name: string; subgraph: Subgraph; services: Services }): SubgraphClient {
  return {
    name,
    send: async ({ query, variables, operationName, context, onBytes }) => {
      const { signal } = context;
      const work = subgraph.execute({ services, call: callContextOf(context), query, variables, operationName, onBytes, signal });
      try {
        return await untilAborted(signal, work);
      } catch (error) {
        // The client disconnected, but the operation keeps its place until the work has ended. Otherwise, disconnecting clients could run more work
        // than they have places.
        if (signal.reason instanceof ClientGone) {
          const ms = remainingMsOf(context);
          await Promise.race([work, delay(Math.min(ms, longestMs), undefined, { ref: false })]);
        }
        if (signal.aborted) throw givenUp(name, context, error);
        throw error;
      }
    },
    isAvailable: async () => true,
    close: async () => undefined,
  };
}

/** Used if the operation has no deadline. */
const longestMs = 15_000;
