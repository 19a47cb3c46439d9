import type { KeysFile } from "./keys.js";

const symmetric = ["refresh", "cursor", "internalCall", "masterKey"] as const;
const advice = "Make a new file with `pnpm keys <file>`, which draws them all from the system's random source";

/** The keys of a file that somebody could guess, as problems that name them without showing them; empty when all are random and distinct. */
export function weakKeys({ access, checkpoint, databasePasswords, ...content }: KeysFile): string[] {
  const keys = [
    ...symmetric.map((name) => [name, content[name]] as const),
    ["access", access.privateJwk.d] as const,
    ["checkpoint", checkpoint.privateJwk.d] as const,
  ];
  // What anybody reads at /.well-known/jwks.json and in checkpoints.
  const open = [access.privateJwk, checkpoint.privateJwk, ...access.previous.map(({ publicJwk }) => publicJwk)].map(({ x }) => bytesOf(x));
  const passwords = Object.entries(databasePasswords).map(([role, password]) => [`databasePasswords.${role}`, password] as const);
  return [
    ...keys
      .filter(([, key]) => !looksRandom(Buffer.from(key, "base64url")))
      .map(([name]) => `${name}: its bytes are not random. ${advice}`),
    ...keys
      .filter(([, key]) => open.includes(bytesOf(key)))
      .map(([name]) => `${name}: is the public half of a signing key, which everybody can read. ${advice}`),
    // By their bytes: one key can be written in several ways.
    ...repeated(keys.map(([name, key]) => [name, bytesOf(key)] as const)).map(
      (names) => `${names.join(", ")}: are the same key; one that leaks gives the other away. ${advice}`,
    ),
    ...passwords.filter(([, password]) => !looksDrawn(password)).map(([name]) => `${name}: is not random. ${advice}`),
    ...repeated(passwords).map((names) => `${names.join(", ")}: are the same; whoever has one is every role. ${advice}`),
  ];
}

/**
 * Whether bytes can come from a random source. Of 10^13 random keys of 32 bytes at most one is printable ASCII throughout, and fewer have
 * less than 16 distinct bytes, even steps between them, or repeat themselves. Keys that people type and careless programs write have one of these.
 */
function looksRandom(bytes: Uint8Array): boolean {
  const steps = new Set(bytes.slice(1).map((byte, at) => byte - (bytes[at] ?? 0)));
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return new Set(bytes).size >= 16 && steps.size > 2 && !isText && !isPeriodic(bytes);
}

/** Whether a pattern of at most half the length is repeated to its end. */
function isPeriodic(values: ArrayLike<unknown>): boolean {
  const all = Array.from(values);
  return all.some((_value, period) => period > 0 && period <= all.length / 2 && all.every((value, at) => value === all[at % period]));
}

/** What people write into passwords. None is in one of a million random passwords of 32 characters. */
const typed = /password|postgres|secret|changeme|change-me|qwerty|123456|abcdef/i;

const looksDrawn = (password: string): boolean => new Set(password).size >= 8 && !typed.test(password) && !isPeriodic(password);

const bytesOf = (key: string): string => Buffer.from(key, "base64url").toString("hex");

/** The names of those that have the same value. */
function repeated(entries: readonly (readonly [name: string, value: string])[]): string[][] {
  const names = Map.groupBy(entries, ([, value]) => value);
  return [...names.values()].filter((group) => group.length > 1).map((group) => group.map(([name]) => name));
}
