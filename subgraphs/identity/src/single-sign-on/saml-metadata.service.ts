import { asTenant, decodeId, NotFound } from "@weft/shared";
import type { Context } from "@weft/shared";
import { findIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { samlConfigurationOf } from "../identity-providers/saml-configuration.js";
import { ds, escapeXml, samlMetadata, samlProtocol } from "../identity-providers/xml.js";
import { serviceProviderUrls } from "./provider-url.js";

const postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/** Returns the metadata document by which a provider of the kind SAML knows Weft, also of inactive providers: it is needed to set them up. @throws NotFound */
export async function samlMetadataOf(ctx: Context, ids: { readonly tenantId: string; readonly providerId: string }): Promise<string> {
  const { config, databases } = ctx.services;
  const tenantId = decodeId("tenant", ids.tenantId, "tenantId");
  const id = decodeId("identityProvider", ids.providerId, "providerId");
  const provider = await asTenant(databases.app, { tenantId }, "read", (tx) => findIdentityProvider(tx, id));
  if (provider?.kind !== "SAML") throw new NotFound("IdentityProvider", ids.providerId);
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
