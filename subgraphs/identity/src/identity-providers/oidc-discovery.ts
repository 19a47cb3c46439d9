import { OutboundFailed } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import { LRUCache } from "lru-cache";
import { allowInsecureRequests, type Configuration, customFetch, discovery } from "openid-client";
import type { OidcConfiguration } from "./oidc-configuration.js";
import { type ProviderMetadata, readMetadata } from "./provider-metadata.js";
import { ProviderUnusable } from "./provider-unusable.js";
import { withOidcFetch } from "./oidc-http.js";

export { ProviderUnusable } from "./provider-unusable.js";

const CACHE_MS = 300_000;
const FAILURE_MS = 5_000;
/** A document has at most 200 kB. */
const CACHED_ISSUERS = 200;

/** Discovery documents by issuer. They say the same to every client. */
const documents = new LRUCache<string, ProviderMetadata>({ max: CACHED_ISSUERS, ttl: CACHE_MS });
/** Failures by issuer. Anybody can begin logins, and each would wait for a provider that does not respond. */
const failures = new LRUCache<string, ProviderUnusable>({ max: CACHED_ISSUERS, ttl: FAILURE_MS });
/** Requests that are under way, which concurrent logins share. */
const pending = new Map<string, Promise<ProviderMetadata>>();

/**
 * Returns what to apply to a client: only issuers in the operators' own networks (`WEFT_OUTBOUND_ALLOWED`) can be without TLS, and the endpoints of the
 * other ones cannot, either.
 */
export const tlsRuleOf = ({ issuer }: Pick<OidcConfiguration, "issuer">): ((client: Configuration) => void)[] =>
  // oxlint-disable-next-line typescript/no-deprecated -- It is marked so that nobody uses it by mistake.
  issuer.startsWith("http:") ? [allowInsecureRequests] : [];

/** Returns the discovery document of a provider, which may be some minutes old. @throws ProviderUnusable */
export async function discover(services: Pick<Services, "config">, configuration: OidcConfiguration): Promise<ProviderMetadata> {
  const { issuer } = configuration;
  const known = documents.get(issuer);
  if (known) return known;
  const failure = failures.get(issuer);
  if (failure) throw failure;
  const shared = pending.get(issuer);
  if (shared) return shared;
  const reading = readDiscovery(services, configuration).finally(() => pending.delete(issuer));
  pending.set(issuer, reading);
  return reading;
}

/** Reads the document, and remembers it or the failure. */
async function readDiscovery(services: Pick<Services, "config">, configuration: OidcConfiguration): Promise<ProviderMetadata> {
  const { issuer } = configuration;
  try {
    const metadata = readMetadata(await requestDiscovery(services, configuration), issuer);
    failures.delete(issuer);
    documents.set(issuer, metadata);
    return metadata;
  } catch (error) {
    if (error instanceof ProviderUnusable) failures.set(issuer, error);
    throw error;
  }
}

async function requestDiscovery(services: Pick<Services, "config">, { issuer, clientId }: OidcConfiguration): Promise<unknown> {
  try {
    return await withOidcFetch(services, async (fetch) => {
      const found = await discovery(new URL(issuer), clientId, undefined, undefined, {
        [customFetch]: fetch,
        execute: tlsRuleOf({ issuer }),
      });
      return found.serverMetadata();
    });
  } catch (error) {
    throw new ProviderUnusable(`The discovery document of ${issuer} cannot be read: ${reasonOf(error)}`, error);
  }
}

/** Whether logins can work, as far as the discovery document says. */
export interface DiscoveryReport {
  readonly isReachable: boolean;
  readonly problem: string | null;
  readonly authorizationUrl: string | null;
  readonly supportedScopes: string[];
  readonly logsOut: boolean;
}

/** Reads the discovery document now, and reports what is wrong. */
export async function checkDiscovery(services: Pick<Services, "config">, configuration: OidcConfiguration): Promise<DiscoveryReport> {
  try {
    const metadata = await readDiscovery(services, configuration);
    const problem = problemOf(metadata);
    return {
      isReachable: problem === null,
      problem,
      authorizationUrl: metadata.authorization_endpoint ?? null,
      supportedScopes: metadata.scopes_supported?.slice(0, 100) ?? [],
      logsOut: metadata.backchannel_logout_supported === true,
    };
  } catch (error) {
    if (!(error instanceof ProviderUnusable)) throw error;
    return { isReachable: false, problem: error.message, authorizationUrl: null, supportedScopes: [], logsOut: false };
  }
}

function problemOf(metadata: ProviderMetadata): string | null {
  const missing = (["authorization_endpoint", "token_endpoint", "jwks_uri"] as const).filter((field) => metadata[field] === undefined);
  if (missing.length > 0) return `The discovery document has no ${missing.join(" and no ")}.`;
  const methods = metadata.code_challenge_methods_supported;
  return methods !== undefined && !methods.includes("S256") ? "The provider does not support PKCE with S256." : null;
}

/** Returns what went wrong with a request to a provider, without anything that the provider answered. */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof OutboundFailed) return cause.message;
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? `its answer is not valid (${error.code}).`
    : "its answer is not valid.";
}
