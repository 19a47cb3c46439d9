import { demoLogins } from "@weft/shared/demo";
import { type Config, ConfigError } from "@weft/platform/config";
import { openDatabases } from "@weft/platform/db";
import { identity } from "@weft/drizzle";
import { inArray } from "drizzle-orm";

/** @throws ConfigError if the database contains demo users, because their passwords are in the documentation */
export async function assertNoDemoUsers(config: Config): Promise<void> {
  const found = await findDemoUsers(config);
  if (found.length === 0) return;
  throw new ConfigError([
    `WEFT_MODE: this database contains demo users (${found.join(", ")}), whose passwords are public. Use a database without demo users in production`,
  ]);
}

/** Returns the email addresses of at most five demo users. */
export async function findDemoUsers(config: Config): Promise<string[]> {
  const databases = await openDatabases(config.database);
  try {
    const logins = demoLogins.map(({ email }) => email);
    const found = await databases.auth.begin((tx) =>
      tx.select({ email: identity.users.email }).from(identity.users).where(inArray(identity.users.email, logins)).limit(5),
    );
    return found.map(({ email }) => email);
  } finally {
    await databases.close();
  }
}
