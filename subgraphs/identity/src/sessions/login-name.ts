import { createHash } from "node:crypto";

/** Longest email or user name that is looked up; longer ones match nobody. */
export const maxLoginNameLength = 320;

/** A login name as it is compared: NFKC, trimmed, in lower case. */
export function normaliseLoginName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

/** Whether two names are the same at a login. */
export const isSameLoginName = (one: string, other: string): boolean => normaliseLoginName(one) === normaliseLoginName(other);

/** Key of the global table that finds the tenants of a login name: SHA-256 of the normalised name, hexadecimal. */
export function loginNameHash(name: string): string {
  return createHash("sha256").update(normaliseLoginName(name)).digest("hex");
}
