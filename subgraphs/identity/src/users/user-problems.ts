import { BadUserInput, emailProblems as addressProblems, invisibleTextProblem } from "@weft/shared";
import type { Problem } from "@weft/shared";
import { maxLoginNameLength } from "../sessions/login-name.js";

const maxNameLength = 200;
const maxDescriptionLength = 2000;
const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._+@-]*$/u;
/** Of those who stand for platform operators. Nobody else is called so: whoever had taken such a name would keep operators out of the tenant. */
export const standInDomain = "operator.invalid";
const isKept = (name: string): boolean => name.toLowerCase().endsWith(`@${standInDomain}`);
const keptProblem = (path: string): Problem => ({ path, message: `Names at ${standInDomain} are kept for platform operators.` });
const controlCharacters = /\p{Cc}|\p{Cs}/u;

/** What is wrong with an email address, as problems on `path`. */
export function emailProblems(email: string, path = "input.email"): Problem[] {
  return isKept(email) ? [keptProblem(path)] : addressProblems(path, email, maxLoginNameLength);
}

/** What is wrong with a user name, as problems on `path`. */
export function usernameProblems(username: string, path = "input.username"): Problem[] {
  if (username.length > maxNameLength) return [{ path, message: `The user name is longer than ${maxNameLength} characters.` }];
  if (isKept(username)) return [keptProblem(path)];
  return usernamePattern.test(username)
    ? []
    : [{ path, message: "A user name begins with a letter or a digit and has only letters, digits and . _ + - @." }];
}

/**
 * The user name of somebody who names none: what stands before the @ of the email, without the signs that user names do not have. Whoever is called
 * o'neill@… has said nothing wrong.
 */
export function usernameOf(email: string): string {
  const local = email.slice(0, Math.max(0, email.indexOf("@"))).normalize("NFKC");
  // Letters of two units are cut as letters.
  const [username = ""] = /^[\p{L}\p{N}].{0,99}/u.exec(local.replaceAll(/[^\p{L}\p{N}._+-]|^[._+-]+/gu, "")) ?? [];
  return username === "" ? "user" : username;
}

/** What is wrong with the name of a person or a thing, as problems on `path`. */
export function nameProblems(name: string, path = "input.name"): Problem[] {
  if (name.trim() === "") return [{ path, message: "The name is empty." }];
  if (name.length > maxNameLength) return [{ path, message: `The name is longer than ${maxNameLength} characters.` }];
  if (controlCharacters.test(name)) return [{ path, message: "The name has control characters." }];
  const invisible = invisibleTextProblem(name);
  return invisible === null ? [] : [{ path, message: invisible }];
}

/** What is wrong with a description, as problems on `input.description`; it may be empty and have several lines. */
export function descriptionProblems(description: string): Problem[] {
  return description.length <= maxDescriptionLength
    ? []
    : [{ path: "input.description", message: `The description is longer than ${maxDescriptionLength} characters.` }];
}

/** What is wrong with a key of a role or a team, as problems on `input.key`. */
export function keyProblems(key: string): Problem[] {
  return /^[a-z][a-z0-9_-]{0,62}$/.test(key)
    ? []
    : [
        {
          path: "input.key",
          message: "A key begins with a lower-case letter and has only lower-case letters, digits, _ and -; 63 at most.",
        },
      ];
}

/** The name and the description that an input changes; what it leaves out, or gives as null, stays. @throws BadUserInput */
export function namingChanges({ name, description }: { name?: string | null; description?: string | null }): {
  name?: string;
  description?: string;
} {
  const changes = {
    ...(typeof name === "string" && { name: name.trim() }),
    ...(typeof description === "string" && { description }),
  };
  const problems = [
    ...(changes.name === undefined ? [] : nameProblems(changes.name)),
    ...(changes.description === undefined ? [] : descriptionProblems(changes.description)),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  return changes;
}
