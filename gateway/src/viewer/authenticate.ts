import { Unauthenticated } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import type { AccessClaims, TokenClaims, TokenVerifier } from "./token.js";
import type { Viewers } from "./viewers.js";

export interface Authenticated<Claims extends AccessClaims = TokenClaims> {
  readonly claims: Claims;
  readonly viewer: Viewer;
}

/** Turns the value of an Authorization header (or of `authorization` in connection_init) into the viewer, in two steps. */
export interface Authenticate {
  /**
   * Returns the claims of the token, or null without a token. Makes no calls. @throws Unauthenticated if the token is not one of ours, or has expired
   */
  claimsOf(authorization: string | undefined): Promise<TokenClaims | null>;
  /** Returns the current viewer for the claims. @throws Unauthenticated if the session has ended, TenantSuspended, ServiceUnavailable */
  viewerOf<Claims extends AccessClaims>(claims: Claims): Promise<Authenticated<Claims>>;
}

/** Nothing else in a request identifies the caller: other headers that name a viewer have no effect. */
export function createAuthenticate(verify: TokenVerifier, viewers: Viewers): Authenticate {
  return {
    claimsOf: async (authorization) => {
      if (authorization === undefined) return null;
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
      if (token === undefined) throw new Unauthenticated("The Authorization header is not valid. Send it as: Bearer <access token>.");
      return verify(token);
    },
    viewerOf: async (claims) => ({ claims, viewer: await viewers.viewerOf(claims) }),
  };
}
