import { Unauthenticated } from "@weft/shared/errors";
import type { Keys } from "@weft/platform/config";
import { importJWK, jwtVerify } from "jose";
import type { CryptoKey, JWK } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";

/** The content of an access token. The current user and their rights come from the database. IDs are UUIDs. */
export interface AccessClaims {
  readonly tenantId: string;
  /** Null for an API key, which does not name its user. */
  readonly userId: string | null;
  /** The session, or the API key in its place. */
  readonly sessionId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** The secret of the API key. See `secretIdOf`. */
  readonly secretId?: string;
  /** ID of the key that signed the access token. Undefined for what is no access token: API keys, and links to files. */
  readonly kid?: string;
}

const claims = z.object({ sub: z.uuid(), tid: z.uuid(), sid: z.uuid(), exp: z.int(), iat: z.int(), ski: z.string().max(100).optional() });
const header = z.strictObject({ alg: z.literal("EdDSA"), kid: z.string().max(100), typ: z.literal("at+jwt") });
const longestToken = 2_048;
/** No token is valid for longer: those of operators are the longest. Otherwise, a leaked key could sign one for years. */
const longestLifeSeconds = 3_600;

/** An expired token, as opposed to a forged one. The client only needs to refresh it. */
export class TokenExpired extends Unauthenticated {
  constructor() {
    super("The access token has expired. Renew it with refreshSession, or get another one from /oauth/token.");
  }
}

export type TokenVerifier = (token: string) => Promise<AccessClaims>;

interface PublicKeys {
  /** The keys that were imported. */
  readonly of: Keys["access"];
  readonly byKid: Promise<ReadonlyMap<string, CryptoKey>>;
}

async function importPublicKeys(keys: Keys): Promise<ReadonlyMap<string, CryptoKey>> {
  const imported = publicJwks(keys).map(async (jwk) => [jwk.kid, (await importJWK(jwk, "EdDSA")) as CryptoKey] as const);
  return new Map(await Promise.all(imported));
}

/**
 * Creates the verifier of access tokens. Keys come only from our keys file: a token that references a key (`jku`, `jwk`, `x5u`) is refused. Keys that
 * are replaced while the process runs count for the next token.
 */
export async function createTokenVerifier(keys: Keys, now: () => number = Date.now): Promise<TokenVerifier> {
  let publicKeys: PublicKeys = { of: keys.access, byKid: importPublicKeys(keys) };
  await publicKeys.byKid;
  // A verified token is cached by its text until it expires, because checking the signature costs more than everything else done with it.
  const verified = new LRUCache<string, AccessClaims>({ max: 10_000 });

  return async (token) => {
    if (publicKeys.of !== keys.access) {
      publicKeys = { of: keys.access, byKid: importPublicKeys(keys) };
      // Tokens of a key that was retired must not outlive it.
      verified.clear();
    }
    const current = publicKeys;
    const known = verified.get(token);
    if (known) {
      if (known.expiresAt * 1_000 > now()) return known;
      verified.delete(token);
      throw new TokenExpired();
    }
    const fresh = await verify(token, await current.byKid, now);
    if (publicKeys === current) verified.set(token, fresh);
    return fresh;
  };
}

async function verify(token: string, publicKeys: ReadonlyMap<string, CryptoKey>, now: () => number): Promise<AccessClaims> {
  if (token.length > longestToken) throw new Unauthenticated("The access token is not valid.");
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      (unverified) => {
        const key = publicKeys.get(header.parse(unverified).kid);
        if (!key) throw new Error("The kid does not match any key.");
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
    const { sub, tid, sid, exp, iat, ski } = claims.parse(payload);
    // Clocks of servers can differ by a few seconds. A token issued further in the future was not created by us.
    if (iat * 1_000 > now() + 60_000) throw new Error("The token's issue time is in the future.");
    if (exp - iat > longestLifeSeconds) throw new Error("The token is valid for too long.");
    const { kid } = header.parse(protectedHeader);
    return { userId: sub, tenantId: tid, sessionId: sid, expiresAt: exp, kid, ...(ski !== undefined && { secretId: ski }) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED") throw new TokenExpired();
    throw new Unauthenticated("The access token is not valid.");
  }
}

/** Whether tokens of this key are accepted. Open sockets ask again and again, because their token was verified when they began. */
export const isAcceptedKey = ({ access }: Pick<Keys, "access">, kid: string | undefined): boolean =>
  kid === undefined || kid === access.kid || kid === access.next?.kid || access.previous.some((former) => former.kid === kid);

export type PublicJwk = JWK & { kid: string };

/** Returns the public halves of the access keys, the current one first. Former keys verify until their tokens have expired. */
export function publicJwks({ access }: Keys): PublicJwk[] {
  return [access, ...(access.next ? [access.next] : []), ...access.previous].map((key) => {
    const jwk: JWK = "privateJwk" in key ? key.privateJwk : key.publicJwk;
    const { kty, crv, x } = jwk;
    return { kty, crv, x, kid: key.kid, alg: "EdDSA", use: "sig" } as PublicJwk;
  });
}
