import { Unauthenticated } from "@weft/shared";
import type { Keys } from "@weft/shared";
import { importJWK, jwtVerify } from "jose";
import type { CryptoKey, JWK } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";

/** What an access token says; who that is now, and what they may, the database says. Ids are UUIDs. */
export interface AccessClaims {
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

const claims = z.object({ sub: z.uuid(), tid: z.uuid(), sid: z.uuid(), exp: z.int(), iat: z.int() });
const header = z.strictObject({ alg: z.literal("EdDSA"), kid: z.string().max(100), typ: z.literal("at+jwt") });
const longestToken = 2_048;

/** An expired token, as opposed to a forged one: the client only has to refresh. */
export class TokenExpired extends Unauthenticated {
  constructor() {
    super("The access token has expired: renew it with refreshSession.");
  }
}

export type TokenVerifier = (token: string) => Promise<AccessClaims>;

/** Makes the verifier of access tokens. Keys come from our keys file alone: what a token says about where its key is (`jku`, `jwk`, `x5u`) refuses it. */
export async function createTokenVerifier(keys: Keys, now: () => number = Date.now): Promise<TokenVerifier> {
  const publicKeys = new Map<string, CryptoKey>();
  for (const jwk of publicJwks(keys)) publicKeys.set(jwk.kid, (await importJWK(jwk, "EdDSA")) as CryptoKey);
  // Verified once, a token is known by its text until it expires: the signature costs more than all else that is done with it.
  const verified = new LRUCache<string, AccessClaims>({ max: 10_000 });

  return async (token) => {
    const known = verified.get(token);
    if (known) {
      if (known.expiresAt * 1_000 > now()) return known;
      verified.delete(token);
      throw new TokenExpired();
    }
    const fresh = await verify(token, publicKeys, now);
    verified.set(token, fresh);
    return fresh;
  };
}

async function verify(token: string, publicKeys: ReadonlyMap<string, CryptoKey>, now: () => number): Promise<AccessClaims> {
  if (token.length > longestToken) throw new Unauthenticated("The access token is not valid.");
  try {
    const { payload } = await jwtVerify(
      token,
      (protectedHeader) => {
        const key = publicKeys.get(header.parse(protectedHeader).kid);
        if (!key) throw new Error("No key has this kid.");
        return key;
      },
      {
        algorithms: ["EdDSA"],
        issuer: "weft",
        audience: "weft-api",
        typ: "at+jwt",
        currentDate: new Date(now()),
        requiredClaims: ["exp", "iat", "sub"],
      },
    );
    const { sub, tid, sid, exp, iat } = claims.parse(payload);
    // Servers may differ by some seconds; a token of tomorrow was not made by us.
    if (iat * 1_000 > now() + 60_000) throw new Error("The token was issued in the future.");
    return { userId: sub, tenantId: tid, sessionId: sid, expiresAt: exp };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED") throw new TokenExpired();
    throw new Unauthenticated("The access token is not valid.");
  }
}

export type PublicJwk = JWK & { kid: string };

/** The public halves of the access keys, the present one first; former ones verify until their tokens have expired. */
export function publicJwks(keys: Keys): PublicJwk[] {
  return [keys.access, ...keys.access.previous].map((key) => {
    const jwk: JWK = "privateJwk" in key ? key.privateJwk : key.publicJwk;
    const { kty, crv, x } = jwk;
    return { kty, crv, x, kid: key.kid, alg: "EdDSA", use: "sig" } as PublicJwk;
  });
}
