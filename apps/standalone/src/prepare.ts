import { type Config, type Keys, roleSettings } from "@weft/platform/config";
import { migrateAsOwner } from "./migrate/migrate-as-owner.js";
import { assertNoDemoUsers } from "./seed/demo-guard.js";

/** Lets a demo reach its own servers, and nothing else on this computer. */
export const reaching = (config: Config, servers: readonly ({ readonly host: string } | undefined)[]): Config => ({
  ...config,
  outbound: { ...config.outbound, allowed: [...config.outbound.allowed, ...servers.flatMap((server) => server?.host ?? [])] },
});

/** Migrates if the owner's connection is configured. Otherwise, somebody else has migrated. Production starts only without demo users. */
export async function prepareDatabase(config: Config, keys: Keys): Promise<void> {
  const { ownerUrl } = config.database;
  if (ownerUrl !== undefined) await migrateAsOwner({ ownerUrl, roles: roleSettings(config, keys) });
  if (config.mode === "production") await assertNoDemoUsers(config);
}
