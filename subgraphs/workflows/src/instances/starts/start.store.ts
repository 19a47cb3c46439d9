import type { EventEnvelope } from "@weft/shared/event-catalog";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import { causeChain } from "../../cause-chain.js";

/** Counts the starts of workflows by workflows in the chain of events that led to an event. The event itself does not count. */
export async function countStartsBefore(tx: Tx, { causeId }: Pick<EventEnvelope, "causeId">): Promise<number> {
  if (causeId === null) return 0;
  const [row] = await tx.execute<{ starts: number }>(
    named(
      "countStartsBefore",
      sql`${causeChain(causeId)}
      select count(*)::int as starts from chain c
       where exists (select from events.log e where e.tenant_id = app.tenant() and e.id = c.id and e.type = 'workflow.start_requested')`,
    ),
  );
  return row?.starts ?? 0;
}
