import { postgres } from "@weft/pg-driver";
import type { TestTenant } from "../test-tenant.js";
import type { SharedWeft } from "../test-weft.js";

const SECONDS = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 } as const;

/**
 * Moves the clock of a tenant, which becomes a sandbox, and waits until everything that is due then has happened. Other tenants are not affected.
 * Negative values move it back.
 */
export async function advanceClock(
  weft: SharedWeft,
  tenant: TestTenant,
  by: { readonly [unit in keyof typeof SECONDS]?: number },
): Promise<void> {
  const units = Object.keys(SECONDS) as (keyof typeof SECONDS)[];
  const ms = units.reduce((sum, unit) => sum + (by[unit] ?? 0) * SECONDS[unit] * 1000, 0);
  const owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    await owner`update identity.tenants set is_sandbox = true, clock_offset_ms = clock_offset_ms + ${ms}::bigint where tenant_id = ${tenant.id}`;
  } finally {
    await owner.end();
  }
  await weft.weft.worker.idle();
}
