import { app } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

const { counters } = app;

/**
 * Returns the next number for a prefix, without gaps. The counter's row stays locked until the end of the transaction, so call it last.
 * @param prefix of the request type, for example `MR`
 */
export async function nextRequestNumber(tx: Tx, tenantId: string, prefix: string): Promise<string> {
  const query = tx
    .insert(counters)
    .values({ tenantId, name: `request:${prefix}`, value: 1 })
    .onConflictDoUpdate({ target: [counters.tenantId, counters.name], set: { value: sql`${counters.value} + 1` } })
    .returning({ value: counters.value });
  const [row] = await named("nextRequestNumber", query);
  if (row === undefined) throw new Error("The request counter returned no row.");
  return `${prefix}-${row.value}`;
}
