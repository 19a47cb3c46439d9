import { getVerifiedXml } from "@node-saml/node-saml/lib/xml.js";
import { type CacheProvider, SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import type { SamlConfiguration } from "../identity-providers/saml-configuration.js";
import { childrenNamed, ds, parseXml, samlAssertion, XmlRefused } from "../identity-providers/xml.js";
import { AnswerRefused } from "./answer-refused.js";
import type { ServiceProviderUrls } from "./provider-url.js";
import { decryptAssertion } from "./saml-encryption.js";
import { assertDecryptedStructure, assertStructure, clockSkewMs, only, readAssertion } from "./saml-response.js";
import { certificatesOfSigner } from "./saml-signature.js";
import type { ProviderUser } from "./user-claims.js";

const MAX_RESPONSE_LENGTH = 200_000;
const base64Pattern = /^[A-Za-z0-9+/]+={0,2}$/;

/** A login with a provider: the provider, Weft as it knows it, and the ID of the request. */
export interface SamlLogin {
  readonly configuration: SamlConfiguration;
  readonly urls: ServiceProviderUrls;
  readonly state: string;
}

interface RequestOptions {
  /** Signs the request. Null: it is not signed. */
  readonly privateKey?: string | null;
  /** Whether the user must log in although the provider has a session. Whether the provider complied is checked with `AuthnInstant`. */
  readonly isReauthentication?: boolean;
}

/** The library asks whether a request is known: only this one is. Which one has been answered is known to the database. */
const onlyRequest = (state: string, at: string): CacheProvider => ({
  saveAsync: (key, value) => Promise.resolve({ value, createdAt: Date.parse(at), key }),
  getAsync: (key) => Promise.resolve(key === state ? at : null),
  removeAsync: (key) => Promise.resolve(key),
});

const clientOf = (
  { configuration, urls, state }: SamlLogin,
  { privateKey = null, isReauthentication = false }: RequestOptions = {},
): SAML =>
  new SAML({
    issuer: urls.entityId,
    callbackUrl: urls.acsUrl,
    audience: urls.entityId,
    entryPoint: configuration.ssoUrl,
    idpIssuer: configuration.issuer,
    idpCert: [...configuration.certificates],
    // One of them must be, which the library checks as well.
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: false,
    acceptedClockSkewMs: clockSkewMs,
    validateInResponseTo: ValidateInResponseTo.always,
    cacheProvider: onlyRequest(state, new Date().toISOString()),
    generateUniqueId: () => state,
    // What the provider sends by default. How users prove themselves there is the provider's decision.
    identifierFormat: null,
    forceAuthn: isReauthentication,
    disableRequestedAuthnContext: true,
    signatureAlgorithm: "sha256",
    ...(privateKey !== null && { privateKey }),
  });

/** Returns where the provider logs the user in, with a request for it. */
export const samlLoginUrl = (login: SamlLogin, options: Required<RequestOptions>): Promise<string> =>
  // Without a RelayState: the response names the request.
  clientOf(login, options).getAuthorizeUrlAsync("", undefined, {});

/** A response whose signature is not verified yet. */
export interface GivenResponse {
  readonly text: string;
  readonly root: Element;
  /** ID of the request that it answers, as far as it says. */
  readonly inResponseTo: string | null;
}

/** Decodes a response. @throws AnswerRefused */
export function readResponse(samlResponse: string): GivenResponse {
  const encoded = samlResponse.replace(/[\r\n\t ]+/g, "");
  if (encoded.length > MAX_RESPONSE_LENGTH || !base64Pattern.test(encoded))
    throw new AnswerRefused("The response is not base64, or too long.");
  const text = textOfUtf8(Buffer.from(encoded, "base64"));
  const root = parsed(text, "response");
  return { text, root, inResponseTo: root.hasAttribute("InResponseTo") ? root.getAttribute("InResponseTo") : null };
}

function textOfUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AnswerRefused("The response is not UTF-8.");
  }
}

/** Parses XML. The parser's messages contain parts of the text, so they are not passed on. */
function parsed(text: string, what: "response" | "assertion"): Element {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlRefused) throw new AnswerRefused(`The ${what} is not accepted. ${error.reason}`);
    throw error;
  }
}

