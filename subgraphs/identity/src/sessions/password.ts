import { hash, verify } from "@node-rs/argon2";
import type { PasswordCost, Problem } from "@weft/shared";
import { commonPasswords } from "./common-passwords.js";

/** Longer passwords are refused before any hashing (a megabyte of password is an attack on our processor, not a secret). */
export const maxPasswordLength = 256;
/** Shortest password that a user may set where no configuration says so. A demo allows its well-known short ones. */
const minPasswordLength = { demo: 6, production: 8 };

/** One form for all the ways to type the same characters, so that a password set on one system opens on another. */
const normalised = (password: string): string => password.normalize("NFKC");

/** Whether the text is short enough to be hashed. Counted in UTF-16 units before normalisation, which may lengthen it by a bounded factor. */
export function isHashable(password: string): boolean {
  return password.length <= maxPasswordLength;
}

/** What is wrong with a new password, as problems on `path`; none when it may be set. Of a tenant's own rule: `newPasswordProblems`. */
export function passwordProblems(
  password: string,
  path: string,
  mode: keyof typeof minPasswordLength,
  minLength = minPasswordLength[mode],
): Problem[] {
  if (!isHashable(password)) return [{ path, message: `The password is longer than ${maxPasswordLength} characters.` }];
  const plain = normalised(password);
  if (plain.length < minLength) return [{ path, message: `The password needs at least ${minLength} characters.` }];
  if (commonPasswords.has(plain.toLowerCase())) return [{ path, message: "This password is among the most used ones; choose another." }];
  return [];
}

/** The argon2id hash (PHC string) of a password that is hashable; throws RangeError on a longer one. */
export async function hashPassword(password: string, cost: PasswordCost): Promise<string> {
  if (!isHashable(password))
    throw new RangeError(`A password of ${password.length} characters came to the hash; the bound is ${maxPasswordLength}.`);
  // The library's default algorithm is argon2id.
  return hash(normalised(password), {
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
  });
}

const dummies = new Map<string, Promise<string>>();

/** A hash that nobody has the password of, at the current cost: unknown users are verified against it, so that time does not tell them apart. */
function dummyHash(cost: PasswordCost): Promise<string> {
  const key = `${cost.memoryKib}/${cost.passes}`;
  const known = dummies.get(key);
  if (known) return known;
  const made = hashPassword(crypto.randomUUID(), cost);
  dummies.set(key, made);
  return made;
}

/**
 * Whether the password opens the hash. Without a hash (unknown user, several matches, invited user) the same work is done against a
 * dummy and the answer is false; an overlong password is false without work, for everybody alike.
 */
export async function verifyPassword(passwordHash: string | null, password: string, cost: PasswordCost): Promise<boolean> {
  if (!isHashable(password)) return false;
  // Made for everybody, or the first unknown user after a start would take longer than a known one.
  const dummy = await dummyHash(cost);
  const matches = await verify(passwordHash ?? dummy, normalised(password));
  return matches && passwordHash !== null;
}
