/** Steps of rotations of keys that change the database. Each writes what it did and returns the exit code. */
import { rotateDataKey } from "@weft/identity";
import { changedKeys, openKeys, removeMasterKeys } from "@weft/platform/config";
import { masterKeys, type MasterKeys, reencryptTenant, type Rewrapping, rewrapTenant } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";

/** A tenant whose keys are rotated. */
export interface KeyedTenant {
  readonly tenantId: string;
  readonly slug: string;
}

/** Where a step writes lines. */
export interface Output {
  log(line: string): void;
  error(line: string): void;
}

/** Encrypts the keys of tenants and persons with the current master key. Exit code 1 if some cannot be decrypted. */
export async function rewrapKeys(services: Services, tenants: readonly KeyedTenant[], output: Output): Promise<number> {
  const { found, unreadable } = await sumOf(services, tenants, { mode: "rewrap", output });
  output.log(`Encrypted ${found} keys of ${tenants.length} tenants with the current master key.`);
  return unreadable === 0 ? 0 : 1;
}

/** Removes earlier master keys. Exit code 1 if a stored key needs one of them. */
export async function removeUnneededMasterKeys(services: Services, tenants: readonly KeyedTenant[], output: Output): Promise<number> {
  const { found } = await sumOf(services, tenants, { mode: "count", output });
  if (found > 0) {
    output.error(`${found} keys still need an earlier master key. Nothing was removed. Run \`pnpm keys rewrap\`, then repeat the command.`);
    return 1;
  }
  const count = await removeMasterKeys(services.config);
  output.log(
    `Removed ${count} earlier master keys. Backups of the database from before \`rewrap\` still need them: keep the earlier keys with these backups.`,
  );
  return 0;
}

/** Creates the next data key of each tenant. */
export async function rotateDataKeys(services: Services, tenants: readonly KeyedTenant[], output: Output): Promise<number> {
  for (const { tenantId, slug } of tenants) output.log(`${slug}: key ${await rotateDataKey(services, tenantId)} encrypts new secrets.`);
  return 0;
}

/** Encrypts existing secrets with the newest data key of each tenant. Exit code 1 if some cannot be decrypted or replaced. */
export async function reencryptSecrets(services: Services, tenants: readonly KeyedTenant[], output: Output): Promise<number> {
  let isComplete = true;
  for (const { tenantId, slug } of tenants) {
    const done = await reencryptTenant({ app: services.databases.app, secrets: services.secrets, tenantId });
    for (const field of done.unreadable) output.error(`${slug}: ${field} cannot be decrypted and was not changed. Its keys are kept.`);
    for (const object of done.refused) output.error(`${slug}: ${object} cannot be changed, and was skipped. Its keys are kept.`);
    if (done.reencrypted + done.destroyedKeys + done.earlierKeys > 0)
      output.log(`${slug}: encrypted ${done.reencrypted} secrets, destroyed ${done.destroyedKeys} earlier keys, kept ${done.earlierKeys}.`);
    isComplete &&= done.unreadable.length + done.refused.length === 0;
  }
  return isComplete ? 0 : 1;
}

async function sumOf(
  services: Services,
  tenants: readonly KeyedTenant[],
  { mode, output }: { readonly mode: "rewrap" | "count"; readonly output: Output },
): Promise<Rewrapping> {
  const known = await masterKeysOf(services);
  let [found, unreadable] = [0, 0];
  for (const { tenantId, slug } of tenants) {
    const done = await rewrapTenant({ app: services.databases.app, masterKeys: known, tenantId, mode });
    found += done.found;
    unreadable += done.unreadable;
    if (done.unreadable > 0) output.error(`${slug}: ${done.unreadable} keys cannot be decrypted by any known master key.`);
  }
  return { found, unreadable };
}

/** Reads the keys again, because they can have changed since the services were opened. */
const masterKeysOf = async ({ config }: Services): Promise<MasterKeys> => masterKeys(await openKeys(config), changedKeys(config));
