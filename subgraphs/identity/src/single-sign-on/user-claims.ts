import { createHash } from "node:crypto";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "../users/user-problems.js";
import type { OidcConfiguration } from "../identity-providers/oidc-configuration.js";
import { AnswerRefused } from "./answer-refused.js";
import type { ProviderClaims } from "./oidc-client.js";

const MAX_SUBJECT_LENGTH = 255;
const MAX_SESSION_LENGTH = 500;
/** More are refused, because roles would be taken from a user by mistake if some were ignored. */
export const MAX_GROUPS = 2_000;

/** A user as a provider describes them. */
export interface ProviderUser {
  readonly subject: string;
  /** Null if the provider gives no valid address. */
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  /** Null if the provider gives no valid name. */
  readonly name: string | null;
  readonly groups: ReadonlySet<string>;
  /** The provider's session. Null if it does not name it. */
  readonly session: string | null;
}

/**
 * Returns the user that claims describe. Values of the wrong type, or that Weft would not accept, count as missing. Null if there
 * is no valid subject. Without the claim, a user is in no group: many providers omit it then. @throws AnswerRefused (not all groups are known)
 */
export function readProviderUser(claims: ProviderClaims, { emailClaim, nameClaim, groupsClaim }: OidcConfiguration): ProviderUser | null {
  if (groupsClaim !== null && hasHiddenGroups(claims, groupsClaim))
    throw new AnswerRefused("The provider gives more groups than a token holds.");
  return toProviderUser({
    subject: claims.sub,
    email: textOf(claims[emailClaim]),
    // What the provider has verified is the standard claim, not another one that is used in its place.
    isEmailVerified: emailClaim === "email" && claims["email_verified"] === true,
    name: textOf(claims[nameClaim]),
    groups: groupsClaim === null ? new Set() : groupsOf(claims[groupsClaim]),
    session: textOf(claims["sid"]),
  });
}

/** Returns a user as a provider describes them. Values that Weft would not accept count as missing. Null if there is no valid subject. */
export function toProviderUser({ subject, groups, session, ...given }: ProviderUser): ProviderUser | null {
  if (subject === "" || subject.length > MAX_SUBJECT_LENGTH || !isStorable(subject)) return null;
  const email = given.email?.normalize("NFKC").trim() ?? "";
  const isEmail = email !== "" && emailProblems(email).length === 0 && usernameProblems(usernameOf(email)).length === 0;
  const name = given.name?.trim() ?? "";
  return {
    subject,
    email: isEmail ? email : null,
    isEmailVerified: isEmail && given.isEmailVerified,
    name: nameProblems(name).length === 0 ? name : null,
    groups,
    session: providerSessionOf(session),
  };
}

/** PostgreSQL takes no other texts. JSON and XML can contain them as escaped characters. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** Returns what a session keeps of the provider's name of its own session: a hash of long ones, and of those that cannot be stored. Null if there is none. */
export function providerSessionOf(sid: unknown): string | null {
  const name = textOf(sid);
  if (name === null || name === "") return null;
  return name.length <= MAX_SESSION_LENGTH && isStorable(name) ? name : createHash("sha256").update(name).digest("hex");
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** Whether a user has groups that are not in the claims: roles would be taken from them by mistake. */
function hasHiddenGroups(claims: ProviderClaims, groupsClaim: string): boolean {
  const [groups, elsewhere] = [claims[groupsClaim], claims["_claim_names"]];
  if (Array.isArray(groups)) return groups.length > MAX_GROUPS;
  return groups === undefined && typeof elsewhere === "object" && elsewhere !== null && Object.hasOwn(elsewhere, groupsClaim);
}

function groupsOf(value: unknown): ReadonlySet<string> {
  if (typeof value === "string") return new Set([value]);
  return new Set(Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);
}
