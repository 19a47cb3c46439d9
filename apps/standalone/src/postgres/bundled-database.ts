import { join } from "node:path";
import { ConfigError, isGiven, loadConfig } from "@weft/platform/config";
import { superuserUrl } from "./cluster.js";
import { readPidFile } from "./pid-file.js";

/** Returns the current URL of the PostgreSQL in one-process mode, whose port changes with each start. Empty if the settings name a database. @throws ConfigError if Weft is not running */
export function bundledDatabase(): { DATABASE_OWNER_URL?: string } {
  const { dataDir } = loadConfig(process.env, {}, { vaultSecrets: "unread" });
  if (isGiven(process.env, "DATABASE_OWNER_URL") || isGiven(process.env, "DATABASE_URL")) return {};
  const cluster = join(dataDir, "postgres");
  const running = readPidFile(cluster);
  if (running.kind === "live") return { DATABASE_OWNER_URL: superuserUrl(cluster, running.port, "weft") };
  throw new ConfigError([
    `DATABASE_URL: is not set, and Weft is not running on ${dataDir} (WEFT_DATA_DIR). Start Weft, or set DATABASE_URL`,
  ]);
}
