import { writeAudit } from "../audit/write.js";
import { asTenant } from "../db/as-tenant.js";
import type { Database, Databases, Tx } from "../db/database.js";
import { inOtherTenant } from "../db/in-other-tenant.js";
import type { WriteMeta } from "../events/write-meta.js";
import { pause } from "../leadership/lead.js";
import type { LeadershipLog } from "../leadership/lead.js";
import type { PersonKeyring } from "../privacy/keyring.js";
import { becomePurger, beginPurge, deleteSomeOf, findPlatformTenant, findTablesOfTenants, findTenantsToPurge } from "./purge.store.js";

const EVERY_MS = 3_600_000;
/** A fresh start has better things to do. */
const FIRST_AFTER_MS = 60_000;
/** Rows of one transaction: so that none holds locks for long. */
const BATCH = 5_000;
/** Nobody of any tenant: the nil UUID. */
const nobody = "00000000-0000-0000-0000-000000000000";

export interface Purger {
  /** Ends after the batch at work; what is half done goes on at the next start. */
  stop(): Promise<void>;
}

interface PurgerOptions {
  readonly databases: Pick<Databases, "worker">;
  readonly keyring: PersonKeyring;
  readonly log: LeadershipLog;
  readonly firstAfterMs?: number;
}

/**
 * Deletes archived tenants whose retention is over, hourly. Needs no leader: what two workers delete at once is deleted once. The database holds it to
 * the time: a policy of every table lets the role that purges delete nothing else.
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
        log.error({ err: error }, "the archived tenants could not be read and wait for the next hour");
      }
      await pause(EVERY_MS, stopping.signal);
    }
  }

  /** One that cannot be deleted does not keep those after it. */
  async function purge(tenantId: string): Promise<void> {
    if (stopping.signal.aborted) return;
    await purgeTenant(options, tenantId, stopping.signal).catch((error: unknown) => {
      log.error({ err: error, tenantId }, "an archived tenant could not be deleted and waits for the next hour");
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
 * Deletes everything of a tenant whose time has come: in batches, so that a large one holds no locks for long, then what is left with the tenant
 * itself and the tombstone in the platform's audit log in one transaction. An interrupted purge goes on where it was.
 * @returns how many rows are gone; null when the tenant is not due, or somebody else has deleted it
 */
export async function purgeTenant(
  { databases, keyring, log }: Pick<PurgerOptions, "databases" | "keyring" | "log">,
  tenantId: string,
  signal?: AbortSignal,
): Promise<number | null> {
  const { worker } = databases;
  const tables = await asPurger(worker, tenantId, async (tx) => ((await beginPurge(tx)) ? findTablesOfTenants(tx) : null));
  if (tables === null) return null;
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
    // What came between the batches, if anything: from here on the lock keeps everybody out.
    for (const table of tables) while ((await deleteSomeOf(tx, table, BATCH)) >= BATCH);
    const meta = {
      tenantId: platformId ?? nobody,
      actorId: nobody,
      onBehalfOf: null,
      sessionId: null,
      requestId: "purge",
      address: null,
      traceId: null,
    };
    if (platformId !== null) await bury(tx, { ...meta, keyring }, { from: tenantId, before: { tenantId, ...tenant, rows: total } });
    return tenant.slug;
  });
  if (slug === null) return null;
  log.info({ tenantId, slug, rows: total }, "an archived tenant was deleted for ever");
  return total;
}

/** The last that is known of a tenant: in the audit log of those who run the installation, who archived it before. */
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
