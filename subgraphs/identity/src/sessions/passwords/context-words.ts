/** Shorter words occur in other words too often. */
const shortestContained = 4;
const productWords = ["weft"];

const plain = (text: string): string => text.normalize("NFKC").toLowerCase();
const withoutSeparators = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "");

/** Returns the words of a text, of an email address only those before the @, and all of them in one. */
function wordsOf(text: string): string[] {
  const [local = ""] = plain(text).split("@");
  return [withoutSeparators(local), ...local.split(/[^\p{L}\p{N}]+/u)].filter((word) => word !== "");
}

/**
 * Returns whether a password contains a word that others connect with its user: of one of the texts, such as the user's names and those of the
 * organization, or the product's name. Case and separators do not matter. Words of up to three letters only count if they are all letters of the password.
 * See OWASP ASVS 5.0, V6.2.11, and NIST SP 800-63B, 3.1.1.2.
 */
export function containsContextWord(password: string, texts: readonly string[]): boolean {
  const given = plain(password);
  const letters = given.replaceAll(/\P{L}/gu, "");
  const joined = withoutSeparators(given);
  return [...productWords, ...texts.flatMap(wordsOf)].some((word) =>
    word.length < shortestContained ? letters === word : given.includes(word) || joined.includes(word),
  );
}
