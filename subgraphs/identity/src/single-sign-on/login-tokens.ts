import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type RowRef, rowTokens } from "@weft/shared/ids";

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

type Purpose = "browser" | "nonce" | "pkce" | "answer";

/** Returns a secret of a login, as 43 characters of base64url. */
const secretOf = (purpose: Purpose, key: Uint8Array, { tenantId, id }: RowRef): string =>
  createHmac("sha256", key).update(`weft single sign-on ${purpose} 1\0${tenantId}/${id}`).digest("base64url");

/** Returns the text that binds a login to the browser in which it began. */
export const browserTokenOf = (key: Uint8Array, login: RowRef): string => secretOf("browser", key, login);

/** Returns the `nonce` that the ID token must contain. */
export const nonceOf = (key: Uint8Array, login: RowRef): string => secretOf("nonce", key, login);

/** Returns the code verifier of PKCE towards the provider. */
export const pkceVerifierOf = (key: Uint8Array, login: RowRef): string => secretOf("pkce", key, login);

/**
 * Returns the text that only the browser gets which has brought the answer of a provider of the kind SAML. Without it, whoever has begun a login could
 * make somebody else's browser bring the answer, and collect the code: the request with the answer cannot show the cookie.
 */
export const answerTokenOf = (key: Uint8Array, login: RowRef): string => secretOf("answer", key, login);

/** Compares in constant time. */
export const isBrowserToken = (key: Uint8Array, login: RowRef, given: string): boolean => isEqual(browserTokenOf(key, login), given);

/** Compares in constant time. */
export const isAnswerToken = (key: Uint8Array, login: RowRef, given: string): boolean => isEqual(answerTokenOf(key, login), given);

function isEqual(expected: string, given: string): boolean {
  const [wanted, actual] = [Buffer.from(expected), Buffer.from(given)];
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

/** Of a code verifier (RFC 7636). */
export const MAX_VERIFIER_LENGTH = 128;

/** Returns the challenge of a code verifier: S256 (RFC 7636). */
export const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
