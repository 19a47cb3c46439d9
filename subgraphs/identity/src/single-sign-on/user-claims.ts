import { createHash } from "node:crypto";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "../users/user-problems.js";
import type { OidcConfiguration } from "../identity-providers/oidc-configuration.js";
import { AnswerRefused, type ProviderClaims } from "./oidc-client.js";

const MAX_SUBJECT_LENGTH = 255;
const MAX_SESSION_LENGTH = 500;
const MAX_GROUPS = 2_000;

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
  if (claims.sub === "" || claims.sub.length > MAX_SUBJECT_LENGTH) return null;
  const email = textOf(claims[emailClaim])?.normalize("NFKC").trim() ?? "";
  const isEmail = email !== "" && emailProblems(email).length === 0 && usernameProblems(usernameOf(email)).length === 0;
  const name = textOf(claims[nameClaim])?.trim() ?? "";
  return {
    subject: claims.sub,
    email: isEmail ? email : null,
    // What the provider has verified is the standard claim, not another one that is used in its place.
    isEmailVerified: isEmail && emailClaim === "email" && claims["email_verified"] === true,
    name: nameProblems(name).length === 0 ? name : null,
    groups: groupsClaim === null ? new Set() : groupsOf(claims[groupsClaim]),
    session: providerSessionOf(claims["sid"]),
  };
}

/** Returns what a session keeps of the provider's name of its own session: a hash of long ones. Null if there is none. */
export function providerSessionOf(sid: unknown): string | null {
  const name = textOf(sid);
  if (name === null || name === "") return null;
  return name.length <= MAX_SESSION_LENGTH ? name : createHash("sha256").update(name).digest("hex");
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
