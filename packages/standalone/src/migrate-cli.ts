import { ConfigError, loadConfig, loadKeys, roleSettings, runMain, withDatabaseUrls } from "@weft/shared";
import { assertNoDemoUsers } from "./demo-guard.js";
import { migrateAsOwner } from "./migrate-as-owner.js";

/**
 * Brings the database of DATABASE_OWNER_URL to the newest migration and sets the passwords of the roles. Made for a container that runs once,
 * before all others: in production it fails, and so keeps them from starting, when the demo's people are in the database.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const { ownerUrl } = config.database;
  if (ownerUrl === undefined) throw new ConfigError(["DATABASE_OWNER_URL: is not set; migrations need the owner of the database"]);
  const keys = loadKeys(config.keysFile, { create: config.mode === "demo", mode: config.mode });
  await migrateAsOwner({ ownerUrl, roles: roleSettings(config, keys), log: (line) => console.log(line) });
  if (config.mode === "production") await assertNoDemoUsers(withDatabaseUrls(config, keys));
}

await runMain(main);
