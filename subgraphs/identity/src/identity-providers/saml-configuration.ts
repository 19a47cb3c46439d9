import type { Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { browserUrlProblem } from "./redirect-urls.js";
import { readCertificates, summaryOf } from "./saml-certificates.js";
import { readMetadataDocument } from "./saml-metadata-document.js";
import type { SamlSettingsInput } from "./identity-provider-settings.type.js";

/** What the administrator says about a provider of the kind SAML. */
export interface SamlSettingsOf {
  /** Entity ID of the provider. Logins and links refer to it, as to the issuer of a provider of the kind OIDC. */
  readonly issuer: string;
  readonly ssoUrl: string;
  /** PEM. Several while the provider changes its key. */
  readonly certificates: readonly string[];
  /** Null: the NameID. */
  readonly subjectAttribute: string | null;
  /** Null: the NameID. */
  readonly emailAttribute: string | null;
  readonly nameAttribute: string;
  readonly groupsAttribute: string | null;
  readonly verifiesEmail: boolean;
  readonly signsRequests: boolean;
  /** Whether the provider can encrypt assertions for Weft. Rows from before it existed have no value. */
  readonly acceptsEncryptedAssertions: boolean;
}

/** What only providers of the kind SAML have. Stored as JSON. */
export interface SamlConfiguration extends SamlSettingsOf, ServiceProviderCertificates {}

/** Certificates of Weft's keys, as PEM. The keys are the provider's secret: see `serviceProviderKeyOf`. */
export interface ServiceProviderCertificates {
  /** Of the key with which Weft signs requests, and for which the provider can encrypt assertions. */
  readonly serviceProviderCertificate: string;
  /** Of the key that takes its place once it is activated. */
  readonly nextServiceProviderCertificate?: string;
  /** Of the key that it has replaced. Until it expires, it decrypts assertions. */
  readonly previousServiceProviderCertificate?: string;
  /** ISO 8601. */
  readonly previousServiceProviderKeyExpiresAt?: string;
}

export const serviceProviderKeys: readonly (keyof ServiceProviderCertificates)[] = [
  "serviceProviderCertificate",
  "nextServiceProviderCertificate",
  "previousServiceProviderCertificate",
  "previousServiceProviderKeyExpiresAt",
];

const MAX_ENTITY_ID_LENGTH = 1_024;
const attributePattern = /^[\x21-\x7e]{1,500}$/;
/** Parameters that Weft adds to the provider's URL. Values of its own would be sent along with them. */
const requestParameters = ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"];
const controlCharacters = /\p{Cc}/u;
const EXPIRES_SOON_MS = 30 * 86_400_000;

/** Returns the configuration of a stored provider. */
export const samlConfigurationOf = ({ configuration }: { readonly configuration: Readonly<Record<string, unknown>> }): SamlConfiguration =>
  ({ acceptsEncryptedAssertions: false, ...configuration }) as unknown as SamlConfiguration;

/** Returns the settings of an input in stored form, and their problems. */
export function readSamlSettings(given: SamlSettingsInput): { settings: SamlSettingsOf; problems: Problem[] } {
  const { endpoint, problems: endpointProblems } = readEndpoint(given);
  const { certificates, problems: certificateProblems } = endpoint
    ? readCertificates(endpoint.path ?? "input.saml.certificates", endpoint.certificates)
    : { certificates: [], problems: [] };
  const settings = {
    issuer: endpoint?.entityId.trim() ?? "",
    ssoUrl: endpoint?.ssoUrl.trim() ?? "",
    certificates,
    subjectAttribute: given.subjectAttribute ?? null,
    emailAttribute: given.emailAttribute ?? null,
    nameAttribute: given.nameAttribute,
    groupsAttribute: given.groupsAttribute ?? null,
    verifiesEmail: given.verifiesEmail,
    signsRequests: given.signsRequests,
    acceptsEncryptedAssertions: given.acceptsEncryptedAssertions,
  };
  const problems = [
    ...endpointProblems,
    ...(endpoint ? textProblems(endpoint.path ?? "input.saml.entityId", settings.issuer, { max: MAX_ENTITY_ID_LENGTH }) : []),
    ...(endpoint ? ssoUrlProblems(endpoint.path ?? "input.saml.ssoUrl", settings.ssoUrl) : []),
    // In a document, their positions say nothing.
    ...(endpoint?.path
      ? certificateProblems.slice(0, 1).map(({ message }) => ({ path: "input.saml.metadata", message }))
      : certificateProblems),
    ...(["subjectAttribute", "emailAttribute", "nameAttribute", "groupsAttribute"] as const).flatMap((field) => {
      const value = settings[field];
      if (value === null || attributePattern.test(value)) return [];
      return [{ path: `input.saml.${field}`, message: "The name of an attribute has 1 to 500 visible ASCII characters." }];
    }),
  ];
  return { settings, problems };
}

interface GivenEndpoint {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly certificates: readonly string[];
  /** Where the values come from, if not from fields of their own. */
  readonly path: string | null;
}

function readEndpoint({ metadata, entityId, ssoUrl, certificates }: SamlSettingsInput): {
  endpoint: GivenEndpoint | null;
  problems: Problem[];
} {
  if (typeof metadata === "string") {
    const own = Object.entries({ entityId, ssoUrl, certificates }).find(([, value]) => value !== undefined && value !== null);
    if (own) return { endpoint: null, problems: [{ path: `input.saml.${own[0]}`, message: "The metadata says this. Omit one of them." }] };
    const { endpoint, problems } = readMetadataDocument(metadata);
    return { endpoint: endpoint && { ...endpoint, path: "input.saml.metadata" }, problems };
  }
  return { endpoint: { entityId: entityId ?? "", ssoUrl: ssoUrl ?? "", certificates: certificates ?? [], path: null }, problems: [] };
}

/** Only browsers open it. Weft itself sends nothing there. */
function ssoUrlProblems(path: string, ssoUrl: string): Problem[] {
  // A metadata document can contain these as escaped characters, which URL parsers ignore or replace.
  if (controlCharacters.test(ssoUrl) || !ssoUrl.isWellFormed())
    return [{ path, message: "The login URL contains control characters, or characters that are not valid Unicode." }];
  const message = browserUrlProblem(ssoUrl);
  if (message !== null) return [{ path, message: `The login URL ${message}` }];
  const { searchParams } = new URL(ssoUrl);
  const own = requestParameters.find((name) => searchParams.has(name));
  return own === undefined ? [] : [{ path, message: `The login URL must not have the parameter ${own}.` }];
}

/** Returns what is about to go wrong with a provider, as far as it can be known without a login. Null if nothing is. */
export function samlProblem({ certificates }: SamlConfiguration, now = new Date()): string | null {
  const dates = certificates.map((pem) => summaryOf(pem).expiresAt).toSorted();
  const last = dates.at(-1) ?? now.toISOString();
  // It still verifies: only its key counts.
  if (last <= now.toISOString())
    return `The last certificate expired on ${last}. Logins work until the provider uses another one. Add its current one.`;
  if (Date.parse(last) - now.getTime() < EXPIRES_SOON_MS)
    return `The last certificate expires on ${last}. Add the next one before the provider uses it.`;
  return null;
}
