import { type Problem, quote } from "@weft/shared/errors";
import { invisibleTextProblem } from "@weft/shared/texts";

/** RFC 5321 allows at most 254 characters, but some systems have longer addresses. */
const maxEmailLength = 320;

// Deliberately loose: only sending an email can tell whether an address exists. The host must be a name. An IP address, with or without brackets,
// could make us send email into our own network.
const emailPattern = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\[\]]+\.(?=[^.]*\p{L})[^\s@<>"(),;:\\[\].]+$/u;
const controlCharacters = /\p{Cc}|\p{Cs}/u;

/** Returns the problems of an email address, with the given `path`. */
export function emailProblems(path: string, email: string, max = maxEmailLength): Problem[] {
  if (email.length > max) return [{ path, message: `The email address is longer than ${max} characters.` }];
  const isAddress = emailPattern.test(email) && !controlCharacters.test(email) && invisibleTextProblem(email) === null;
  return isAddress ? [] : [{ path, message: `${quote(email)} is not a valid email address. It should look like ana@example.com.` }];
}
