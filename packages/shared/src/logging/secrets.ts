import { personalData } from "@weft/drizzle";

/** Secrets that are no columns, and what names a person although some table has a public column of the name. */
const listed = [
  "password",
  "newPassword",
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
  "privateJwk",
  "databasePasswords",
  "apiKey",
  "connectionString",
  "login",
  "email",
];

/**
 * Names of members whose values are never logged, wherever they stand: the list, and the columns that the registry of personal data calls
 * secret or personal. A name that is public in another table (`name`, `address`) stays readable; nobody logs whole rows.
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
