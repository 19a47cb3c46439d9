import type { Problem } from "@weft/shared/errors";
import { withoutExpired } from "./saml-certificates.js";
import { attributeOf, childrenNamed, ds, elementsOf, parseUnsignedXml, samlMetadata, textOf, XmlRefused } from "./xml.js";

const MAX_LENGTH = 200_000;
const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const path = "input.saml.metadata";

/** What Weft needs to know of a provider. */
export interface SamlEndpoint {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly certificates: readonly string[];
}

/** Reads the metadata document of an identity provider (SAML 2.0 Metadata). Its values are not checked yet. */
export function readMetadataDocument(text: string): { endpoint: SamlEndpoint | null; problems: Problem[] } {
  const problem = (message: string) => ({ endpoint: null, problems: [{ path, message }] });
  if (text.length > MAX_LENGTH) return problem(`The document is longer than ${MAX_LENGTH} characters.`);
  try {
    const root = parseUnsignedXml(text.trim());
    if (root.namespaceURI !== samlMetadata || root.localName !== "EntityDescriptor")
      return problem("Give the metadata of one identity provider: a document whose root is an EntityDescriptor.");
    const [role] = childrenNamed(root, samlMetadata, "IDPSSODescriptor");
    if (role === undefined) return problem("The document does not describe an identity provider: it has no IDPSSODescriptor.");
    const service = childrenNamed(role, samlMetadata, "SingleSignOnService").find(
      (each) => attributeOf(each, "Binding") === redirectBinding,
    );
    if (service === undefined) return problem("The document has no SingleSignOnService with the binding HTTP-Redirect.");
    const keys = childrenNamed(role, samlMetadata, "KeyDescriptor").filter((key) => (attributeOf(key, "use") ?? "signing") === "signing");
    const certificates = keys.flatMap((key) =>
      elementsOf(key).flatMap((each) => (each.namespaceURI === ds && each.localName === "X509Certificate" ? [textOf(each) ?? ""] : [])),
    );
    if (certificates.length === 0) return problem("The document has no X509Certificate for signing.");
    const endpoint = {
      entityId: attributeOf(root, "entityID") ?? "",
      ssoUrl: attributeOf(service, "Location") ?? "",
      // Documents often repeat them.
      certificates: withoutExpired([...new Set(certificates)]),
    };
    return { endpoint, problems: [] };
  } catch (error) {
    if (error instanceof XmlRefused) return problem(`The document cannot be read. ${error.message}`);
    throw error;
  }
}
