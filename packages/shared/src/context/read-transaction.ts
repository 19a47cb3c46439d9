import { asTenant } from "../db/as-tenant.js";
import type { Database, TenantContext, TransactionOptions, Tx } from "../db/database.js";

/** A read transaction that is held open until somebody closes it. */
export interface ReadTransaction {
  readonly tx: Promise<Tx>;
  close(): Promise<void>;
}

/** Opens a read-only transaction as the tenant. A connection lost meanwhile shows in the statements, not in `close`. */
export function openRead(db: Database, who: TenantContext, waiting: Pick<TransactionOptions, "waitMs"> = {}): ReadTransaction {
  const opened = Promise.withResolvers<Tx>();
  const closing = Promise.withResolvers<void>();
  const held = async (tx: Tx): Promise<void> => {
    opened.resolve(tx);
    await closing.promise;
  };
  const ended = asTenant(db, who, "read", held, waiting).catch((error: unknown) => opened.reject(error));
  return {
    tx: opened.promise,
    close: async () => {
      closing.resolve();
      await ended;
    },
  };
}
