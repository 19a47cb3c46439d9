import { BadUserInput, type Problem } from "@weft/shared/errors";
import { invisibleTextProblem } from "@weft/shared/texts";
import { emailProblems as addressProblems } from "@weft/api/inputs";
import { maxLoginNameLength } from "../sessions/login-name.js";

const maxNameLength = 200;
const maxDescriptionLength = 2000;
// Identity providers use email addresses, such as o'neill@acme.example, as user names.
const usernamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._+'@-]*$/u;
/** Domain of operator users. Other users cannot use it; otherwise they could block operators from the tenant by taking a name. */
export const operatorUserDomain = "operator.invalid";
/** Domain of the addresses of service accounts, which no email reaches (RFC 2606). Other users cannot use it either. */
const serviceAccountDomain = "service-account.invalid";
const isKept = (name: string): boolean =>
  [operatorUserDomain, serviceAccountDomain].some((domain) => name.toLowerCase().endsWith(`@${domain}`));
const keptProblem = (path: string): Problem => ({
  path,
  message: `Names at ${operatorUserDomain} and ${serviceAccountDomain} are kept for platform operators and service accounts.`,
});

/** Returns the address of a service account. It depends on the ID, because the user name can change. */
export const serviceAccountAddress = (id: string): string => `${id}@${serviceAccountDomain}`;
const controlCharacters = /\p{Cc}|\p{Cs}/u;

/** Returns the problems of an email address, with the given `path`. */
export function emailProblems(email: string, path = "input.email"): Problem[] {
  return isKept(email) ? [keptProblem(path)] : addressProblems(path, email, maxLoginNameLength);
}

/** Returns the problems of a user name, with the given `path`. */
export function usernameProblems(username: string, path = "input.username"): Problem[] {
  if (username.length > maxNameLength) return [{ path, message: `The user name is longer than ${maxNameLength} characters.` }];
  if (isKept(username)) return [keptProblem(path)];
  return usernamePattern.test(username)
    ? []
    : [{ path, message: "A user name starts with a letter or digit and contains only letters, digits, and . _ + ' - @." }];
}

/**
 * Derives a user name for a user who did not choose one: the part of the email address before the @, without characters that user names cannot
 * contain. An address such as o'neill@… is not an error.
 */
export function usernameOf(email: string): string {
  const local = email.slice(0, Math.max(0, email.indexOf("@"))).normalize("NFKC");
  // Surrogate pairs are not split.
  const [username = ""] = /^[\p{L}\p{N}].{0,99}/u.exec(local.replaceAll(/[^\p{L}\p{N}._+-]|^[._+-]+/gu, "")) ?? [];
  return username === "" ? "user" : username;
}

/** Returns the problems of the name of a user or an object, with the given `path`. */
export function nameProblems(name: string, path = "input.name"): Problem[] {
  if (name.trim() === "") return [{ path, message: "The name is empty." }];
  if (name.length > maxNameLength) return [{ path, message: `The name is longer than ${maxNameLength} characters.` }];
  if (controlCharacters.test(name)) return [{ path, message: "The name contains control characters." }];
  const invisible = invisibleTextProblem(name);
  return invisible === null ? [] : [{ path, message: invisible }];
}

/** Returns the problems of a description, with the path `input.description`. It can be empty and have several lines. */
export function descriptionProblems(description: string): Problem[] {
  return description.length <= maxDescriptionLength
    ? []
    : [{ path: "input.description", message: `The description is longer than ${maxDescriptionLength} characters.` }];
}

/** Returns the problems of the key of a role or a team, with the path `input.key`. */
export function keyProblems(key: string): Problem[] {
  return /^[a-z][a-z0-9_-]{0,62}$/.test(key)
    ? []
    : [
        {
          path: "input.key",
          message:
            "A key has at most 63 characters, starts with a lower-case letter, and contains only lower-case letters, digits, _ and -.",
        },
      ];
}

/**
 * Returns the name and the description that an input changes. Fields that are omitted or null are not changed.
 * @throws BadUserInput
 */
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
