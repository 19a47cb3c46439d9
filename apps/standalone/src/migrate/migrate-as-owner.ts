import { migrate, type MigrateOptions, MigrationRefused } from "@weft/drizzle";
import { StartRefused } from "@weft/platform/config";
import { connectionRefusal } from "@weft/platform/db";

/**
 * Runs `migrate`. Reports in a sentence if a connection with DATABASE_OWNER_URL fails, or if this version cannot migrate the database.
 * @throws StartRefused
 */
export async function migrateAsOwner(options: MigrateOptions): Promise<void> {
  try {
    await migrate(options);
  } catch (error) {
    if (error instanceof MigrationRefused) throw new StartRefused(error.message, { isFinal: true, cause: error });
    throw connectionRefusal(error, { setting: "DATABASE_OWNER_URL", url: options.ownerUrl }) ?? error;
  }
}
