import { importJWK, SignJWT } from "jose";
import type { Services } from "../services/services.js";
import { newId } from "@weft/shared/ids";

/** Lifetime of an access token. Rights are not part of it; they are read for each operation. */
export const accessTokenSeconds = 15 * 60;

type SigningKey = Awaited<ReturnType<typeof importJWK>>;
const signingKeys = new WeakMap<object, Promise<SigningKey>>();

/** Imported once per key, because importing is more expensive than signing. */
function signingKeyOf(access: Services["keys"]["access"]): Promise<SigningKey> {
  const known = signingKeys.get(access);
  if (known) return known;
  const imported = importJWK(access.privateJwk, "EdDSA");
  signingKeys.set(access, imported);
  return imported;
}

/** User and session of a token. IDs are UUIDs. `issuedAtSeconds` is the database's time. */
export interface AccessClaims {
  readonly userId: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly issuedAtSeconds: number;
  /** The platform operator who acts (RFC 8693 `act`), and the token's lifetime. */
  readonly operator?: { readonly userId: string; readonly tenantId: string; readonly seconds: number };
  /** The secret of the API key that takes the place of the session (see `secretIdOf`), and the token's lifetime. */
  readonly apiKey?: { readonly secretId: string; readonly seconds: number };
}

export interface AccessToken {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
}

/**
 * Issues a signed JWT (EdDSA, RFC 9068 `at+jwt`). The gateway accepts it for fifteen minutes (an operator's and an API key's: for the given time) while
 * its session is active, or its API key and secret are.
 */
export async function issueAccessToken(access: Services["keys"]["access"], claims: AccessClaims): Promise<AccessToken> {
  const { operator, apiKey } = claims;
  const expiresAtSeconds = claims.issuedAtSeconds + (operator?.seconds ?? apiKey?.seconds ?? accessTokenSeconds);
  const act = operator && { act: { sub: operator.userId, tid: operator.tenantId } };
  const accessToken = await new SignJWT({ tid: claims.tenantId, sid: claims.sessionId, ...act, ...(apiKey && { ski: apiKey.secretId }) })
    .setProtectedHeader({ alg: "EdDSA", kid: access.kid, typ: "at+jwt" })
    .setIssuer("weft")
    .setAudience("weft-api")
    .setSubject(claims.userId)
    .setJti(newId())
    .setIssuedAt(claims.issuedAtSeconds)
    .setExpirationTime(expiresAtSeconds)
    .sign(await signingKeyOf(access));
  return { accessToken, accessTokenExpiresAt: new Date(expiresAtSeconds * 1000).toISOString() };
}
