import { X509Certificate } from "node:crypto";
import { type Problem, quote } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import { isPortAllowed, isSocketListed, type OutboundPolicy, refusalOfAddresses } from "@weft/platform/outbound";
import { filterProblems } from "./ldap-filter.js";
import type { LdapSettingsInput } from "./identity-provider-settings.type.js";

/** What only providers of the kind LDAP have. Stored as JSON. */
export interface LdapConfiguration {
  /** The search base. Links of users refer to it, as to the issuer of a provider of the kind OIDC. */
  readonly issuer: string;
  /** With host in lower case, and port. */
  readonly url: string;
  /** Whether the connection of an `ldap:` URL changes to TLS before anything else. */
  readonly usesStartTls: boolean;
  /** PEM. If set, only certificates of these authorities are accepted. */
  readonly ca: string | null;
  /** Account that searches. Null: anonymous. Its password is the provider's secret. */
  readonly bindDn: string | null;
  readonly searchBase: string;
  /** With the placeholder `{login}`. */
  readonly userFilter: string;
  readonly subjectAttribute: string;
  readonly emailAttribute: string;
  readonly nameAttribute: string;
  readonly usernameAttribute: string;
  /** Attribute of the user with the groups. Null if they are searched for, or give no roles. */
  readonly groupsAttribute: string | null;
  /** Where to search for groups. Null if the user's entry has them, or they give no roles. */
  readonly groupSearchBase: string | null;
  /** With the placeholder `{dn}` or `{username}`. */
  readonly groupFilter: string | null;
  readonly groupNameAttribute: string;
  readonly verifiesEmail: boolean;
}

const MAX_DN_LENGTH = 1_000;
const MAX_CA_LENGTH = 20_000;
const urlPattern = /^(ldaps?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\.?(?::(\d{1,5}))?\/?$/i;
const attributePattern = /^[A-Za-z][A-Za-z0-9-]{0,99}$/;
const dnPattern = /^\s*[A-Za-z0-9.-]+\s*=/;

/** Whether a text begins as a distinguished name does. */
export const isDn = (text: string): boolean => dnPattern.test(text);
const certificatePattern = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Attributes whose values are not text, with the spelling of the directories that have them. */
const binaryAttributes: ReadonlyMap<string, string> = new Map(
  ["objectGUID", "objectSid", "mS-DS-ConsistencyGuid", "GUID"].map((name) => [name.toLowerCase(), name]),
);

/** Returns whether the values of an attribute are bytes. They are shown and stored as hexadecimal digits. */
export const isBinaryAttribute = (name: string): boolean => binaryAttributes.has(name.toLowerCase());

/** Returns the configuration of a stored provider. */
export const ldapConfigurationOf = ({ configuration }: { readonly configuration: Readonly<Record<string, unknown>> }): LdapConfiguration =>
  configuration as unknown as LdapConfiguration;

/** The ports of LDAP and those of unprivileged applications. */
export const isDirectoryPort = (port: number): boolean => port === 389 || port === 636 || (port >= 1024 && isPortAllowed(port));

interface Endpoint {
  /** In lower case, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the connection begins with TLS. */
  readonly isSecure: boolean;
}

/** Returns null if the URL is not one of LDAP. */
export function readEndpoint(url: string): Endpoint | null {
  const [, scheme = "", name = "", digits] = urlPattern.exec(url.trim()) ?? [];
  if (scheme === "") return null;
  const isSecure = scheme.toLowerCase() === "ldaps";
  const port = digits === undefined ? (isSecure ? 636 : 389) : Number(digits);
  if (port < 1 || port > 65_535) return null;
  return { host: name.replace(/^\[|\]$/g, "").toLowerCase(), port, isSecure };
}

/** Returns where a stored provider is. */
export function endpointOf({ url }: Pick<LdapConfiguration, "url">): Endpoint {
  const endpoint = readEndpoint(url);
  if (endpoint === null) throw new Error("The stored URL of a directory is not valid.");
  return endpoint;
}

const urlOf = ({ host, port, isSecure }: Endpoint): string =>
  `${isSecure ? "ldaps" : "ldap"}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Returns the configuration of an input in stored form, and its problems. Call it outside of transactions: it asks name servers. */
export async function readLdapConfiguration(
  policy: OutboundPolicy,
  given: LdapSettingsInput,
): Promise<{ configuration: LdapConfiguration; problems: Problem[] }> {
  const endpoint = readEndpoint(given.url);
  const searchBase = given.searchBase.trim();
  const configuration: LdapConfiguration = {
    issuer: searchBase.toLowerCase(),
    url: endpoint === null ? "" : urlOf(endpoint),
    usesStartTls: given.usesStartTls,
    ca: given.ca ?? null,
    bindDn: given.bindDn?.trim() ?? null,
    searchBase,
    userFilter: given.userFilter.trim(),
    subjectAttribute: binaryAttributes.get(given.subjectAttribute.toLowerCase()) ?? given.subjectAttribute,
    emailAttribute: given.emailAttribute,
    nameAttribute: given.nameAttribute,
    usernameAttribute: given.usernameAttribute,
    groupsAttribute: given.groupsAttribute ?? null,
    groupSearchBase: given.groupSearchBase?.trim() ?? null,
    groupFilter: given.groupFilter?.trim() ?? null,
    groupNameAttribute: given.groupNameAttribute,
    verifiesEmail: given.verifiesEmail,
  };
  const problems = [
    ...(await urlProblems(policy, given.url, { endpoint, usesStartTls: given.usesStartTls })),
    ...caProblems(configuration.ca),
    ...dnProblems("input.ldap.bindDn", configuration.bindDn),
    ...dnProblems("input.ldap.searchBase", searchBase),
    ...filterProblems("input.ldap.userFilter", configuration.userFilter, ["login"]),
    ...attributeProblems(configuration),
    ...groupProblems(configuration),
  ];
  return { configuration, problems };
}

async function urlProblems(
  policy: OutboundPolicy,
  url: string,
  { endpoint, usesStartTls }: { readonly endpoint: Endpoint | null; readonly usesStartTls: boolean },
): Promise<Problem[]> {
  const path = "input.ldap.url";
  if (endpoint === null)
    return [{ path, message: `${quote(url)} is not a valid URL of a directory. Use for example ldaps://ldap.acme.example.` }];
  const refusal = await refusalOfAddresses(policy, endpoint, isDirectoryPort);
  if (refusal !== null) return [{ path, message: `${quote(url)} cannot be connected to: ${refusal}.` }];
  if (endpoint.isSecure || usesStartTls || isSocketListed(policy, endpoint)) return [];
  return [{ path: "input.ldap.usesStartTls", message: "Connections without TLS are only allowed to servers that the operators allow." }];
}

