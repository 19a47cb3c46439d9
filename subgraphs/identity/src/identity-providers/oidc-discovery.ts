import { OutboundFailed, type Services } from "@weft/shared";
import { LRUCache } from "lru-cache";
import { allowInsecureRequests, type Configuration, customFetch, discovery, type ServerMetadata } from "openid-client";
import type { OidcConfiguration } from "./oidc-configuration.js";
import { withOidcFetch } from "./oidc-http.js";

const CACHE_MS = 300_000;
/** A document has at most 200 kB. */
const CACHED_ISSUERS = 200;

/** Discovery documents by issuer. They say the same to every client. */
const documents = new LRUCache<string, ServerMetadata>({ max: CACHED_ISSUERS, ttl: CACHE_MS });

/**
 * Returns what to apply to a client: only issuers in the operators' own networks (`WEFT_OUTBOUND_ALLOWED`) can be without TLS, and the endpoints of the
 * other ones cannot, either.
 */
export const tlsRuleOf = ({ issuer }: Pick<OidcConfiguration, "issuer">): ((client: Configuration) => void)[] =>
  // oxlint-disable-next-line typescript/no-deprecated -- It is marked so that nobody uses it by mistake.
  issuer.startsWith("http:") ? [allowInsecureRequests] : [];

/** The provider cannot be used now, or as it is configured. The message is for administrators. */
export class ProviderUnusable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ProviderUnusable";
  }
}

/** Returns the discovery document of a provider, which may be some minutes old. @throws ProviderUnusable */
export async function discover(services: Pick<Services, "config">, configuration: OidcConfiguration): Promise<ServerMetadata> {
  const known = documents.get(configuration.issuer);
  if (known) return known;
  const metadata = await readDiscovery(services, configuration);
  documents.set(configuration.issuer, metadata);
  return metadata;
}

async function readDiscovery(services: Pick<Services, "config">, { issuer, clientId }: OidcConfiguration): Promise<ServerMetadata> {
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
    documents.set(configuration.issuer, metadata);
    const problem = problemOf(metadata);
    return {
      isReachable: problem === null,
      problem,
      authorizationUrl: metadata.authorization_endpoint ?? null,
      supportedScopes: (metadata.scopes_supported ?? []).slice(0, 100),
      logsOut: metadata["backchannel_logout_supported"] === true,
    };
  } catch (error) {
    if (!(error instanceof ProviderUnusable)) throw error;
    return { isReachable: false, problem: error.message, authorizationUrl: null, supportedScopes: [], logsOut: false };
  }
}

function problemOf(metadata: ServerMetadata): string | null {
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
