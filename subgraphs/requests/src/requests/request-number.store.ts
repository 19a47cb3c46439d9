import { app } from "@weft/drizzle";
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

const { counters } = app;

export interface NumberPattern {
  /** For example `MR`. */
  readonly numberPrefix: string;
  readonly isNumberedByYear: boolean;
  readonly numberDigits: number;
}

/**
 * Returns the next number of a request type, without gaps. The counter's row stays locked until the end of the transaction, so call it last.
 * @param year the current year, for types whose numbers start over each year
 */
export async function nextRequestNumber(tx: Tx, tenantId: string, pattern: NumberPattern, year: string): Promise<string> {
  const prefix = pattern.isNumberedByYear ? `${pattern.numberPrefix}-${year}` : pattern.numberPrefix;
  const query = tx
    .insert(counters)
    .values({ tenantId, name: `request:${prefix}`, value: 1 })
    .onConflictDoUpdate({ target: [counters.tenantId, counters.name], set: { value: sql`${counters.value} + 1` } })
    .returning({ value: counters.value });
  const [row] = await named("nextRequestNumber", query);
  if (row === undefined) throw new Error("The request counter returned no row.");
  return `${prefix}-${String(row.value).padStart(pattern.numberDigits, "0")}`;
}
