import { type Config, ConfigError, openConfig, openKeys, roleSettings, withDatabaseUrls } from "@weft/platform/config";
import { runMain } from "@weft/platform/logging";
import { assertNoDemoUsers } from "./seed/demo-guard.js";
import { type MigrateArguments, migrateUsage, parseMigrateArguments } from "./migrate/migrate-arguments.js";
import { migrateAsOwner } from "./migrate/migrate-as-owner.js";

/**
 * `pnpm migrate`: brings the database of DATABASE_OWNER_URL to this version's tables and functions, and sets the passwords of the roles. For a
 * container that runs once, before all others. In production, it fails if the database contains demo users, which keeps the other containers from
 * starting.
 *
 * `pnpm migrate down [COUNT]`: undoes the last COUNT numbered migrations (default 1), and everything applied after them.
 */
async function main(): Promise<number> {
  const args = parseMigrateArguments(process.argv.slice(2));
  if (args === undefined) {
    console.error(migrateUsage);
    return 2;
  }
  const { config, secrets } = await openConfig(process.env);
  try {
    await migrate(config, args);
  } finally {
    await secrets.stop();
  }
  return 0;
}

async function migrate(config: Config, args: MigrateArguments): Promise<void> {
  const { ownerUrl } = config.database;
  if (ownerUrl === undefined) throw new ConfigError(["DATABASE_OWNER_URL: is not set. Migrations connect as the owner of the database"]);
  const keys = await openKeys(config);
  const options = { ownerUrl, roles: roleSettings(config, keys), log: (line: string) => console.log(line) };
  if (args.direction === "down") {
    await migrateAsOwner({ ...options, ...args });
    return;
  }
  // Running it is a decision for this version, even if a later version was installed before.
  await migrateAsOwner({ ...options, onLaterVersion: "apply" });
  if (config.mode === "production") await assertNoDemoUsers(withDatabaseUrls(config, keys));
}

await runMain(async () => {
  process.exitCode = await main();
});
