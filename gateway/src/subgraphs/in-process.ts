import { setTimeout as delay } from "node:timers/promises";
import type { Services, Subgraph } from "@weft/shared";
import { callContextOf, ClientGone, givenUp, remainingMsOf } from "../context.js";
import type { SubgraphClient } from "./client.js";
import { untilAborted } from "./until-aborted.js";

/**
 * A subgraph of this process: no JSON, no signature, the viewer is passed as the object that it is. At the deadline, or when the client has gone, the answer is given
 * up, and the work begins nothing new; a statement that runs ends by its timeout.
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
        // Nobody waits for an answer: the operation keeps its place until the work has ended, or clients that go away would have more at work than they have places.
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

/** Where the operation has no deadline. */
const longestMs = 15_000;