function caProblems(ca: string | null): Problem[] {
  if (ca === null) return [];
  const path = "input.ldap.ca";
  if (ca.length > MAX_CA_LENGTH) return [{ path, message: `It has ${ca.length} characters; at most ${MAX_CA_LENGTH} are allowed.` }];
  const certificates = ca.match(certificatePattern) ?? [];
  const isOnlyThat = ca.replace(certificatePattern, "").trim() === "";
  return certificates.length > 0 && isOnlyThat && certificates.every(isCertificate)
    ? []
    : [{ path, message: "Give X.509 certificates as PEM." }];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function dnProblems(path: string, dn: string | null): Problem[] {
  const problems = textProblems(path, dn, { max: MAX_DN_LENGTH });
  if (dn === null || problems.length > 0 || isDn(dn)) return problems;
  return [{ path, message: `${quote(dn)} is not a valid distinguished name. Use for example dc=acme,dc=example.` }];
}

const attributeFields = [
  "subjectAttribute",
  "emailAttribute",
  "nameAttribute",
  "usernameAttribute",
  "groupsAttribute",
  "groupNameAttribute",
] as const;

function attributeProblems(configuration: LdapConfiguration): Problem[] {
  return attributeFields.flatMap((field) => {
    const name = configuration[field];
    if (name === null || attributePattern.test(name)) return [];
    return [
      {
        path: `input.ldap.${field}`,
        message: "The name of an attribute has 1 to 100 letters, digits and hyphens, and begins with a letter.",
      },
    ];
  });
}

function groupProblems({ groupsAttribute, groupSearchBase, groupFilter }: LdapConfiguration): Problem[] {
  if (groupSearchBase === null && groupFilter === null) return [];
  if (groupsAttribute !== null)
    return [{ path: "input.ldap.groupsAttribute", message: "Groups are either values of an attribute or searched for. Omit one of them." }];
  if (groupFilter === null) return [{ path: "input.ldap.groupFilter", message: "Give the filter that finds the groups of a user." }];
  if (groupSearchBase === null)
    return [{ path: "input.ldap.groupSearchBase", message: "Give the entry below which groups are searched for." }];
  return [
    ...dnProblems("input.ldap.groupSearchBase", groupSearchBase),
    ...filterProblems("input.ldap.groupFilter", groupFilter, ["dn", "username"]),
  ];
}

/** Whether a stored password of the account that searches can be kept: it is never sent to another server, or in another way, than it was given for. */
export const keepsBindPassword = (one: LdapConfiguration, other: LdapConfiguration): boolean =>
  one.url === other.url && one.usesStartTls === other.usesStartTls && one.ca === other.ca && one.bindDn === other.bindDn;

/** Whether two configurations are about the same directory, and the same names of its users there. */
export const isSameDirectory = (one: LdapConfiguration, other: LdapConfiguration): boolean =>
  endpointOf(one).host === endpointOf(other).host && directoryIssuerOf(one) === directoryIssuerOf(other);

/** Attributes whose values no two directories have in common, unless one is a copy of the other. In lower case. */
const uniqueAttributes: ReadonlySet<string> = new Set([
  "entryuuid",
  "guid",
  "ipauniqueid",
  "ms-ds-consistencyguid",
  "nsuniqueid",
  "objectguid",
  "objectsid",
]);

/**
 * Returns the text that links of users refer to. The attribute is a part of it: the same text in another attribute can be another user. The host is one, too,
 * unless the attribute is unique everywhere, so that a directory can move: the `uid` of somebody can be that of somebody else in another directory.
 */
export function directoryIssuerOf({
  issuer,
  subjectAttribute,
  url,
}: Pick<LdapConfiguration, "issuer" | "subjectAttribute" | "url">): string {
  const attribute = subjectAttribute.toLowerCase();
  const name = `ldap:${issuer}\n${attribute}`;
  return uniqueAttributes.has(attribute) ? name : `${name}\n${endpointOf({ url }).host}`;
}
