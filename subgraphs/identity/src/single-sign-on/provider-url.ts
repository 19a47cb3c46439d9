import { encodeId, parseAnyId } from "@weft/shared/ids";
import type { Config } from "@weft/platform/config";

type Step = "start" | "callback" | "back-channel-logout" | "acs" | "metadata";

/** Returns the TypeIDs, which the addresses contain, of a provider whose IDs are UUIDs. */
export const providerIds = ({ tenantId, providerId }: { readonly tenantId: string; readonly providerId: string }) => ({
  tenantId: encodeId("tenant", tenantId),
  providerId: encodeId("identityProvider", providerId),
});

/**
 * Returns the address of a provider at the gateway. Each provider has its own redirect URI, so that a response of one provider cannot be taken for that
 * of another (RFC 9700, 4.4).
 */
export const providerUrl = (
  { mail }: Pick<Config, "mail">,
  { tenantId, providerId }: { readonly tenantId: string; readonly providerId: string },
  step: Step,
): string => `${mail.publicUrl}/sso/${tenantId}/${providerId}/${step}`;

/** Addresses by which a provider of the kind SAML knows Weft. */
export interface ServiceProviderUrls {
  /** Differs from provider to provider, so that an assertion for one of them is for no other one. */
  readonly entityId: string;
  readonly acsUrl: string;
  readonly metadataUrl: string;
}

/** Returns the addresses to enter at a provider of the kind SAML. */
export function serviceProviderUrls(
  config: Pick<Config, "mail">,
  ids: { readonly tenantId: string; readonly providerId: string },
): ServiceProviderUrls {
  const metadataUrl = providerUrl(config, ids, "metadata");
  return { entityId: metadataUrl, acsUrl: providerUrl(config, ids, "acs"), metadataUrl };
}

/** A request to an address of a provider. IDs are UUIDs. */
export interface ProviderRequest {
  readonly tenantId: string;
  readonly providerId: string;
  readonly parameters: URLSearchParams;
}

/** Returns null for every URL that is not the address of a provider for this step. */
export function readProviderUrl({ mail }: Pick<Config, "mail">, text: string, step: Step): ProviderRequest | null {
  const prefix = `${mail.publicUrl}/sso/`;
  if (!text.startsWith(prefix)) return null;
  const [path = "", ...query] = text.slice(prefix.length).split("?");
  const [tenant = "", provider = "", given, ...more] = path.split("/");
  const [tenantId, providerId] = [parseAnyId(tenant), parseAnyId(provider)];
  if (given !== step || more.length > 0 || tenantId?.type !== "tenant" || providerId?.type !== "identityProvider") return null;
  return { tenantId: tenantId.uuid, providerId: providerId.uuid, parameters: new URLSearchParams(query.join("?")) };
}
