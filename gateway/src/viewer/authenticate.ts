import { Unauthenticated } from "@weft/shared";
import type { Viewer } from "@weft/shared";
import type { AccessClaims, TokenVerifier } from "./token.js";
import type { Viewers } from "./viewers.js";

export interface Authenticated {
  readonly claims: AccessClaims;
  readonly viewer: Viewer;
}

/** Turns the value of an Authorization header (or of `authorization` in connection_init) into the viewer; null when there is none. */
export type Authenticate = (authorization: string | undefined) => Promise<Authenticated | null>;

/** Nothing else of a request says who asks: other headers that name a viewer have no effect. */
export function createAuthenticate(verify: TokenVerifier, viewers: Viewers): Authenticate {
  return async (authorization) => {
    if (authorization === undefined) return null;
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated("The Authorization header must be: Bearer <access token>.");
    const claims = await verify(token);
    return { claims, viewer: await viewers.viewerOf(claims) };
  };
}
