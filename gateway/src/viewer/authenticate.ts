import { apiKeyPrefix, readApiKey, secretIdOf } from "@weft/shared/api-keys";
import { Unauthenticated } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";
import { LRUCache } from "lru-cache";
import type { Anonymous } from "../limits/anonymous.js";
import { apiKeyRefused, expiryWithKey } from "./api-key.js";
import type { ApiKeyUses } from "./api-key-uses.js";
import type { AccessClaims, TokenVerifier } from "./token.js";
import { maxAgeSince, type Viewers } from "./viewers.js";

export interface Authenticated {
  readonly claims: AccessClaims;
  readonly viewer: Viewer;
}

/** Turns the value of an Authorization header (or of `authorization` in connection_init) into the viewer, in two steps. */
export interface Authenticate {
  /**
   * Returns the claims of the token or API key, or null without either. Makes no calls. @throws Unauthenticated if the token is not one of ours, or has
   * expired, or if it is not an API key
   */
  claimsOf(authorization: string | undefined): Promise<AccessClaims | null>;
  /** Returns whether the caller is known to be one of ours: by our signature, or because the same API key was valid before. */
  isProven(claims: AccessClaims): boolean;
  /**
   * Returns the current viewer for the claims.
   * @param address of the client, from which the API key must be allowed
   * @param since time by `performance.now()`, if a viewer that was loaded before is too old
   * @throws Unauthenticated if the session has ended or the API key is not valid, TenantSuspended, RateLimited, ServiceUnavailable
   */
  viewerOf(claims: AccessClaims, address: string | null, since?: number): Promise<Authenticated>;
}

export interface AuthenticateOptions {
  readonly verify: TokenVerifier;
  readonly viewers: Pick<Viewers, "stateOf">;
  readonly anonymous: Pick<Anonymous, "assertAllowed">;
  readonly uses: Pick<ApiKeyUses, "record">;
}

/** Nothing else in a request identifies the caller: other headers that name a viewer have no effect. */
export function createAuthenticate({ verify, viewers, anonymous, uses }: AuthenticateOptions): Authenticate {
  // Keys and secrets that were right. Unlike tokens, anybody can write a text that looks like a key, so only these are looked up without limit.
  const proven = new LRUCache<string, true>({ max: 10_000 });
  const isProven = (claims: AccessClaims): boolean => claims.userId !== null || proven.has(secretOf(claims));
  return {
    isProven,
    claimsOf: async (authorization) => {
      if (authorization === undefined) return null;
      const [, token = ""] = /^Bearer ([\w-]+(?:\.[\w-]+\.[\w-]+)?)$/i.exec(authorization) ?? [];
      if (token.startsWith(apiKeyPrefix)) return claimsOfKey(token);
      if (!token.includes(".")) throw new Unauthenticated("The Authorization header is not valid. Send it as: Bearer <access token>.");
      return verify(token);
    },
    viewerOf: async (claims, address, since) => {
      if (!isProven(claims)) await anonymous.assertAllowed(address ?? "unknown");
      const state = await viewers.stateOf(claims, since === undefined ? undefined : maxAgeSince(since));
      const { apiKey } = state;
      if (claims.secretId === undefined && !apiKey) {
        if ("refusal" in state) throw state.refusal;
        return { claims, viewer: state.viewer };
      }
      try {
        if (!apiKey) throw apiKeyRefused();
        const expiresAt = expiryWithKey(apiKey, claims, address);
        if (claims.userId === null) proven.set(secretOf(claims), true);
        // Only for those who know the secret.
        if ("refusal" in state) throw state.refusal;
        uses.record(state.viewer, address);
        return { claims: { ...claims, expiresAt }, viewer: state.viewer };
      } catch (error) {
        // A key that has ended is worth no more than one that never was.
        if (error instanceof Unauthenticated) proven.delete(secretOf(claims));
        throw error;
      }
    },
  };
}

const secretOf = ({ tenantId, sessionId, secretId = "" }: AccessClaims): string => `${tenantId}/${sessionId}/${secretId}`;

/** @throws Unauthenticated */
function claimsOfKey(text: string): AccessClaims {
  const key = readApiKey(text);
  if (key === null) throw apiKeyRefused();
  return { tenantId: key.tenantId, userId: null, sessionId: key.id, expiresAt: Infinity, secretId: secretIdOf(key.secretHash) };
}
