/** Returns the canonical form of a BCP 47 tag (`de-at` → `de-AT`). Null if it is none, or longer than 35 characters. */
export function canonicalLocale(tag: string): string | null {
  if (tag.length === 0 || tag.length > 35) return null;
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    return canonical ?? null;
  } catch {
    return null;
  }
}

/**
 * Returns the locales to look for, best first: those of the recipient, then those of the organization, each followed by its shorter forms, and finally
 * English (RFC 4647, lookup).
 */
export function localeChain(...preferred: readonly (string | null)[]): string[] {
  const chain = preferred.flatMap((tag) => {
    const parts = (tag === null ? "" : (canonicalLocale(tag) ?? "")).split("-");
    return parts.map((_, index) => parts.slice(0, parts.length - index).join("-"));
  });
  return [...new Set([...chain, "en"])].filter((tag) => tag !== "");
}
