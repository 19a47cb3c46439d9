import { encodeId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { samlConfigurationOf } from "../identity-providers/saml-configuration.js";
import { ds, escapeXml, samlMetadata, samlProtocol } from "../identity-providers/xml.js";
import { offeredEncryption } from "./saml-encryption.js";
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
  const { signsRequests, acceptsEncryptedAssertions, ...certificates } = samlConfigurationOf(provider);
  const { entityId, acsUrl } = serviceProviderUrls(config, ids);
  const { serviceProviderCertificate: current, nextServiceProviderCertificate: next } = certificates;
  const keys = [
    ...[current, ...(next === undefined ? [] : [next])].map((certificate) => keyDescriptor("signing", certificate)),
    // Only one, because a provider encrypts for one. The next key decrypts already, and the current one still does.
    ...(acceptsEncryptedAssertions ? [keyDescriptor("encryption", next ?? current, offeredEncryption)] : []),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<EntityDescriptor xmlns="${samlMetadata}" entityID="${escapeXml(entityId)}">
  <SPSSODescriptor AuthnRequestsSigned="${String(signsRequests)}" WantAssertionsSigned="true" protocolSupportEnumeration="${samlProtocol}">
${keys.join("\n")}
    <AssertionConsumerService Binding="${postBinding}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>
  </SPSSODescriptor>
</EntityDescriptor>
`;
}

/** @param certificate as PEM. Metadata documents have its base64 only */
function keyDescriptor(use: "signing" | "encryption", certificate: string, methods: readonly string[] = []): string {
  const base64 = certificate.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, "");
  return [
    `    <KeyDescriptor use="${use}">`,
    `      <KeyInfo xmlns="${ds}"><X509Data><X509Certificate>${base64}</X509Certificate></X509Data></KeyInfo>`,
    ...methods.map((method) => `      <EncryptionMethod Algorithm="${method}"/>`),
    "    </KeyDescriptor>",
  ].join("\n");
}
