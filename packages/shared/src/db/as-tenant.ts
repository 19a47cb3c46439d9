import { isUuid } from "../ids/uuid-v7.js";
import type { Database, TenantContext, TransactionMode, TransactionOptions, Tx } from "./database.js";
import { isRetryable } from "./errors.js";
import { traceOf } from "./trace.js";

const maxRetries = 3;

/**
 * Runs `fn` in a transaction of one tenant: row-level security shows and takes only the tenant's rows (and for a vendor's user only what the vendor
 * was given). The context travels with the first statement, so a small transaction is three round trips.
 *
 * In `write` mode a deadlock or serialization failure runs the whole of `fn` again, at most three times: it must have no effect outside `tx`.
 * An error that is to leave something behind (`withTrace`) leaves it before it is thrown.
 * @throws ServiceUnavailable when the database cannot be reached, or no connection becomes free in time
 */
export async function asTenant<T>(
  db: Database,
  who: TenantContext,
  mode: TransactionMode,
  fn: (tx: Tx) => Promise<T>,
  { waitMs }: Pick<TransactionOptions, "waitMs"> = {},
): Promise<T> {
  const setUp = contextOf(who);
  for (let retries = 0; ; retries++) {
    try {
      return await db.transact({ mode, tenantId: who.tenantId, setUp, waitMs }, fn);
    } catch (error) {
      if (mode === "write" && retries < maxRetries && isRetryable(error)) await jitter(retries);
      else {
        const trace = mode === "write" ? traceOf(error) : undefined;
        // What the caller is told does not hang on whether the trace could be written.
        if (trace) await db.transact({ mode, tenantId: who.tenantId, setUp }, trace).catch(() => undefined);
        throw error;
      }
    }
  }
}

/**
 * `set local`, because it ends with the transaction and Citus passes it on. It takes no parameters: only what is a UUID gets into the text.
 */
function contextOf({ tenantId, userId, vendorId }: TenantContext): string {
  const settings = [setting("tenant_id", tenantId)];
  if (userId !== undefined) settings.push(setting("user_id", userId));
  if (vendorId !== undefined && vendorId !== null) settings.push(setting("vendor_id", vendorId));
  return settings.join("; ");
}

function setting(name: string, value: string): string {
  if (!isUuid(value)) throw new TypeError(`The ${name} of a transaction must be a UUID; it is ${JSON.stringify(value)}.`);
  return `set local app.${name} = '${value}'`;
}

/** Grows with the retries, and spreads those who collided. */
function jitter(retries: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** retries));
}
