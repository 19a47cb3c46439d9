import type { DueTenants, Tx } from "@weft/platform/db";

/** A source of work that becomes due at a time of the tenant's clock. */
export interface DueSource {
  /** Name for logs. No two sources of a worker have the same. */
  readonly name: string;
  /**
   * Longest time between two searches while nobody announces work. If a search has found when the next work becomes due, the source is also searched
   * then. Default: a second. Longer for work that is announced when it is created, or that nobody expects to the second.
   */
  readonly searchMs?: number;
  /**
   * Finds due work across all tenants, at most `limit` of them, with a single statement that only reads: the searches of several sources share a
   * transaction, and run in it at the same time. Runs as weft_worker.
   */
  find(tx: Tx, limit: number): Promise<DueTenants>;
  /** Returns when the tenant's earliest work is due, in the tenant's time. Null if there is none. Runs as weft_app, in the tenant. */
  next(tx: Tx): Promise<string | null>;
  /**
   * Does at most `limit` pieces of the tenant's due work in the order of their due times, each in its own transaction or several in one. Starts
   * nothing new once the signal is aborted. Must be safe to run concurrently in several processes.
   * @returns the number of pieces that are done; 0 if none could be done now
   */
  run(tenantId: string, limit: number, signal: AbortSignal): Promise<number>;
}
