import { asTenant } from "../db/as-tenant.js";
import type { Databases, Tx } from "../db/database.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import { findTenantIds } from "./tenant-ids.store.js";

const EVERY_MS = 3_600_000;
/** A fresh start has better things to do. */
const FIRST_AFTER_MS = 60_000;
/** Rows of one transaction: so that none holds locks for long. */
const BATCH = 1_000;

/** Rows that nobody needs any more. */
export interface Chore {
  /** As the log names them. */
  readonly what: string;
  /** Deletes about `limit` of the transaction's tenant (a UUID), fewer only when no more are left; returns how many. */
  deleteSome(tx: Tx, limit: number, tenantId: string): Promise<number>;
}

export interface Cleaner {
  /** Ends after the batch at work. */
  stop(): Promise<void>;
}

interface CleanerOptions {
  readonly databases: Pick<Databases, "worker">;
  readonly log: LeadershipLog;
  readonly chores: readonly Chore[];
  readonly firstAfterMs?: number;
}

/** Does the chores hourly, tenant by tenant, in batches. Needs no leader: what two workers delete at once is deleted once. */
export function startCleaner(options: CleanerOptions): Cleaner {
  const { log, chores, firstAfterMs = FIRST_AFTER_MS } = options;
  const stopping = new AbortController();

  async function run(): Promise<void> {
    await pause(firstAfterMs, stopping.signal);
    while (!stopping.signal.aborted) {
      for (const chore of chores)
        await clean(options, chore, stopping.signal).catch((error: unknown) =>
          log.error({ err: error }, `old ${chore.what} could not be deleted and wait for the next hour`),
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
    for (let deleted = BATCH; deleted >= BATCH && !stopping.aborted; total += deleted) {
      deleted = await asTenant(worker, { tenantId }, "write", (tx) => chore.deleteSome(tx, BATCH, tenantId));
    }
    if (total > 0) log.info({ tenantId, deleted: total }, `old ${chore.what} deleted`);
    if (stopping.aborted) return;
  }
}