/** What a response is checked against, in addition to the login. */
export interface ExpectedResponse {
  /** Time since which the user must have logged in at the provider. Null: any time. */
  readonly authenticatedSince: Date | null;
  /** Returns the keys that decrypt assertions, as PEM. Null: encrypted assertions are not accepted. */
  readonly decryptionKeys: (() => Promise<readonly string[]>) | null;
}

/**
 * Returns the user that a response describes. Its structure, its signature, and what the signed assertion says are checked; nothing else of it counts.
 * @throws AnswerRefused
 */
export async function readSamlUser(
  login: SamlLogin,
  given: GivenResponse,
  { authenticatedSince, decryptionKeys }: ExpectedResponse,
): Promise<ProviderUser> {
  const { configuration, urls, state } = login;
  const { acsUrl, entityId } = urls;
  const { localName } = assertStructure(given.root, { issuer: configuration.issuer, acsUrl });
  const assertion =
    localName === "EncryptedAssertion"
      ? await decryptedAssertion(configuration, given, decryptionKeys)
      : await verifiedAssertion({ ...login, configuration: withSigner(configuration, given.root) }, given.text);
  return readAssertion(parsed(assertion, "assertion"), configuration, { state, acsUrl, entityId, now: Date.now(), authenticatedSince });
}

/** Returns the configuration with only the certificates whose keys made a signature. @throws AnswerRefused */
function withSigner(configuration: SamlConfiguration, root: Element): SamlConfiguration {
  const certificates = certificatesOfSigner(root, configuration.certificates);
  if (certificates.length === 0) throw new AnswerRefused("The response is not signed with a key of the provider.");
  return { ...configuration, certificates };
}

const knownProblems = [
  "Invalid signature",
  "SAML assertion expired",
  "SAML assertion not yet valid",
  "SAML assertion audience mismatch",
  "Unknown SAML issuer",
];
const isNotVerified = "The signature of the response is not valid, or it is not for this login.";

/** Returns the assertion as it was signed. @throws AnswerRefused */
async function verifiedAssertion(login: SamlLogin, text: string): Promise<string> {
  try {
    const { profile } = await clientOf(login).validatePostResponseAsync({ SAMLResponse: Buffer.from(text).toString("base64") });
    if (profile?.getAssertionXml === undefined) throw new AnswerRefused("The response has no signed assertion.");
    return profile.getAssertionXml();
  } catch (error) {
    if (error instanceof AnswerRefused) throw error;
    // Whatever the library throws is about the response. Its messages can contain parts of it, so only the beginning of known ones is passed on.
    const message = error instanceof Error ? error.message : "";
    throw new AnswerRefused(`${isNotVerified} ${knownProblems.find((known) => message.startsWith(known)) ?? ""}`.trim());
  }
}

/**
 * Returns an assertion that was encrypted, as far as it was signed. The library would decrypt with algorithms that are not safe, and before it has verified
 * anything, so only its verification of signatures is used. What it checks of assertions, `readAssertion` checks as well.
 * @throws AnswerRefused
 */
async function decryptedAssertion(
  configuration: SamlConfiguration,
  { text, root }: GivenResponse,
  decryptionKeys: ExpectedResponse["decryptionKeys"],
): Promise<string> {
  if (decryptionKeys === null) throw new AnswerRefused("The assertion is encrypted. Set acceptsEncryptedAssertions to accept that.");
  const isSigned = childrenNamed(root, ds, "Signature").length > 0;
  // Of a signed response, only what was signed counts, and nothing is decrypted before.
  const response = isSigned ? parsed(signedText(configuration, root, text), "response") : root;
  const encrypted = only(childrenNamed(response, samlAssertion, "EncryptedAssertion"), "assertion");
  const assertion = decryptAssertion(encrypted, await decryptionKeys(), { isSigned });
  const decrypted = parsed(assertion, "assertion");
  assertDecryptedStructure(decrypted, { isCovered: isSigned });
  return isSigned ? assertion : signedText(configuration, decrypted, assertion);
}

/** Returns an element as the provider has signed it. @param text the document whose root it is. @throws AnswerRefused */
function signedText(configuration: SamlConfiguration, root: Element, text: string): string {
  const { certificates } = withSigner(configuration, root);
  let verified: string | null = null;
  try {
    verified = getVerifiedXml(text, root, [...certificates]);
  } catch {
    // As above, its messages are not passed on.
  }
  if (verified === null) throw new AnswerRefused(isNotVerified);
  return verified;
}
