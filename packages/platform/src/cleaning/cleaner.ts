import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import { findTenantIds } from "./tenant-ids.store.js";

const EVERY_MS = 3_600_000;
/** Delays the first run, because a process that has just started has more urgent work. */
const FIRST_AFTER_MS = 60_000;
/** Maximum number of rows per transaction, so that no transaction holds locks for long. */
const BATCH = 1_000;

/** A kind of rows to delete when they are no longer needed. */
export interface Chore {
  /** Name of the rows in the log. */
  readonly what: string;
  /** Deletes about `limit` rows of the transaction's tenant (a UUID), and fewer only if no more are left. Returns the number of deleted rows. */
  deleteSome(tx: Tx, limit: number, tenantId: string): Promise<number>;
}

export interface Cleaner {
  /** Stops after the current batch. */
  stop(): Promise<void>;
}

interface CleanerOptions {
  readonly databases: Pick<Databases, "worker">;
  readonly log: LeadershipLog;
  readonly chores: readonly Chore[];
  readonly firstAfterMs?: number;
}

/** Runs the chores hourly, tenant by tenant, in batches. Needs no leader, because rows that two workers delete concurrently are deleted only once. */
export function startCleaner(options: CleanerOptions): Cleaner {
  const { log, chores, firstAfterMs = FIRST_AFTER_MS } = options;
  const stopping = new AbortController();

  async function run(): Promise<void> {
    await pause(firstAfterMs, stopping.signal);
    while (!stopping.signal.aborted) {
      for (const chore of chores)
        await clean(options, chore, stopping.signal).catch((error: unknown) =>
          log.error({ err: error }, `old ${chore.what} could not be deleted; retrying in an hour`),
        );
      await pause(EVERY_MS, stopping.signal);
    }
  }

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function clean({ databases: { worker }, log }: CleanerOptions, chore: Chore, stopping: AbortSignal): Promise<void> {
  for (const tenantId of await worker.begin((tx) => findTenantIds(tx), "read")) {
    let total = 0;
    try {
      for (let deleted = BATCH; deleted >= BATCH && !stopping.aborted; total += deleted) {
        deleted = await asTenant(worker, { tenantId }, "write", (tx) => chore.deleteSome(tx, BATCH, tenantId));
      }
    } catch (error) {
      // The other tenants must not wait for it.
      log.error({ err: error, tenantId }, `old ${chore.what} could not be deleted; retrying in an hour`);
    }
    if (total > 0) log.info({ tenantId, deleted: total }, `old ${chore.what} deleted`);
    if (stopping.aborted) return;
  }
}
