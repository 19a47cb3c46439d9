import { sql } from "drizzle-orm";
import { type EffectiveConfig, effectiveConfigOf } from "@weft/platform/configuration";
import { named, type Tx } from "@weft/platform/db";
import type { Context } from "../context/context.js";

/** What the organization has decided about its numbers. Read it before the transaction: a request that holds a connection must not ask for another one. */
export type Numbering = Pick<EffectiveConfig, "numbers" | "timeZone">;

export const numberingOf = async ({
  services,
  viewer,
}: {
  readonly services: Pick<Context["services"], "databases" | "pubsub" | "log">;
  readonly viewer: Pick<Context["viewer"], "tenantId">;
}): Promise<Numbering> => effectiveConfigOf(services, viewer.tenantId);

/**
 * Returns the next number of a counter of the transaction's tenant. Without waiting for other transactions, unless the organization wants consecutive
 * numbers: then call it last. A rollback returns the number to the counter.
 * @param counter for example `contract`
 */
export async function nextNumber(tx: Tx, counter: string, { numbers }: Pick<Numbering, "numbers">): Promise<number> {
  const isConsecutive = numbers.assignment === "consecutive";
  const query = sql`select app.next_number(${counter}, ${isConsecutive}::boolean) as number`;
  const [row] = await tx.execute<{ number: string | number }>(named("nextNumber", query));
  if (!row) throw new Error("A statement without FROM returned no row.");
  return Number(row.number);
}
