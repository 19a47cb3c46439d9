import type { Problem } from "../errors/errors.js";
import { quote } from "../errors/errors.js";
import { invisibleTextProblem } from "./text-problems.js";

/** RFC 5321: an address has at most 254 characters; some systems have longer ones. */
const maxEmailLength = 320;

// Deliberately loose: whether an address exists only a mail to it can tell. But its host is a name: an address of a machine, bare or in brackets, would have mails sent into
// our own network.
const emailPattern = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\[\]]+\.(?=[^.]*\p{L})[^\s@<>"(),;:\\[\].]+$/u;
const controlCharacters = /\p{Cc}|\p{Cs}/u;

/** What is wrong with an email address, as problems on `path`. */
export function emailProblems(path: string, email: string, max = maxEmailLength): Problem[] {
  if (email.length > max) return [{ path, message: `The email is longer than ${max} characters.` }];
  const isAddress = emailPattern.test(email) && !controlCharacters.test(email) && invisibleTextProblem(email) === null;
  return isAddress ? [] : [{ path, message: `${quote(email)} is not a valid email address. It should look like ana@example.com.` }];
}
