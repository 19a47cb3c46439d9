import { migrate, type MigrateOptions } from "@weft/drizzle";
import { connectionRefusal } from "@weft/shared";

/** Runs `migrate`. If a connection with DATABASE_OWNER_URL fails, reports it in one sentence. @throws StartRefused */
export async function migrateAsOwner(options: MigrateOptions): Promise<void> {
  try {
    await migrate(options);
  } catch (error) {
    throw connectionRefusal(error, { setting: "DATABASE_OWNER_URL", url: options.ownerUrl }) ?? error;
  }
}
