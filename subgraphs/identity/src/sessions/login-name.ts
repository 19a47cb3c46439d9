import { createHash } from "node:crypto";

/** Maximum length of an email address or user name to look up. Longer ones match nobody. */
export const maxLoginNameLength = 320;

/** Normalizes a login name for comparison: NFKC, trimmed, in lower case. */
export function normalizeLoginName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

/** Returns whether two names are equal for logins. */
export const isSameLoginName = (one: string, other: string): boolean => normalizeLoginName(one) === normalizeLoginName(other);

/** Returns the key in the global table that finds the tenants of a login name: SHA-256 of the normalized name, in hexadecimal. */
export function loginNameHash(name: string): string {
  return createHash("sha256").update(normalizeLoginName(name)).digest("hex");
}
