import { migrate, type MigrateOptions } from "@weft/drizzle";
import { StartRefused } from "@weft/shared";

/** Runs `migrate`. If a connection with DATABASE_OWNER_URL fails, reports it in one sentence. @throws StartRefused */
export async function migrateAsOwner(options: MigrateOptions): Promise<void> {
  try {
    await migrate(options);
  } catch (error) {
    throw refusalOf(error, options.ownerUrl) ?? error;
  }
}

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
]);
/** invalid_password, invalid_authorization_specification, invalid_catalog_name */
const refused = new Set(["28P01", "28000", "3D000"]);

function refusalOf(error: unknown, ownerUrl: string): StartRefused | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const code = String(error.code);
  const where = `DATABASE_OWNER_URL: PostgreSQL at ${new URL(ownerUrl).host}`;
  if (unreachable.has(code))
    return new StartRefused(`${where} cannot be reached (${code}). Check that it is running and that the host and port are correct.`, {
      isFinal: false,
      cause: error,
    });
  if (refused.has(code))
    return new StartRefused(`${where} rejected the connection: ${error.message}. Check the user, password, and database.`, {
      isFinal: true,
      cause: error,
    });
  return undefined;
}
