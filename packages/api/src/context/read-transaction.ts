import { asTenant, type Database, type TenantContext, type TransactionOptions, type Tx } from "@weft/platform/db";

/** A read transaction that stays open until it is closed. */
export interface ReadTransaction {
  readonly tx: Promise<Tx>;
  /** Resolves when its connection is free, with the error that the transaction ended with after it had been opened. Never rejects. */
  close(): Promise<unknown>;
}

/** Opens a read-only transaction of the tenant. If its connection is lost, the statements fail, not `close`. */
export function openRead(db: Database, who: TenantContext, waiting: Pick<TransactionOptions, "waitMs"> = {}): ReadTransaction {
  const opened = Promise.withResolvers<Tx>();
  let isOpen = false;
  const closing = Promise.withResolvers<void>();
  const held = async (tx: Tx): Promise<void> => {
    isOpen = true;
    opened.resolve(tx);
    await closing.promise;
  };
  const ended = asTenant(db, who, "read", held, waiting).catch((error: unknown) => {
    if (isOpen) return error;
    opened.reject(error);
    return undefined;
  });
  return {
    tx: opened.promise,
    close: () => {
      closing.resolve();
      return ended;
    },
  };
}
