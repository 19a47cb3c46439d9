import { writeAudit } from "../audit/write.js";
import { asTenant } from "../db/as-tenant.js";
import type { Database, Databases, Tx } from "../db/database.js";
import { inOtherTenant } from "../db/in-other-tenant.js";
import { metaOfWork } from "../events/meta-of-work.js";
import type { WriteMeta } from "../events/write-meta.js";
import type { FileStorage } from "../files/storage/file-storage.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import {
  becomePurger,
  beginPurge,
  deleteSomeOf,
  deleteSomeSharesWith,
  deleteSomeUsesWith,
  findPlatformTenant,
  findTablesOfTenants,
  findTenantsSharingWith,
  findTenantsToPurge,
} from "./purge.store.js";

const EVERY_MS = 3_600_000;
/** Delays the first run, because a process that has just started has more urgent work. */
const FIRST_AFTER_MS = 60_000;
/** Maximum number of rows per transaction, so that no transaction holds locks for long. */
const BATCH = 5_000;
/** Maximum number of shares with other tenants per transaction: each has an audit entry. */
const SHARES = 500;

export interface Purger {
  /** Stops after the current batch. A partial purge continues at the next start. */
  stop(): Promise<void>;
}

interface PurgerOptions {
  readonly databases: Pick<Databases, "worker">;
  readonly keyring: PersonKeyring;
  /** Holds the bytes of the tenants' files. */
  readonly storage: Pick<FileStorage, "deleteTenant">;
  readonly log: LeadershipLog;
  readonly firstAfterMs?: number;
}

/**
 * Deletes archived tenants whose retention period is over, every hour. Needs no leader: workers can run concurrently, and each row is deleted once.
 * The database enforces the retention period: a policy on every table prevents the purge role from deleting anything else.
 */
export function startPurger(options: PurgerOptions): Purger {
  const { databases, log, firstAfterMs = FIRST_AFTER_MS } = options;
  const stopping = new AbortController();

  async function run(): Promise<void> {
    await pause(firstAfterMs, stopping.signal);
    while (!stopping.signal.aborted) {
      try {
        for (const tenantId of await databases.worker.begin((tx) => findTenantsToPurge(tx), "read")) await purge(tenantId);
      } catch (error) {
        log.error({ err: error }, "archived tenants could not be read; retrying in an hour");
      }
      await pause(EVERY_MS, stopping.signal);
    }
  }

  /** Purges a tenant. A failure does not prevent the purge of the following tenants. */
  async function purge(tenantId: string): Promise<void> {
    if (stopping.signal.aborted) return;
    await purgeTenant(options, tenantId, stopping.signal).catch((error: unknown) => {
      log.error({ err: error, tenantId }, "an archived tenant could not be deleted; retrying in an hour");
    });
  }

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Deletes all data of a tenant whose retention period is over. Most rows are deleted in batches, so that a large tenant does not hold locks for long.
 * The remaining rows, the tenant itself and the tombstone in the platform's audit log are written in one transaction. An interrupted purge continues
 * where it stopped.
 * @returns the number of deleted rows; null if the tenant is not due, was deleted concurrently, or the purge was stopped
 */
export async function purgeTenant(
  { databases, keyring, storage, log }: Pick<PurgerOptions, "databases" | "keyring" | "storage" | "log">,
  tenantId: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const { worker } = databases;
  const tables = await asPurger(worker, tenantId, async (tx) => ((await beginPurge(tx)) ? findTablesOfTenants(tx) : null));
  if (tables === null) return null;
  // First: an interrupted purge is repeated as long as there are rows.
  await storage.deleteTenant(tenantId);
  await endSharing({ worker, keyring }, tenantId, signal);
  if (signal?.aborted) return null;
  let total = 0;
  for (const table of tables.filter(({ name }) => name !== "identity.tenants")) {
    for (let deleted = BATCH; deleted >= BATCH; total += deleted) {
      if (signal?.aborted) return null;
      deleted = await asPurger(worker, tenantId, (tx) => deleteSomeOf(tx, table, BATCH));
    }
  }
  const platformId = await worker.begin((tx) => findPlatformTenant(tx), "read");
  const slug = await asPurger(worker, tenantId, async (tx) => {
    const tenant = await beginPurge(tx);
    if (!tenant) return null;
    // Rows written between the batches, if any. From here on, the lock blocks all writes.
    for (const table of tables) while ((await deleteSomeOf(tx, table, BATCH)) >= BATCH);
    if (platformId !== null)
      await bury(tx, metaOfWork("purge", platformId, keyring), { from: tenantId, before: { tenantId, ...tenant, rows: total } });
    return tenant.slug;
  });
  if (slug === null) return null;
  log.info({ tenantId, slug, rows: total }, "an archived tenant was permanently deleted");
  return total;
}

/** Deletes what other tenants share with a tenant, and what it shares with them: only rows of the deleted tenant itself are deleted with it. */
async function endSharing(
  { worker, keyring }: { worker: Database; keyring: PersonKeyring },
  tenantId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const partnerId of await worker.begin((tx) => findTenantsSharingWith(tx, tenantId), "read")) {
    const inBatches = async (limit: number, fn: (tx: Tx) => Promise<number>): Promise<void> => {
      let deleted = limit;
      while (deleted >= limit && !signal?.aborted) deleted = await asTenant(worker, { tenantId: partnerId }, "write", fn);
    };
    await inBatches(BATCH, (tx) => deleteSomeUsesWith(tx, tenantId, BATCH));
    await inBatches(SHARES, async (tx) => {
      const shares = await deleteSomeSharesWith(tx, tenantId, SHARES);
      const entries = shares.map(({ id: entityId, ...before }) => ({
        action: "definitionShare.delete",
        entityType: "definitionShare" as const,
        entityId,
        before,
        after: null,
      }));
      // Only the purge role, which cannot delete in this tenant, can write to its audit log.
      await becomePurger(tx);
      await writeAudit(tx, metaOfWork("purge", partnerId, keyring), entries);
      return shares.length;
    });
  }
}

/** Writes the tombstone of a tenant to the audit log of the platform tenant, whose operators archived it. */
async function bury(tx: Tx, meta: WriteMeta, { from, before }: { from: string; before: Readonly<Record<string, unknown>> }): Promise<void> {
  await inOtherTenant(tx, { from, to: meta.tenantId }, (inside) =>
    writeAudit(inside, meta, [{ action: "tenant.purge", entityType: "tenant", entityId: from, before, after: null }]),
  );
}

function asPurger<T>(worker: Database, tenantId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return asTenant(worker, { tenantId }, "write", async (tx) => {
    await becomePurger(tx);
    return fn(tx);
  });
}
