import { asTenant, type Database } from "@weft/platform/db";
import { headPosition } from "@weft/platform/events";
import { liveCursorField } from "@weft/api/live";
import type { Executor } from "../executor.js";
import { executorOver } from "../executor-over.js";

/**
 * Returns an executor that reads the tenant's event position before an operation with `liveCursor` begins, and sends it to the subgraphs with each
 * call. This takes one primary-key lookup, and only for operations whose text contains the name, because a field name cannot be written in another
 * way.
 *
 * Why a subscription after this cursor misses nothing that the operation's response does not show:
 *
 * 1. The relay numbers an event in its own transaction, and it sees only events whose transaction has committed. The number and the head are updated
 *    together. A reader that sees the head H at time T therefore knows that every event up to H had committed before T.
 * 2. Each read of the operation begins after T, because T lies before the first subgraph call. Its snapshot is therefore newer than the commit of
 *    every event up to H, regardless of which subgraph reads, in which order or process: the response shows all of them.
 * 3. A change that the response does not show therefore committed after T, or committed before T and had no number yet. Both get a number above H:
 *    numbers are assigned under the lock of the tenant's head, ascending and without gaps. `after: H` delivers it.
 *
 * Concurrent writers do not matter (their events have no number before they commit), nor does a relay that is behind (its events are repeated: the
 * response shows them, and they are delivered again). Reads must go to the server that commits; a lagging read replica would break step 2.
 * Consistency tokens rely on that, too (decision 44).
 */
export function takingLiveCursors(executor: Executor, database: Database): Executor {
  return executorOver(executor, async (operation, context) => {
    const { viewer } = context;
    if (!viewer || !operation.query.includes(liveCursorField)) return executor.execute(operation, context);
    const livePosition = await asTenant(database, { tenantId: viewer.tenantId }, "read", (tx) => headPosition(tx));
    return executor.execute(operation, { ...context, livePosition });
  });
}
