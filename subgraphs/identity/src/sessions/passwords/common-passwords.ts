/** Passwords that are as easy to guess as those of leaks, but too new or too long for their lists. */
const further =
  "00000000 88888888 87654321 987654321 0987654321 12341234 123123123 1qaz2wsx3edc administrator adminadmin admin1234 user1234 guest123 login123 " +
  "changeme1 welcome123 letmein123 p@ssword p@ssw0rd pa55word corporate company1 " +
  "summer2023 summer2024 summer2025 summer2026 winter2023 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 autumn2026";

const compared = (password: string): string => password.normalize("NFKC").toLowerCase();

let known: Promise<ReadonlySet<string>> | undefined;

/**
 * Returns whether a password is one of the about 49,000 most common ones of published leaks, regardless of case and Unicode form. Works offline. See OWASP
 * ASVS 5.0, V6.2.4 and V6.2.12.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  known ??= load();
  return (await known).has(compared(password));
}

/** Loads the list with the first new password, so that a start does not wait for it. */
async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set([...dictionary["passwords-common"], ...further.split(" ")].map(compared));
}
