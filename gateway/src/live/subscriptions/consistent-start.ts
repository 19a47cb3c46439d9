import { ConsistencyTimeout } from "@weft/shared/errors";
import type { ReachedState } from "../../consistency/consistency.js";
import type { Connection } from "../connections/connection.js";
import type { Feeds } from "../feeds/feeds.js";

/** Where a subscription with a token starts. */
export interface ConsistentStart {
  /** The last position that an event of the token's state can have, apart from those of `passed`. The feed can be behind it. */
  readonly start: number;
  /** IDs of further events of this state, which get their positions later. */
  readonly passed: ReadonlySet<string>;
  /** Time by `performance.now()`: an answer that was asked for earlier may be older than the token. */
  readonly since: number;
}

/**
 * Finds the events that belong to the state of a token. Relay and messages are later than the changes that they tell of: an event that the client has already
 * seen the result of would otherwise be delivered after it. What commits after this looks at the database is delivered. So call it soon after the subscription
 * has arrived.
 * @throws ConsistencyTimeout if too many events have no position
 */
export async function consistentStart(
  connection: Connection,
  reached: ReachedState,
  { feeds }: { readonly feeds: Pick<Feeds, "committed"> },
): Promise<ConsistentStart> {
  const begun = performance.now();
  const { tenantId } = await connection.viewer();
  const committed = await feeds.committed(tenantId);
  // Clients come back at different times, so that they do not all find the relay where it was.
  if (!committed) throw new ConsistencyTimeout(performance.now() - begun, 1 + Math.floor(5 * Math.random()));
  return { start: committed.position, passed: committed.unnumbered, since: reached.since };
}
