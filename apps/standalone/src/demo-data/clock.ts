import { socketAddress } from "@weft/drizzle";
import { postgres } from "@weft/pg-driver";
import { type ClockSetting, dateRuns } from "./date-runs.js";

/** Sets the business clock of one tenant (`app.weft_now()`). Audit entries, sessions, and tokens keep the actual time. */
export interface TenantClock {
  /** Sets the clock back by this many days. */
  daysAgo(days: number): Promise<void>;
  /** Sets the clock to the actual time. The tenant remains marked as unfinished. */
  now(): Promise<void>;
  /** Removes the mark, when the tenant has all of its data. */
  finish(): Promise<void>;
  /** Moves what runs have done so far to the times that the clock had. See `dateRuns`. */
  dateRuns(): Promise<void>;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/**
 * Connects as the owner of the tables, because the role that serves tenants cannot change a clock. Only a sandbox has a clock offset, so the tenant
 * is a sandbox until its history is complete. This also tells the next start that this one was interrupted: users cannot make a sandbox of a tenant.
 */
export function tenantClock(ownerUrl: string, tenantId: string): TenantClock {
  const { url, options } = socketAddress(ownerUrl);
  const sql = postgres(url, { ...options, max: 1, onnotice: () => undefined });
  const settings: ClockSetting[] = [];
  const set = async (offsetMs: number, isFinished = false): Promise<void> => {
    await sql.begin(async (tx) => {
      // A crash can lose this change. The next start then still finds the sandbox, or an unfinished organization.
      await tx`select set_config('app.tenant_id', ${tenantId}, true), set_config('synchronous_commit', 'off', true)`;
      const [row] = await tx<{ since: string }[]>`update identity.tenants set clock_offset_ms = ${offsetMs}, is_sandbox = ${!isFinished}
        where tenant_id = ${tenantId} returning clock_timestamp()::text as since`;
      if (row) settings.push({ since: row.since, offsetMs });
    });
  };
  return {
    daysAgo: (days) => set(-Math.round(days * dayMs)),
    now: () => set(0),
    finish: () => set(0, true),
    dateRuns: () => dateRuns(sql, tenantId, settings.splice(0)),
    close: () => sql.end(),
  };
}
