import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type RowRef, rowTokens } from "@weft/shared";

/**
 * Everything secret about a login with a provider is derived from the ID of its row and the installation's key, so that the database contains nothing
 * with which a login could be continued, and every gateway can continue it.
 */

const states = rowTokens({ prefix: "wso_", label: "weft single sign-on state 1" });
const codes = rowTokens({ prefix: "wsc_", label: "weft single sign-on code 1" });

/** Returns the `state` that the provider sends back (RFC 6749). */
export const issueState = (key: Uint8Array, login: RowRef): string => states.issue(key, login);

/** Returns null for every state that this installation did not issue. */
export const readState = (key: Uint8Array, state: string): RowRef | null => states.read(key, state);

/** Returns the code with which the application gets the session. */
export const issueCode = (key: Uint8Array, login: RowRef): string => codes.issue(key, login);

/** Returns null for every code that this installation did not issue. */
export const readCode = (key: Uint8Array, code: string): RowRef | null => codes.read(key, code);

type Purpose = "browser" | "nonce" | "pkce";

/** Returns a secret of a login, as 43 characters of base64url. */
const secretOf = (purpose: Purpose, key: Uint8Array, { tenantId, id }: RowRef): string =>
  createHmac("sha256", key).update(`weft single sign-on ${purpose} 1\0${tenantId}/${id}`).digest("base64url");

/** Returns the text that binds a login to the browser in which it began. */
export const browserTokenOf = (key: Uint8Array, login: RowRef): string => secretOf("browser", key, login);

/** Returns the `nonce` that the ID token must contain. */
export const nonceOf = (key: Uint8Array, login: RowRef): string => secretOf("nonce", key, login);

/** Returns the code verifier of PKCE towards the provider. */
export const pkceVerifierOf = (key: Uint8Array, login: RowRef): string => secretOf("pkce", key, login);

/** Compares in constant time. */
export function isBrowserToken(key: Uint8Array, login: RowRef, given: string): boolean {
  const [expected, actual] = [Buffer.from(browserTokenOf(key, login)), Buffer.from(given)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** Of a code verifier (RFC 7636). */
export const MAX_VERIFIER_LENGTH = 128;

/** Returns the challenge of a code verifier: S256 (RFC 7636). */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
