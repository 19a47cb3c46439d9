import { setTimeout as delay } from "node:timers/promises";
import { isUuid } from "@weft/shared/ids";
import type { Database, TenantContext, TransactionMode, TransactionOptions, Tx } from "./database.js";
import { runAfterCommit } from "./after-commit.js";
import { isRetryable } from "./errors.js";
import { traceOf } from "./trace.js";

const maxRetries = 3;

/**
 * Runs `fn` in a transaction of one tenant. Row-level security restricts reads and writes to the tenant's rows (for a vendor's user, only to those
 * that the vendor was given). `begin`, the context, and the first statement are sent together, so a transaction of one statement takes two round trips.
 *
 * In `write` mode, a deadlock or serialization failure runs all of `fn` again, at most three times. `fn` must therefore have no effects outside `tx`.
 * If the error has a trace (`withTrace`), the trace is written before the error is thrown.
 * @throws ServiceUnavailable if the database cannot be reached, or no connection becomes free in time
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
      let used: Tx | undefined;
      const result = await db.transact({ mode, tenantId: who.tenantId, setUp, waitMs }, (tx) => fn((used = tx)));
      if (used && mode === "write") runAfterCommit(used);
      return result;
    } catch (error) {
      if (mode === "write" && retries < maxRetries && isRetryable(error)) await jitter(retries);
      else {
        const trace = mode === "write" ? traceOf(error) : undefined;
        // The caller receives the same error whether or not the trace could be written.
        if (trace) await db.transact({ mode, tenantId: who.tenantId, setUp }, trace).catch(() => undefined);
        throw error;
      }
    }
  }
}

/** Uses `set local`, because it ends with the transaction and Citus propagates it. It takes no parameters, so only UUIDs are inserted into the text. */
function contextOf({ tenantId, userId, vendorId }: TenantContext): readonly string[] {
  const settings = [setting("tenant_id", tenantId)];
  if (userId !== undefined) settings.push(setting("user_id", userId));
  if (vendorId !== undefined && vendorId !== null) settings.push(setting("vendor_id", vendorId));
  return settings;
}

function setting(name: string, value: string): string {
  if (!isUuid(value)) throw new TypeError(`The ${name} of a transaction must be a UUID, not ${JSON.stringify(value)}.`);
  return `set local app.${name} = '${value}'`;
}

/** Waits for a random time that grows with the retries, so that colliding transactions spread out. */
function jitter(retries: number): Promise<void> {
  return delay(Math.random() * 20 * 2 ** retries);
}
