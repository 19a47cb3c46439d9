/** An identity provider of SAML 2.0 for tests: the npm package samlify, over HTTP, without a login page. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inflateRawSync } from "node:zlib";
import { IdentityProvider, SamlLib, ServiceProvider, setSchemaValidator } from "samlify";
import { newServiceProviderKey, type ServiceProviderKey } from "../identity-providers/saml-key.js";

/** What an assertion says about a user. */
export interface SamlAccount {
  readonly sub: string;
  readonly email?: string;
  readonly name?: string;
  readonly groups?: readonly string[];
}

/** What can be wrong with an assertion, or unusual in it. */
export interface Assertion {
  readonly nameIdFormat: string;
  readonly audience: string;
  readonly recipient: string;
  readonly destination: string;
  readonly inResponseTo: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  readonly sessionIndex: string;
  readonly authnInstant: Date;
}

/** Algorithms of XML Encryption. */
export interface Encryption {
  readonly data: string;
  readonly key: string;
}

export const aesGcm: Encryption = {
  data: "http://www.w3.org/2009/xmlenc11#aes256-gcm",
  key: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
};

export interface SamlIssuer {
  readonly url: string;
  readonly entityId: string;
  /** Whoever logs in next. */
  account: SamlAccount;
  signs: "assertion" | "response" | "neither";
  signatureAlgorithm: string;
  /** How assertions are encrypted for the certificate in Weft's metadata document. Null: they are not. */
  encryption: Encryption | null;
  /** Changes what is signed. */
  assertion: Partial<Assertion>;
  /** Changes the XML before it is signed. */
  beforeSigning: (xml: string) => string;
  /** Changes the XML that was signed. */
  afterSigning: (xml: string) => string;
  /** The last request: whether its signature was verified, and its ID, and whether the user must log in anew. */
  lastRequest: { readonly isSigned: boolean; readonly id: string; readonly isForced: boolean } | null;
  /** Whether requests must be signed. */
  wantsSignedRequests: boolean;
  metadata(): string;
  certificate(): string;
  /** Registers Weft by its metadata document. */
  register(metadata: string): void;
  /** Signs with a new key from now on. Returns its certificate. */
  rotateKey(): Promise<string>;
  /** Makes everything as it was at the beginning, except the key. */
  reset(): void;
  close(): Promise<void>;
}

const sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

// Schemas are not part of what is tested, and samlify demands a decision.
setSchemaValidator({ validate: () => Promise.resolve("not validated") });

const template = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" Version="2.0" IssueInstant="{now}" Destination="{destination}" InResponseTo="{inResponseTo}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="{assertionId}" Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{nameIdFormat}">{sub}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{notOnOrAfter}" Recipient="{recipient}" InResponseTo="{inResponseTo}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{notBefore}" NotOnOrAfter="{notOnOrAfter}"><saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{authnInstant}" SessionIndex="{sessionIndex}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

const values = (name: string, texts: readonly string[]): string =>
  texts.length === 0
    ? ""
    : `<saml:Attribute Name="${name}">${texts.map((text) => `<saml:AttributeValue>${text}</saml:AttributeValue>`).join("")}</saml:Attribute>`;

