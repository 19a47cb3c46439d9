/** The ways to open a session. */
import { logins } from "../requests/operations.js";

/** A login with a password. */
export interface PasswordGrant {
  /** Email address or user name. */
  readonly login: string;
  readonly password: string;
  /** Slug of the organization, for those that registered themselves. */
  readonly tenant?: string;
}

export interface DirectoryGrant {
  readonly tenantId: string;
  readonly providerId: string;
  readonly login: string;
  readonly password: string;
}

/** The second step, after `MfaRequiredError`. One of the last three. */
export interface SecondFactorGrant {
  readonly mfaToken: string;
  readonly code?: string;
  readonly recoveryCode?: string;
  /** Result of `navigator.credentials.get` as JSON. */
  readonly passkey?: unknown;
}

export interface PasskeyGrant {
  readonly passkey: unknown;
  readonly tenant?: string;
}

export interface SingleSignOnGrant {
  readonly code: string;
  readonly codeVerifier: string;
}

/** Tokens of another way in: `acceptInvitation`, `registerOrganization`. */
export interface Tokens {
  readonly accessToken: string;
  /** ISO 8601 */
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

export type Grant = PasswordGrant | DirectoryGrant | SecondFactorGrant | PasskeyGrant | SingleSignOnGrant;

interface LoginOperation {
  readonly field: string;
  readonly text: string;
  /** Whether its input takes the token by which the device is known. */
  readonly takesDevice: boolean;
}

const operation = (field: keyof typeof logins, takesDevice: boolean): LoginOperation => ({ field, text: logins[field], takesDevice });

/** Returns the mutation for a grant. */
export function loginOperation(grant: Grant): LoginOperation {
  if ("mfaToken" in grant) return operation("completeLogin", false);
  if ("passkey" in grant) return operation("loginWithPasskey", true);
  if ("codeVerifier" in grant) return operation("completeSingleSignOn", false);
  if ("providerId" in grant) return operation("loginWithDirectory", true);
  return operation("login", true);
}
