import postgres from "postgres";

/** Moves the business clock of one tenant (`app.weft_now()`); audit entries, sessions and tokens keep true time. */
export interface TenantClock {
  /** Sets the clock so many days back. */
  daysAgo(days: number): Promise<void>;
  /** Sets it to true time, for good. */
  now(): Promise<void>;
  close(): Promise<void>;
}

const dayMs = 86_400_000;

/**
 * As the owner of the tables: the role that serves tenants may not move a clock. Only a sandbox has an offset, so the tenant is one for as long
 * as its clock is behind; that is also how the next start finds out that this one was interrupted.
 */
export function tenantClock(ownerUrl: string, tenantId: string): TenantClock {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  const set = async (offsetMs: number): Promise<void> => {
    await sql.begin(async (tx) => {
      // A crash may forget it: the next start finds the sandbox all the same, or an organization that is not finished.
      await tx`select set_config('app.tenant_id', ${tenantId}, true), set_config('synchronous_commit', 'off', true)`;
      await tx`update identity.tenants set clock_offset_ms = ${offsetMs}, is_sandbox = ${offsetMs !== 0} where tenant_id = ${tenantId}`;
    });
  };
  return { daysAgo: (days) => set(-Math.round(days * dayMs)), now: () => set(0), close: () => sql.end() };
}
