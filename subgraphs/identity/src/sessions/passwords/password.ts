import { hash, verify } from "@node-rs/argon2";
import type { Problem } from "@weft/shared/errors";
import type { PasswordCost } from "@weft/platform/config";
import { bcryptHash, isBcryptHash, matchesBcrypt, maxBcryptBytes } from "./bcrypt.js";
import { isCommonPassword } from "./common-passwords.js";
import { hashingPlaces } from "./hashing-places.js";

/** Longer passwords are rejected before hashing, because hashing very long ones would be a denial-of-service risk. */
export const maxPasswordLength = 256;
/** Minimum length of a new password if no configuration specifies it. A demo allows its short public passwords. */
const minPasswordLength = { demo: 6, production: 8 };

/** Normalizes different encodings of the same characters, so that a password set on one system works on another. */
export const normalized = (password: string): string => password.normalize("NFKC");

/** Returns whether two passwords are the same once they are normalized. */
export const isSamePassword = (one: string, other: string): boolean => normalized(one) === normalized(other);

/** Returns whether a password is short enough to be hashed. Counted in UTF-16 units before normalization, which can lengthen it by a bounded factor. */
export function isHashable(password: string): boolean {
  return password.length <= maxPasswordLength;
}

/** Returns the problems of a new password, with the given `path`. For a tenant's own rules see `newPasswordProblems`. */
export async function passwordProblems(
  password: string,
  path: string,
  mode: keyof typeof minPasswordLength,
  minLength = minPasswordLength[mode],
): Promise<Problem[]> {
  if (!isHashable(password)) return [{ path, message: `The password is longer than ${maxPasswordLength} characters.` }];
  const plain = normalized(password);
  if (plain.length < minLength) return [{ path, message: `The password must have at least ${minLength} characters.` }];
  if (await isCommonPassword(plain)) return [{ path, message: "This password is one of the most common ones. Choose another." }];
  return [];
}

/**
 * Returns the argon2id hash (PHC string) of a password. `turn`: whose turn it is among the callers that wait, see `hashingPlaces`.
 * @throws RangeError if the password is too long; RateLimited if too many passwords are waiting
 */
export async function hashPassword(password: string, cost: PasswordCost, turn = ""): Promise<string> {
  if (!isHashable(password))
    throw new RangeError(`A password of ${password.length} characters reached the hash function; the limit is ${maxPasswordLength}.`);
  // The library's default algorithm is argon2id.
  return hashingPlaces.run(turn, () =>
    hash(normalized(password), {
      memoryCost: cost.memoryKib,
      timeCost: cost.passes,
      parallelism: 1,
    }),
  );
}

const dummies = new Map<string, Promise<string>>();

/** Returns a hash of a random password. Unknown users are verified against it, so that response times do not reveal them. */
function dummyHash(key: string, make: (password: string) => Promise<string>): Promise<string> {
  const known = dummies.get(key);
  if (known) return known;
  const made = make(crypto.randomUUID());
  dummies.set(key, made);
  made.catch(() => dummies.delete(key));
  return made;
}

/** A password to verify. */
export interface PasswordAttempt {
  readonly password: string;
  /** Whose turn it is among the callers that wait, as for `hashPassword`. */
  readonly turn?: string;
  /** Cost of imported hashes, if there are any. */
  readonly importedCost?: number | null;
  /** Whether it takes the time of an imported hash, too. */
  readonly takesImported?: boolean;
}

/**
 * Returns whether a password matches the hash: argon2id, or bcrypt of an imported user. Without a hash (unknown user, several matches, invited user)
 * verifies against a dummy hash and returns false. With `takesImported`, verifies against one hash of each kind, of which at most one is the user's.
 * Overlong passwords return false immediately for every user.
 * @throws RateLimited if too many passwords are waiting
 */
export async function verifyPassword(
  passwordHash: string | null,
  { password, turn = "", importedCost = null, takesImported = false }: PasswordAttempt,
  cost: PasswordCost,
): Promise<boolean> {
  if (!isHashable(password)) return false;
  // Created for every user. Otherwise the first unknown user after a start would take longer than a known one.
  const dummy = await dummyHash(`${cost.memoryKib}/${cost.passes}`, (random) => hashPassword(random, cost));
  const imported =
    importedCost === null
      ? null
      : await dummyHash(`bcrypt ${importedCost}`, (random) => hashingPlaces.run("", () => bcryptHash(random, importedCost)));
  const own = passwordHash ?? dummy;
  const other = takesImported ? (isBcryptHash(own) ? dummy : imported) : null;
  const matches = await hashingPlaces.run(turn, () => matchesHash(own, password));
  if (other !== null) await hashingPlaces.run(turn, () => matchesHash(other, password));
  return matches && passwordHash !== null;
}

const matchesHash = (hash: string, password: string): Promise<boolean> =>
  isBcryptHash(hash) ? matchesBcrypt(hash, password) : verify(hash, normalized(password));

/**
 * Returns whether the hash of a correct password should be replaced: it is imported, or its cost is below the current one. bcrypt ignores what follows
 * the 72nd byte of a password, so the rest of a longer one is not verified, and must not become part of a new hash.
 */
export function isOutdatedHash(passwordHash: string, password: string, cost: PasswordCost): boolean {
  if (isBcryptHash(passwordHash)) return Buffer.byteLength(password) <= maxBcryptBytes;
  const [, memoryKib, passes] = /^\$argon2id\$v=\d+\$m=(\d+),t=(\d+),p=\d+\$/.exec(passwordHash) ?? [];
  if (memoryKib === undefined || passes === undefined) return false;
  return Number(memoryKib) < cost.memoryKib || Number(passes) < cost.passes;
}
