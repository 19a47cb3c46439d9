import { newId } from "@weft/shared";
import type { Services } from "@weft/shared";
import { importJWK, SignJWT } from "jose";

/** How long an access token opens anything. Rights are not in it: they are read at each operation. */
export const accessTokenSeconds = 15 * 60;

type SigningKey = Awaited<ReturnType<typeof importJWK>>;
const signingKeys = new WeakMap<object, Promise<SigningKey>>();

/** Imported once per key: importing costs more than signing. */
function signingKeyOf(access: Services["keys"]["access"]): Promise<SigningKey> {
  const known = signingKeys.get(access);
  if (known) return known;
  const imported = importJWK(access.privateJwk, "EdDSA");
  signingKeys.set(access, imported);
  return imported;
}

/** Who the token speaks for; ids are UUIDs. `issuedAtSeconds` is the database's time. */
export interface AccessClaims {
  readonly userId: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly issuedAtSeconds: number;
  /** The platform operator who is behind it (RFC 8693 `act`), and how long the token lasts. */
  readonly operator?: { readonly userId: string; readonly tenantId: string; readonly seconds: number };
}

export interface AccessToken {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
}

/** A signed JWT (EdDSA, RFC 9068 `at+jwt`) that the gateway accepts for fifteen minutes (an operator's: as long as he said), as long as its session lives. */
export async function issueAccessToken(access: Services["keys"]["access"], claims: AccessClaims): Promise<AccessToken> {
  const { operator } = claims;
  const expiresAtSeconds = claims.issuedAtSeconds + (operator?.seconds ?? accessTokenSeconds);
  const act = operator && { act: { sub: operator.userId, tid: operator.tenantId } };
  const accessToken = await new SignJWT({ tid: claims.tenantId, sid: claims.sessionId, ...act })
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
