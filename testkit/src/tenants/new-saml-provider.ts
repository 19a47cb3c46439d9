import { createHash, randomBytes, randomUUID } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import type { TestUser } from "../test-user.js";

const redirectUrl = "https://app.example/login";

/** A certificate whose key nobody has, valid for a century: nothing that it would have signed exists. */
const certificate = [
  "MIIDATCCAemgAwIBAgIUGWs/4kzrkqPtwgWRqSjAPpy8fWgwDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEVGVzdDAgFw0yNjExMjYxMTAxMDdaGA8yMTI2MTEwMjExMDEwN1owDzEN",
  "MAsGA1UEAwwEVGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALC8rHWkhir7HgZh9cufO8wlS+T/wGnV5+77JQV4KBAnxlVmPGeNvOIbrJ94wXFnpy/6n+opAKYzXOfm",
  "acIGf9yHeOrktrfPuX9f/m+cYrUqoI+rHnFztnWOhZKEAkZmnodGCdkF00z8atjVlBTz5xoNU2eZ7QaoyKeX0AXKyKQi9fsvUaS6/v/pNzxip+7waApttCj1iRQ4wTUmrlM4vFgTzxwR",
  "YsxlsJL0CGu2UKA1gdFXWD3/Cdhvarp+Lb2ZqhYdDYrItryPm7zhDlCcNMwS1F57S44NBxGgH5Zit0HKANhWpciFc+/vL8Wc4ow6uTxA/0OPRKmiVoXSwXm1xYcCAwEAAaNTMFEwHQYD",
  "VR0OBBYEFCqNDxe7yVvU/7lLtQ6EW+FpPEaeMB8GA1UdIwQYMBaAFCqNDxe7yVvU/7lLtQ6EW+FpPEaeMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEBAGnobWDjAOeV",
  "rlmEw5EW1aweH1uxrvj/p8uVHZRgJtmgSw3ST2KpVkJbqB2CbZ1iRGPThfnztT6HQbMVfPmY7rXCAYHljJSbwPHg1qmIPlfyBmlW9RjkLjNKwY53P7I1APXJ6aNB4Zl5POZkQr463tWd",
  "VDc5/XzzOEzVmHwscMJb0ykcGXMXrznPqtMSGZKvlmKq5hsc9SaY1uMN4juM0mp0CI3Rq8NSY3FAF//CoR+a5VpCuKeoar68YMKVcwiWmieuqhz7sHwvDttqxt2eJJqsrGHZWpn18k8X",
  "/fMdevHVmDPJAz/unIly9CNELptdF7bKMrtbpYrlemxJvPKLVV8=",
].join("");

const postBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const redirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/** The metadata document of an identity provider of SAML, as one would download it. */
export const samlProviderMetadata = `<?xml version="1.0"?>
<!-- Made by a test. -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://login.example/saml">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
        ${certificate}
      </ds:X509Certificate></ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="${postBinding}" Location="https://login.example/post"/>
    <md:SingleSignOnService Binding="${redirectBinding}" Location="https://login.example/redirect"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;

/** Creates an identity provider of the kind SAML. Returns its ID. */
export async function newSamlProvider(user: TestUser): Promise<string> {
  const { createIdentityProvider } = await user.run<{ createIdentityProvider: { identityProvider: { id: string } } }>(
    "mutation ($input: CreateIdentityProviderInput!) { createIdentityProvider(input: $input) { identityProvider { id } } }",
    { input: { name: `SAML ${randomUUID()}`, saml: { metadata: samlProviderMetadata }, redirectUrls: [redirectUrl] } },
  );
  return createIdentityProvider.identityProvider.id;
}

/** Creates an identity provider of the kind SAML whose next key waits to be activated. Returns its ID. */
export async function newRotatedProvider(user: TestUser): Promise<string> {
  const id = await newSamlProvider(user);
  await user.run("mutation ($id: ID!) { rotateIdentityProviderKey(input: { id: $id }) { identityProvider { id } } }", { id });
  return id;
}

/** Active providers by their creator. Logins share one, because a tenant can have only some. */
const activeProviders = new WeakMap<TestUser, Promise<string>>();

async function newActiveProvider(user: TestUser): Promise<string> {
  const id = await newSamlProvider(user);
  await user.run("mutation ($id: ID!) { activateIdentityProvider(input: { id: $id }) { identityProvider { id } } }", { id });
  return id;
}

/** Returns an input of `receiveSamlResponse`: a response that nobody has signed. Its login ends with an error at the application. */
export async function newSamlResponse(user: TestUser) {
  const active = activeProviders.get(user) ?? newActiveProvider(user);
  activeProviders.set(user, active);
  const providerId = await active;
  const { me } = await user.run<{ me: { tenant: { id: string } } }>("{ me { tenant { id } } }");
  const codeChallenge = createHash("sha256").update(randomBytes(32)).digest("base64url");
  const { startSingleSignOn } = await user.run<{ startSingleSignOn: { authorizationUrl: string } }>(
    "mutation ($input: StartSingleSignOnInput!) { startSingleSignOn(input: $input) { authorizationUrl } }",
    { input: { tenantId: me.tenant.id, providerId, redirectUrl, codeChallenge } },
  );
  const asked = new URL(startSingleSignOn.authorizationUrl).searchParams.get("SAMLRequest") ?? "";
  const [, id = ""] = / ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(asked, "base64")).toString()) ?? [];
  const response = `<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol" Version="2.0" InResponseTo="${id}"/>`;
  return { tenantId: me.tenant.id, providerId, samlResponse: Buffer.from(response).toString("base64") };
}
