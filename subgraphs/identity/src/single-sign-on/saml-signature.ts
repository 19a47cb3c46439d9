import { constants, verify, X509Certificate } from "node:crypto";
import { findAncestorNs, SignedXml } from "xml-crypto";
import { attributeOf, childrenNamed, ds, elementsOf, samlAssertion, textOf } from "../identity-providers/xml.js";

/** With a chain of certificates, a signature has some 20 elements. */
const MAX_ELEMENTS = 100;

interface Algorithm {
  readonly digest: "sha256" | "sha512";
  readonly isPss: boolean;
}

/** Signatures that are accepted. SHA-1 and keyed hashes are not among them. */
export const signatureMethods: ReadonlyMap<string, Algorithm> = new Map([
  ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", { digest: "sha256", isPss: false }],
  ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", { digest: "sha512", isPss: false }],
  ["http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", { digest: "sha256", isPss: true }],
]);

/**
 * Returns the certificates whose keys made a signature of the response or of its assertion. Only the small part of a signature that names what is signed is
 * looked at, so this is cheap: what the signature covers is verified afterwards, which takes long, and which strangers must not be able to cause.
 * @param root a response whose structure was checked
 */
export function certificatesOfSigner(root: Element, certificates: readonly string[]): string[] {
  const owners = [root, ...childrenNamed(root, samlAssertion, "Assertion")];
  const signatures = owners.flatMap((owner) => childrenNamed(owner, ds, "Signature"));
  const isSigner = signatures.map(signerTest);
  return certificates.filter((certificate) => isSigner.some((test) => test(certificate)));
}

/** Returns whether a signature was made with the key of a certificate. */
function signerTest(signature: Element): (certificate: string) => boolean {
  const [info] = childrenNamed(signature, ds, "SignedInfo");
  const [value] = childrenNamed(signature, ds, "SignatureValue");
  if (info === undefined || value === undefined || elementsOf(signature).length > MAX_ELEMENTS) return () => false;
  const algorithmOf = (name: string): string => {
    const [element] = childrenNamed(info, ds, name);
    return element === undefined ? "" : (attributeOf(element, "Algorithm") ?? "");
  };
  const method = signatureMethods.get(algorithmOf("SignatureMethod"));
  if (method === undefined) return () => false;
  // As the library does it afterwards.
  const ancestorNamespaces = findAncestorNs(signature.ownerDocument, "//*[local-name()='SignedInfo']");
  const text = Buffer.from(new SignedXml().getCanonXml([algorithmOf("CanonicalizationMethod")], info, { ancestorNamespaces }));
  const bytes = Buffer.from(textOf(value) ?? "", "base64");
  const padding = method.isPss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  return (certificate) => verify(method.digest, text, { key: new X509Certificate(certificate).publicKey, ...padding }, bytes);
}
