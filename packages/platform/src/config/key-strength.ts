import type { KeysFile } from "./keys-file.js";

const symmetric = ["refresh", "cursor", "internalCall", "masterKey"] as const;
const advice = "Create a new file with `pnpm keys <file>`, which generates random keys";

/** Returns problems with keys that can be guessed, without the keys themselves. Empty if all keys are random and distinct. */
export function weakKeys({ access, checkpoint, databasePasswords, ...content }: KeysFile): string[] {
  const keys = [
    ...symmetric.map((name) => [name, content[name]] as const),
    ...(content.nextMasterKey === undefined ? [] : [["nextMasterKey", content.nextMasterKey] as const]),
    ...content.previousMasterKeys.map(({ key }, at) => [`previousMasterKeys.${at}`, key] as const),
    ["access", access.privateJwk.d] as const,
    ...(access.next ? [["access.next", access.next.privateJwk.d] as const] : []),
    ["checkpoint", checkpoint.privateJwk.d] as const,
  ];
  // Public, because /.well-known/jwks.json and checkpoints contain them.
  const published = [access.privateJwk, checkpoint.privateJwk, ...(access.next ? [access.next.privateJwk] : [])];
  const open = [...published, ...access.previous.map(({ publicJwk }) => publicJwk)].map(({ x }) => bytesOf(x));
  const passwords = Object.entries(databasePasswords).map(([role, password]) => [`databasePasswords.${role}`, password] as const);
  return [
    ...keys
      .filter(([, key]) => !looksRandom(Buffer.from(key, "base64url")))
      .map(([name]) => `${name}: its bytes are not random. ${advice}`),
    ...keys
      .filter(([, key]) => open.includes(bytesOf(key)))
      .map(([name]) => `${name}: is the public half of a signing key, which anyone can read. ${advice}`),
    // Compares bytes, because one key can be encoded in several ways.
    ...repeated(keys.map(([name, key]) => [name, bytesOf(key)] as const)).map(
      (names) => `${names.join(", ")}: are the same key, so a leak of one exposes the others. ${advice}`,
    ),
    ...passwords.filter(([, password]) => !looksDrawn(password)).map(([name]) => `${name}: is not random. ${advice}`),
    ...repeated(passwords).map(
      (names) => `${names.join(", ")}: are the same, so one password gives access to all of these roles. ${advice}`,
    ),
  ];
}

/**
 * Returns whether bytes can come from a random source. Of 10^13 random keys of 32 bytes, at most one consists of printable ASCII only, and even fewer
 * have less than 16 distinct bytes, constant steps, or a repeated pattern. Keys that people type or that careless programs write have one of these
 * properties.
 */
function looksRandom(bytes: Uint8Array): boolean {
  const steps = new Set(bytes.slice(1).map((byte, at) => byte - (bytes[at] ?? 0)));
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return new Set(bytes).size >= 16 && steps.size > 2 && !isText && !isPeriodic(bytes);
}

/** Returns whether the values repeat a pattern of at most half their length. */
function isPeriodic(values: ArrayLike<unknown>): boolean {
  const all = Array.from(values);
  return all.some((_value, period) => period > 0 && period <= all.length / 2 && all.every((value, at) => value === all[at % period]));
}

/** Words that people type into passwords. A random password of 32 characters contains one with a probability below one in a million. */
const typed = /password|postgres|secret|changeme|change-me|qwerty|123456|abcdef/i;

const looksDrawn = (password: string): boolean => new Set(password).size >= 8 && !typed.test(password) && !isPeriodic(password);

const bytesOf = (key: string): string => Buffer.from(key, "base64url").toString("hex");

/** Returns groups of names of entries that share a value. */
function repeated(entries: readonly (readonly [name: string, value: string])[]): string[][] {
  const names = Map.groupBy(entries, ([, value]) => value);
  return [...names.values()].filter((group) => group.length > 1).map((group) => group.map(([name]) => name));
}
