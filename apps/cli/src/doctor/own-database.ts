import { ConfigError } from "@weft/platform/config";
import { bundledDatabase } from "@weft/standalone/postgres/bundled-database";

/** The PostgreSQL that `pnpm start` runs, if it does. */
export function ownDatabase(): string | null {
  try {
    return bundledDatabase().DATABASE_OWNER_URL ?? null;
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}
