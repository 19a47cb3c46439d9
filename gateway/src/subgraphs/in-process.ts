import { ServiceUnavailable } from "@weft/shared";
import type { Services, Subgraph } from "@weft/shared";
import { callContextOf } from "../context.js";
import type { SubgraphClient } from "./client.js";
import { untilAborted } from "./until-aborted.js";

/**
 * A subgraph of this process: no JSON, no signature, the viewer is passed as the object that it is. At the deadline the answer is given
 * up; the statement timeout of its transaction ends the work itself.
 */
export function inProcessClient({ name, subgraph, services }: { name: string; subgraph: Subgraph; services: Services }): SubgraphClient {
  return {
    name,
    send: async ({ query, variables, operationName, context, onBytes }) => {
      const work = subgraph.execute({ services, call: callContextOf(context), query, variables, operationName, onBytes });
      try {
        return await untilAborted(context.signal, work);
      } catch (error) {
        if (context.signal.aborted) throw new ServiceUnavailable(name, error);
        throw error;
      }
    },
    isAvailable: async () => true,
    close: async () => undefined,
  };
}
