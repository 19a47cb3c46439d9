import { personalData } from "@weft/drizzle";

/** Secrets that are not columns, and members that identify a person even though some table has a public column of the same name. */
const listed = [
  "password",
  "newPassword",
  "currentPassword",
  "bindPassword",
  "deviceToken",
  "mfaToken",
  "resetToken",
  "recoveryCode",
  "recoveryCodes",
  "token",
  "accessToken",
  "refreshToken",
  "authorization",
  "Authorization",
  "cookie",
  "set-cookie",
  "x-weft-call",
  "secret",
  "masterKey",
  "nextMasterKey",
  "previousMasterKeys",
  "privateJwk",
  "databasePasswords",
  "apiKey",
  "connectionString",
  "login",
  "email",
];

/**
 * Names of members whose values are never logged, at any position: this list, and the columns that the registry of personal data classifies as secret
 * or personal. A name that is public in another table (`name`, `address`) remains readable, because whole rows are never logged.
 */
export const secretNames: readonly string[] = [...new Set([...listed, ...columnNames()])];

function columnNames(): string[] {
  const columns = Object.values(personalData).flatMap((table) => Object.entries(table));
  const publicNames = new Set(columns.filter(([, kind]) => kind === "public").map(([name]) => name));
  return columns.filter(([name]) => !publicNames.has(name)).flatMap(([name]) => [name, camelCase(name)]);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
