import { asTenant } from "../db/as-tenant.js";
import type { Database, TenantContext, TransactionOptions, Tx } from "../db/database.js";

/** A read transaction that stays open until it is closed. */
export interface ReadTransaction {
  readonly tx: Promise<Tx>;
  close(): Promise<void>;
}

/** Opens a read-only transaction of the tenant. If its connection is lost, the statements fail, not `close`. */
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
