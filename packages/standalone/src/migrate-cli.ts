import { migrate } from "@weft/drizzle";
import { ConfigError, loadConfig, loadKeys, roleSettings } from "@weft/shared";

/** Brings the database of DATABASE_OWNER_URL to the newest migration and sets the passwords of the roles. Made for a container that runs once. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const { ownerUrl } = config.database;
  if (ownerUrl === undefined) throw new ConfigError(["DATABASE_OWNER_URL: is not set; migrations need the owner of the database"]);
  const keys = loadKeys(config.keysFile, { create: config.mode === "demo", mode: config.mode });
  await migrate({ ownerUrl, roles: roleSettings(config, keys), log: (line) => console.log(line) });
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? 78 : 1);
});
