import { asTenant, encodeId } from "@weft/shared";
import type { Context } from "@weft/shared";
import { findIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { samlConfigurationOf } from "../identity-providers/saml-configuration.js";
import { ds, escapeXml, samlMetadata, samlProtocol } from "../identity-providers/xml.js";
import { readProviderUrl, serviceProviderUrls } from "./provider-url.js";

const postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/**
 * Returns the metadata document by which a provider of the kind SAML knows Weft. It contains no secret, and inactive providers have one, too: it is needed
 * to set them up. Null for every URL that is not a `metadataUrl`.
 */
export async function samlMetadataOf(ctx: Context, url: string): Promise<string | null> {
  const { config, databases } = ctx.services;
  const request = readProviderUrl(config, url, "metadata");
  if (request === null) return null;
  const { tenantId, providerId } = request;
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findIdentityProvider(tx, providerId));
  if (provider?.kind !== "SAML") return null;
  const ids = { tenantId: encodeId("tenant", tenantId), providerId: encodeId("identityProvider", providerId) };
  const { signsRequests, serviceProviderCertificate } = samlConfigurationOf(provider);
  const { entityId, acsUrl } = serviceProviderUrls(config, ids);
  const certificate = serviceProviderCertificate.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "");
  return `<?xml version="1.0" encoding="UTF-8"?>
<EntityDescriptor xmlns="${samlMetadata}" entityID="${escapeXml(entityId)}">
  <SPSSODescriptor AuthnRequestsSigned="${String(signsRequests)}" WantAssertionsSigned="true" protocolSupportEnumeration="${samlProtocol}">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="${ds}"><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo>
    </KeyDescriptor>
    <AssertionConsumerService Binding="${postBinding}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>
  </SPSSODescriptor>
</EntityDescriptor>
`;
}
