import { sql } from "drizzle-orm";
import { isUuid } from "@weft/shared/ids";
import type { Tx } from "./database.js";

interface Switch {
  readonly from: string;
  readonly to: string;
  /** Users of the two tenants, if `fn` acts as a user of the other one. If omitted, the user of the transaction does not change. */
  readonly users?: { readonly from: string; readonly to: string };
}

/**
 * Runs `fn` in another tenant within the same transaction, and then switches back. The changes in both tenants and their audit entries thus commit
 * together or not at all. Call it only for a platform operator, or for what the other tenant has agreed to (see the sharing of definitions):
 * row-level security follows the context and does not check this. The viewer must not act for a vendor. If `fn` fails, the whole transaction, or the
 * savepoint around this call, must fail. Never call it in a shared read transaction, because other statements of the request would run in the other tenant.
 */
export async function inOtherTenant<T>(tx: Tx, { from, to, users }: Switch, fn: (tx: Tx) => Promise<T>): Promise<T> {
  await enter(tx, to, users?.to);
  const result = await fn(tx);
  await enter(tx, from, users?.from);
  return result;
}

/** `set local` takes no parameters, so only UUIDs are inserted into the text. */
async function enter(tx: Tx, tenantId: string, userId: string | undefined): Promise<void> {
  for (const id of [tenantId, userId ?? tenantId])
    if (!isUuid(id)) throw new TypeError(`The tenant and the user of a transaction must be UUIDs, not ${JSON.stringify(id)}.`);
  await tx.execute(sql.raw(`set local app.tenant_id = '${tenantId}'`));
  if (userId !== undefined) await tx.execute(sql.raw(`set local app.user_id = '${userId}'`));
}