export async function startSamlIssuer(): Promise<SamlIssuer> {
  let key: ServiceProviderKey = await newServiceProviderKey();
  const weft = new Map<string, string>();

  const provider = () =>
    IdentityProvider({
      entityID: issuer.entityId,
      signingCert: key.certificate,
      privateKey: key.privateKey,
      requestSignatureAlgorithm: issuer.signatureAlgorithm,
      wantAuthnRequestsSigned: issuer.wantsSignedRequests,
      isAssertionEncrypted: issuer.encryption !== null,
      ...(issuer.encryption && { dataEncryptionAlgorithm: issuer.encryption.data, keyEncryptionAlgorithm: issuer.encryption.key }),
      nameIDFormat: [persistent],
      singleSignOnService: [{ Binding: redirect, Location: `${issuer.url}/sso` }],
      // Is not used, but samlify would warn.
      singleLogoutService: [{ Binding: redirect, Location: `${issuer.url}/slo` }],
    });

  async function respond(url: URL): Promise<{ acsUrl: string; samlResponse: string }> {
    const query = Object.fromEntries(url.searchParams);
    const idp = provider();
    // Which service provider asks is only known from the request itself.
    const unverified = IdentityProvider({ ...idp.entitySetting, wantAuthnRequestsSigned: false });
    const [anybody = ""] = weft.values();
    const asked = await unverified.parseLoginRequest(ServiceProvider({ metadata: unsigned(anybody) }), "redirect", { query });
    const metadata = weft.get(String(asked.extract["issuer"]));
    if (metadata === undefined) throw new Error(`${String(asked.extract["issuer"])} is not registered.`);
    const wanted = metadata.replace('WantAssertionsSigned="true"', `WantAssertionsSigned="${String(issuer.signs === "assertion")}"`);
    const sp = ServiceProvider({ metadata: issuer.wantsSignedRequests ? wanted : unsigned(wanted) });
    const octetString = url.search.slice(1).replace(/&Signature=.*$/, "");
    const request = await idp.parseLoginRequest(sp, "redirect", { query, octetString });
    const { id = "" } = request.extract.request as { readonly id?: string };
    issuer.lastRequest = {
      isSigned: issuer.wantsSignedRequests && "Signature" in query,
      id,
      isForced: / ForceAuthn="true"/.test(inflated(query["SAMLRequest"])),
    };
    const acsUrl = String(sp.entityMeta.getAssertionConsumerService("post"));
    const xml = issuer.beforeSigning(responseFor({ id, acsUrl, entityId: sp.entityMeta.getEntityID() }));
    const options = { customTagReplacement: () => ({ id, context: xml }), encryptThenSign: issuer.encryption !== null };
    const signed =
      issuer.signs === "neither"
        ? Buffer.from(xml).toString("base64")
        : (await idp.createLoginResponse(sp, { ...request }, "post", {}, options)).context;
    const sent = issuer.afterSigning(Buffer.from(signed, "base64").toString());
    return { acsUrl, samlResponse: Buffer.from(sent).toString("base64") };
  }

  function responseFor({ id, acsUrl, entityId }: { readonly id: string; readonly acsUrl: string; readonly entityId: string }): string {
    const { sub, email, name, groups = [] } = issuer.account;
    const { notBefore, notOnOrAfter, authnInstant, ...changed } = issuer.assertion;
    const attributes = [
      values("email", email === undefined ? [] : [email]),
      values("name", name === undefined ? [] : [name]),
      values("groups", groups),
    ].join("");
    return SamlLib.replaceTagsByValue(template, {
      id: `_${randomUUID()}`,
      assertionId: `_${randomUUID()}`,
      now: new Date().toISOString(),
      issuer: issuer.entityId,
      nameIdFormat: persistent,
      sub,
      audience: entityId,
      recipient: acsUrl,
      destination: acsUrl,
      inResponseTo: id,
      sessionIndex: `session of ${sub}`,
      authnInstant: (authnInstant ?? new Date()).toISOString(),
      notBefore: (notBefore ?? new Date()).toISOString(),
      notOnOrAfter: (notOnOrAfter ?? new Date(Date.now() + 300_000)).toISOString(),
      ...changed,
    }).replace("{attributes}", attributes);
  }

  const server = createServer((request, response) => {
    respond(new URL(request.url ?? "", issuer.url)).then(
      ({ acsUrl, samlResponse }) =>
        response
          .setHeader("content-type", "text/html")
          .end(`<form method="post" action="${acsUrl}"><input name="SAMLResponse" value="${samlResponse}"></form>`),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: SamlIssuer = {
    url,
    entityId: `${url}/entity`,
    account: { sub: "nobody" },
    signs: "assertion",
    signatureAlgorithm: sha256,
    assertion: {},
    beforeSigning: (xml) => xml,
    afterSigning: (xml) => xml,
    lastRequest: null,
    wantsSignedRequests: false,
    encryption: null,
    metadata: () => provider().getMetadata(),
    certificate: () => key.certificate,
    register: (metadata) => void weft.set(/entityID="([^"]+)"/.exec(metadata)?.[1] ?? "", metadata),
    rotateKey: async () => {
      key = await newServiceProviderKey();
      return key.certificate;
    },
    reset: () =>
      void Object.assign(issuer, {
        signs: "assertion",
        signatureAlgorithm: sha256,
        assertion: {},
        beforeSigning: (xml: string) => xml,
        afterSigning: (xml: string) => xml,
        wantsSignedRequests: false,
        encryption: null,
      } satisfies Partial<SamlIssuer>),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return issuer;
}

/** Returns the XML of a request in a URL. */
const inflated = (parameter: string | undefined): string => inflateRawSync(Buffer.from(parameter ?? "", "base64")).toString();

/** samlify compares what both sides say about signed requests. */
const unsigned = (metadata: string): string => metadata.replace('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"');
