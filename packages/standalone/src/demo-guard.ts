import { type Config, ConfigError, demoLogins, openDatabases } from "@weft/shared";
import { identity } from "@weft/drizzle";
import { inArray } from "drizzle-orm";

/** @throws ConfigError when the database holds people of the demo: their passwords are in the documentation */
export async function assertNoDemoUsers(config: Config): Promise<void> {
  const databases = await openDatabases(config.database);
  try {
    const logins = demoLogins.map(({ email }) => email);
    const found = await databases.auth.begin((tx) =>
      tx.select({ email: identity.users.email }).from(identity.users).where(inArray(identity.users.email, logins)).limit(5),
    );
    if (found.length === 0) return;
    const names = found.map(({ email }) => email).join(", ");
    throw new ConfigError([
      `WEFT_MODE: this database holds demo users (${names}), whose passwords everybody knows; production needs a database without them`,
    ]);
  } finally {
    await databases.close();
  }
}
