import { ConsistencyTimeout } from "@weft/shared/errors";
import type { AskedConsistency } from "../../consistency/asked.js";
import type { Consistency } from "../../consistency/consistency.js";
import { maxAgeSince } from "../../viewer/viewers.js";
import type { Connection } from "../connections/connection.js";
import type { Feeds } from "../feeds/feeds.js";
import type { Ending } from "./ending.js";

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
 * Waits for the state of a token, and finds the events that belong to it. Relay and messages are later than the changes that they tell of: an event that the
 * client has already seen the result of would otherwise be delivered after it. Undefined without a token.
 *
 * What commits after the snapshot of `Feeds.committed` is delivered. It is taken a few ms after the message arrived.
 * @throws BadUserInput, ConsistencyTimeout, ConnectionEnded if the rights have changed
 */
export async function consistentStart(
  asked: AskedConsistency,
  { connection, ending }: { readonly connection: Connection; readonly ending: Ending },
  { consistency, feeds }: { readonly consistency: Consistency; readonly feeds: Pick<Feeds, "committed"> },
): Promise<ConsistentStart | undefined> {
  const { tenantId } = await connection.viewer();
  const begun = performance.now();
  const reached = await consistency.reach(asked, tenantId, ending);
  if (!reached) return undefined;
  const committed = await feeds.committed(tenantId, { deadline: reached.deadline, signal: ending.signal });
  if (!committed) throw new ConsistencyTimeout(performance.now() - begun);
  await connection.viewer(maxAgeSince(reached.since));
  return { start: committed.position, passed: committed.unnumbered, since: reached.since };
}
