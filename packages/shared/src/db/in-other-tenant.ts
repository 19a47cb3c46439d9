import { sql } from "drizzle-orm";
import { isUuid } from "../ids/uuid-v7.js";
import type { Tx } from "./database.js";

/**
 * Goes on in another tenant within the same transaction, and comes back: what a platform operator changes in a tenant and the two audit entries about
 * it commit together or not at all. Only for code that has decided that the viewer is an operator of the platform: row-level security follows
 * the context and does not ask. Nobody acts for a vendor there. When `fn` fails the whole transaction must fail.
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

/** `set local` takes no parameters: only what is a UUID gets into the text. */
async function enter(tx: Tx, tenantId: string): Promise<void> {
  if (!isUuid(tenantId)) throw new TypeError(`The tenant of a transaction must be a UUID; it is ${JSON.stringify(tenantId)}.`);
  await tx.execute(sql.raw(`set local app.tenant_id = '${tenantId}'`));
}
