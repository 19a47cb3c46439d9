import { asTenant, headPosition, liveCursorField } from "@weft/shared";
import type { Database } from "@weft/shared";
import type { Executor } from "../executor.js";

/**
 * An executor that takes the tenant's position in its events before an operation with `liveCursor` begins, and sends it to the subgraphs with
 * each call. One statement on a primary key, and only for operations whose text has the name: names cannot be written in another way.
 *
 * Why a subscription behind this cursor misses nothing that the operation's answer does not show:
 *
 * 1. The relay numbers an event in a transaction of its own, and it sees only events whose transaction has committed. The number and the
 *    head move together, so whoever reads the head H at a moment T knows: every event up to H had committed before T.
 * 2. Each read of the operation begins after T, because T lies before the first call of a subgraph. Its snapshot is therefore newer than the
 *    commit of every event up to H, whichever subgraph reads, in whatever order or process: the answer shows all of them.
 * 3. So a change that the answer does not show has committed after T, or committed before T and had no number yet. Both get a number
 *    above H: numbers are handed out under the lock of the tenant's head, without gaps and only upwards. `after: H` sends it.
 *
 * Concurrent writers do not matter (they have no number before they commit), nor does a relay that is behind (its events are repeated: the answer
 * shows them, and they come again). It needs reads from the server that commits; a lagging read replica would break step 2.
 */
export function takingLiveCursors(executor: Executor, database: Database): Executor {
  return {
    ...executor,
    execute: async (operation, context) => {
      const { viewer } = context;
      if (!viewer || !operation.query.includes(liveCursorField)) return executor.execute(operation, context);
      const livePosition = await asTenant(database, { tenantId: viewer.tenantId }, "read", (tx) => headPosition(tx));
      return executor.execute(operation, { ...context, livePosition });
    },
  };
}
