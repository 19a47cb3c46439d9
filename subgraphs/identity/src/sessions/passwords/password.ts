import { hash, verify } from "@node-rs/argon2";
import type { PasswordCost, Problem } from "@weft/shared";
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
export function passwordProblems(
  password: string,
  path: string,
  mode: keyof typeof minPasswordLength,
  minLength = minPasswordLength[mode],
): Problem[] {
  if (!isHashable(password)) return [{ path, message: `The password is longer than ${maxPasswordLength} characters.` }];
  const plain = normalized(password);
  if (plain.length < minLength) return [{ path, message: `The password must have at least ${minLength} characters.` }];
  if (isCommonPassword(plain)) return [{ path, message: "This password is one of the most common ones. Choose another." }];
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

/** Returns a hash of a random password at the current cost. Unknown users are verified against it, so that response times do not reveal them. */
function dummyHash(cost: PasswordCost): Promise<string> {
  const key = `${cost.memoryKib}/${cost.passes}`;
  const known = dummies.get(key);
  if (known) return known;
  const made = hashPassword(crypto.randomUUID(), cost);
  dummies.set(key, made);
  made.catch(() => dummies.delete(key));
  return made;
}

/**
 * Returns whether the password matches the hash. Without a hash (unknown user, several matches, invited user) verifies against a dummy hash and
 * returns false. Overlong passwords return false immediately for every user. `turn`: as for `hashPassword`.
 * @throws RateLimited if too many passwords are waiting
 */
export async function verifyPassword(
  passwordHash: string | null,
  { password, turn = "" }: { readonly password: string; readonly turn?: string },
  cost: PasswordCost,
): Promise<boolean> {
  if (!isHashable(password)) return false;
  // Created for every user. Otherwise the first unknown user after a start would take longer than a known one.
  const dummy = await dummyHash(cost);
  const matches = await hashingPlaces.run(turn, () => verify(passwordHash ?? dummy, normalized(password)));
  return matches && passwordHash !== null;
}
