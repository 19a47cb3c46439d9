import { dictionary } from "@zxcvbn-ts/language-common";

/** Passwords that are as easy to guess as those of leaks, but too new or too long for their lists. */
const further = ["1qaz2wsx3edc", "administrator", "changeme1", "welcome123", "letmein123", "p@ssword", "p@ssw0rd", "pa55word", "winter2025", "summer2025"];

let known: ReadonlySet<string> | undefined;

/**
 * Returns whether a password is among the most common ones of published leaks (tens of thousands, offline), regardless of case. The list is unpacked at the
 * first call. See OWASP ASVS 5.0, V6.2.4 and V6.2.12.
 */
export function isCommonPassword(password: string): boolean {
  known ??= new Set([...dictionary["passwords-common"].map((one) => one.toLowerCase()), ...further]);
  return known.has(password.toLowerCase());
}
