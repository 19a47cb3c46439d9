import { socketAddress } from "@weft/drizzle";
import { StartRefused } from "@weft/platform/config";
import { openFileStorage } from "@weft/platform/files";
import { purgeTenant } from "@weft/platform/purge";
import type { Services } from "@weft/platform/services";
import { postgres } from "@weft/pg-driver";

/** Deletes a demo organization with all its data, as a purge after the retention period does. Only the owner of the tables can end that period. */
export async function discardTenant(services: Services, tenantId: string): Promise<void> {
  const { config, log } = services;
  if (config.database.ownerUrl === undefined)
    throw new StartRefused("Acme's demo data is unfinished, and only the owner of the tables can delete it. Set DATABASE_OWNER_URL.", {
      isFinal: true,
    });
  const { url, options } = socketAddress(config.database.ownerUrl);
  const sql = postgres(url, { ...options, max: 1, onnotice: () => undefined });
  try {
    await sql.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
      await tx`update identity.tenants set status = 'ARCHIVED', archived_at = coalesce(archived_at, now()), purge_at = now()
        where tenant_id = ${tenantId} and is_sandbox`;
    });
  } finally {
    await sql.end();
  }
  await purgeTenant({ ...services, storage: await openFileStorage(config.files, log) }, tenantId);
}
