import { createRemoteJWKSet, jwtVerify } from "jose";
import { createWeftClient, type WeftClient } from "@weft/client";

/** Whose request it is. IDs are UUIDs, as in the access token. */
export interface Caller {
  readonly userId: string;
  readonly tenantId: string;
  readonly sessionId: string;
  /** Calls Weft with the rights of the caller. */
  readonly weft: WeftClient;
}

export interface CallerOptions {
  /** Where Weft is: `https://weft.example.com`. */
  readonly url: string;
}

export type Verify = (authorization: string | undefined) => Promise<Caller | null>;

/**
 * Verifies access tokens with Weft's public keys (`/.well-known/jwks.json`), which are loaded once and again when a token has a new key. The rights are
 * not in the token: Weft checks them with each call, and refuses sessions that were ended meanwhile.
 */
export function createVerify({ url }: CallerOptions): Verify {
  const base = url.replace(/\/+$/, "");
  const keys = createRemoteJWKSet(new URL(`${base}/.well-known/jwks.json`));
  return async (authorization) => {
    const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) return null;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ["EdDSA"],
        typ: "at+jwt",
        requiredClaims: ["sub", "tid", "sid", "exp"],
      });
      return {
        userId: String(payload.sub),
        tenantId: String(payload["tid"]),
        sessionId: String(payload["sid"]),
        weft: createWeftClient({ url: base, accessToken: () => token }),
      };
    } catch (error) {
      // Without the keys nobody knows whether the token is valid.
      if (isOutage(error)) throw error;
      return null;
    }
  };
}

/** What jose throws for a token that is not valid has a code. */
const isOutage = (error: unknown): boolean => {
  const code = (error as { code?: unknown }).code;
  return typeof code !== "string" || !code.startsWith("ERR_J") || code === "ERR_JWKS_TIMEOUT";
};
