import { sql } from "drizzle-orm";
import { isUuid } from "../ids/uuid-v7.js";
import type { Tx } from "./database.js";

/**
 * Runs `fn` in another tenant within the same transaction, and then switches back. A platform operator's changes in a tenant and their two audit
 * entries thus commit together or not at all. Call it only after checking that the viewer is a platform operator: row-level security follows the
 * context and does not check this. The viewer must not act for a vendor. If `fn` fails, the whole transaction must fail.
 */
export async function inOtherTenant<T>(
  tx: Tx,
  { from, to }: { readonly from: string; readonly to: string },
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  await enter(tx, to);
  const result = await fn(tx);
  await enter(tx, from);
  return result;
}

/** `set local` takes no parameters, so only UUIDs are inserted into the text. */
async function enter(tx: Tx, tenantId: string): Promise<void> {
  if (!isUuid(tenantId)) throw new TypeError(`The tenant of a transaction must be a UUID, not ${JSON.stringify(tenantId)}.`);
  await tx.execute(sql.raw(`set local app.tenant_id = '${tenantId}'`));
}
