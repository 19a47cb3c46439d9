import { type CacheProvider, SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import type { SamlConfiguration } from "../identity-providers/saml-configuration.js";
import { parseXml, XmlRefused } from "../identity-providers/xml.js";
import { AnswerRefused } from "./answer-refused.js";
import type { ServiceProviderUrls } from "./provider-url.js";
import { assertStructure, clockSkewMs, readAssertion } from "./saml-response.js";
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
  /** Base64, as the provider has sent it. */
  readonly encoded: string;
  readonly root: Element;
  /** ID of the request that it answers, as far as it says. */
  readonly inResponseTo: string | null;
}

/** Decodes a response. @throws AnswerRefused */
export function readResponse(samlResponse: string): GivenResponse {
  const encoded = samlResponse.replace(/[\r\n\t ]+/g, "");
  if (encoded.length > MAX_RESPONSE_LENGTH || !base64Pattern.test(encoded))
    throw new AnswerRefused("The response is not base64, or too long.");
  try {
    const root = parseXml(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64")));
    return { encoded, root, inResponseTo: root.hasAttribute("InResponseTo") ? root.getAttribute("InResponseTo") : null };
  } catch (error) {
    if (error instanceof XmlRefused || error instanceof TypeError)
      throw new AnswerRefused(`The response is not accepted. ${error.message}`);
    throw error;
  }
}

/**
 * Returns the user that a response describes. Its structure, its signature, and what the signed assertion says are checked; nothing else of it counts.
 * @param authenticatedSince time since which the user must have logged in at the provider. Null: any time
 * @throws AnswerRefused
 */
export async function readSamlUser(
  login: SamlLogin,
  { encoded, root }: GivenResponse,
  authenticatedSince: Date | null,
): Promise<ProviderUser> {
  const { configuration, urls, state } = login;
  assertStructure(root, { issuer: configuration.issuer, acsUrl: urls.acsUrl });
  const certificates = certificatesOfSigner(root, configuration.certificates);
  if (certificates.length === 0) throw new AnswerRefused("The response is not signed with a key of the provider.");
  const assertion = await verifiedAssertion({ ...login, configuration: { ...configuration, certificates } }, encoded);
  try {
    const { acsUrl, entityId } = urls;
    return readAssertion(assertion, configuration, { state, acsUrl, entityId, now: Date.now(), authenticatedSince });
  } catch (error) {
    if (error instanceof XmlRefused) throw new AnswerRefused(`The assertion is not accepted. ${error.message}`);
    throw error;
  }
}

/** Returns the assertion as it was signed. @throws AnswerRefused */
async function verifiedAssertion(login: SamlLogin, encoded: string): Promise<string> {
  try {
    const { profile } = await clientOf(login).validatePostResponseAsync({ SAMLResponse: encoded });
    if (profile?.getAssertionXml === undefined) throw new AnswerRefused("The response has no signed assertion.");
    return profile.getAssertionXml();
  } catch (error) {
    if (error instanceof AnswerRefused) throw error;
    // Whatever the library throws is about the response. Its messages can contain parts of it.
    throw new AnswerRefused("The signature of the response is not valid, or it is not for this login.", { cause: error });
  }
}
