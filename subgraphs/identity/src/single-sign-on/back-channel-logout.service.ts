import { createHash } from "node:crypto";
import { BadUserInput, NotFound, ServiceUnavailable, UrlForbidden } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { OutboundFailed } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { LRUCache } from "lru-cache";
import { findIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { type OidcConfiguration, oidcConfigurationOf } from "../identity-providers/oidc-configuration.js";
import { discover, ProviderUnusable } from "../identity-providers/oidc-discovery.js";
import { withOidcFetch } from "../identity-providers/oidc-http.js";
import { announceRevocations } from "../revocations.js";
import { endSessions } from "../sessions/logout.service.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { findProviderSessions, useLogoutToken, voidProviderLogins } from "./single-sign-on.store.js";
import { providerSessionOf } from "./user-claims.js";
import type { ReceiveLogoutTokenInput } from "./single-sign-on.type.js";

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
/** Signatures that only the provider can make. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const MAX_TOKEN_LENGTH = 10_000;
const clockToleranceSeconds = 60;
/** Tokens are accepted for this time after they were issued, and remembered for longer. */
const maxAgeSeconds = 300;

/** Key sets by their URL. Unknown keys are fetched anew, at most every five seconds. */
const keySets = new LRUCache<string, JWTVerifyGetKey>({ max: 200 });

/** What a logout token ends: a session of the provider, or all sessions of one of its users. */
interface LogoutClaims {
  readonly subject: string | null;
  readonly providerSession: string | null;
  readonly tokenId: string;
}

/**
 * Ends the sessions that a provider has opened and now logs out (OpenID Connect Back-Channel Logout 1.0). A token works once.
 * @throws NotFound, BadUserInput (the token is not valid, or was used), ServiceUnavailable (the provider does not respond)
 */
export async function receiveLogoutToken(ctx: Context, input: ReceiveLogoutTokenInput): Promise<void> {
  const tenantId = decodeId("tenant", input.tenantId, "input.tenantId");
  const providerId = decodeId("identityProvider", input.providerId, "input.providerId");
  const { databases } = ctx.services;
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findIdentityProvider(tx, providerId));
  if (provider?.kind !== "OIDC") throw new NotFound("IdentityProvider", input.providerId);
  // Also of inactive providers and suspended tenants: ending sessions is always safe.
  const configuration = oidcConfigurationOf(provider);
  const claims = await verify(ctx.services, configuration, input.logoutToken);
  const ended = await writeAs(ctx, tenantId, async (tx) => {
    const tokenHash = createHash("sha256").update(claims.tokenId).digest("hex");
    const lifetimeSeconds = maxAgeSeconds + 2 * clockToleranceSeconds;
    if (!(await useLogoutToken(tx, { tenantId, providerId, tokenHash, lifetimeSeconds }))) throw refused("it was already used");
    const which = { providerId, issuer: configuration.issuer, providerSession: claims.providerSession, subject: claims.subject };
    await voidProviderLogins(tx, which);
    const sessions = await findProviderSessions(tx, which);
    const ended: string[] = [];
    // Almost always one user, who is the actor of their own logout.
    for (const userId of new Set(sessions.map((session) => session.userId))) {
      const ids = sessions.filter((session) => session.userId === userId).map(({ id }) => id);
      const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
      ended.push(...(await endSessions({ meta }, tx, { ids }, "PROVIDER_LOGOUT")));
    }
    return ended;
  });
  await announceRevocations(
    ctx.services,
    ended.map((sessionId) => ({ tenantId, sessionId })),
  );
}

const refused = (reason: string): BadUserInput =>
  new BadUserInput([{ path: "input.logoutToken", message: `The logout token is not valid: ${reason}.` }]);

/** Verifies a token as section 2.6 of the specification says. @throws BadUserInput, ServiceUnavailable */
async function verify(services: Pick<Services, "config">, configuration: OidcConfiguration, token: string): Promise<LogoutClaims> {
  if (token.length > MAX_TOKEN_LENGTH) throw refused(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
  try {
    const { issuer, jwks_uri: keysUrl } = await discover(services, configuration);
    if (keysUrl === undefined) throw new ProviderUnusable("The discovery document has no jwks_uri.");
    const { payload, protectedHeader } = await jwtVerify(token, keySetOf(services, keysUrl), {
      issuer,
      audience: configuration.clientId,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: maxAgeSeconds,
    });
    if (protectedHeader.typ !== undefined && !["logout+jwt", "jwt"].includes(String(protectedHeader.typ).toLowerCase()))
      throw refused("its type is not logout+jwt");
    return logoutClaimsOf(payload);
  } catch (error) {
    if (error instanceof ProviderUnusable) throw new ServiceUnavailable("identity provider", error);
    if (error instanceof BadUserInput) throw error;
    // `jose` passes on what the request for the keys threw.
    if (error instanceof OutboundFailed || error instanceof UrlForbidden) throw new ServiceUnavailable("identity provider", error);
    if (!(error instanceof errors.JOSEError)) throw error;
    // The key set could not be fetched, as opposed to a token that is not valid.
    if (error instanceof errors.JWKSTimeout || error.code === "ERR_JOSE_GENERIC") throw new ServiceUnavailable("identity provider", error);
    throw refused(error.code);
  }
}

function logoutClaimsOf(payload: JWTPayload): LogoutClaims {
  const { jti, sub, sid, events, nonce } = payload;
  const isLogout = typeof events === "object" && events !== null && logoutEvent in events;
  if (!isLogout) throw refused("it has no logout event");
  // ID tokens have one. They must not be taken for logout tokens.
  if (nonce !== undefined) throw refused("it has a nonce");
  if (typeof jti !== "string" || jti === "") throw refused("it has no jti");
  const subject = typeof sub === "string" && sub !== "" ? sub : null;
  const providerSession = providerSessionOf(sid);
  if (subject === null && providerSession === null) throw refused("it names neither a subject nor a session");
  return { subject, providerSession, tokenId: jti };
}

function keySetOf(services: Pick<Services, "config">, url: string): JWTVerifyGetKey {
  const known = keySets.get(url);
  if (known) return known;
  const made = createRemoteJWKSet(new URL(url), {
    cooldownDuration: 5_000,
    cacheMaxAge: 600_000,
    [customFetch]: (address, { method, headers, signal }) =>
      withOidcFetch(services, (fetch) => fetch(address, { method, headers, signal })),
  });
  keySets.set(url, made);
  return made;
}
