/** What differs between the kinds of providers, when they are created and changed. */
import { createHash } from "node:crypto";
import type { Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";
import type { Services } from "@weft/platform/services";
import type { LdapSettingsInput, OidcSettingsInput, SamlSettingsInput } from "./identity-provider-settings.type.js";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import {
  directoryIssuerOf,
  isSameDirectory,
  keepsBindPassword,
  type LdapConfiguration,
  ldapConfigurationOf,
  readLdapConfiguration,
} from "./ldap-configuration.js";
import { type OidcConfiguration, oidcConfigurationOf, readOidcConfiguration } from "./oidc-configuration.js";
import {
  readSamlSettings,
  type SamlConfiguration,
  samlConfigurationOf,
  type SamlSettingsOf,
  serviceProviderKeys,
} from "./saml-configuration.js";
import type { ServiceProviderKey } from "./saml-key.js";

const MAX_SECRET_LENGTH = 2_000;

/** The settings of an input, in stored form. */
export type Settings =
  | { readonly kind: "OIDC"; readonly configuration: OidcConfiguration; readonly clientSecret: string | null; readonly problems: Problem[] }
  | { readonly kind: "SAML"; readonly configuration: SamlSettingsOf; readonly problems: Problem[] }
  | {
      readonly kind: "LDAP";
      readonly configuration: LdapConfiguration;
      readonly bindPassword: string | null;
      readonly problems: Problem[];
    };

/** A stored provider. */
interface Stored {
  readonly kind: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** Returns null if the input has none. Call it outside of transactions: it asks name servers. */
export async function readSettings(
  { config }: Pick<Services, "config">,
  {
    oidc,
    saml,
    ldap,
  }: { readonly oidc?: OidcSettingsInput | null; readonly saml?: SamlSettingsInput | null; readonly ldap?: LdapSettingsInput | null },
): Promise<Settings | null> {
  const isOne = [oidc, saml, ldap].filter(Boolean).length === 1;
  const both = (path: string): Problem[] => (isOne ? [] : [{ path, message: "A provider has one kind. Give one of oidc, saml and ldap." }]);
  if (ldap) {
    const { configuration, problems } = await readLdapConfiguration(config.outbound, ldap);
    const bindPassword = ldap.bindPassword ?? null;
    return { kind: "LDAP", configuration, bindPassword, problems: [...both("input.ldap"), ...problems, ...bindPasswordProblems(ldap)] };
  }
  if (saml) {
    const { settings, problems } = readSamlSettings(saml);
    return { kind: "SAML", configuration: settings, problems: [...both("input.saml"), ...problems] };
  }
  if (!oidc) return null;
  const { configuration, problems } = await readOidcConfiguration(config.outbound, oidc);
  const clientSecret = oidc.clientSecret ?? null;
  const secretProblems = textProblems("input.oidc.clientSecret", clientSecret, { max: MAX_SECRET_LENGTH });
  return { kind: "OIDC", configuration, clientSecret, problems: [...problems, ...secretProblems] };
}

/** An account with an empty password would search as nobody. */
function bindPasswordProblems({ bindDn, bindPassword }: Pick<LdapSettingsInput, "bindDn" | "bindPassword">): Problem[] {
  const path = "input.ldap.bindPassword";
  if (typeof bindPassword !== "string") return [];
  if (typeof bindDn !== "string") return [{ path, message: "Give the account whose password this is, in bindDn." }];
  if (bindPassword === "") return [{ path, message: "It is empty." }];
  if (bindPassword.length > MAX_SECRET_LENGTH)
    return [{ path, message: `It has ${bindPassword.length} characters; at most ${MAX_SECRET_LENGTH} are allowed.` }];
  return bindPassword.includes("\0") ? [{ path, message: "It contains control characters." }] : [];
}

/** The account that searches needs a password: a stored one only of the same account at the same server. */
export function accountProblems(settings: Settings, before: LdapConfiguration | null): Problem[] {
  if (settings.kind !== "LDAP" || settings.configuration.bindDn === null || settings.bindPassword !== null) return [];
  if (before !== null && keepsBindPassword(before, settings.configuration)) return [];
  const message = "Give the password of the account that searches. It is kept only while url, usesStartTls, ca and bindDn stay the same.";
  return [{ path: "input.ldap.bindPassword", message }];
}

/** What is stored of a new provider. */
export interface NewSettings {
  readonly kind: "OIDC" | "SAML" | "LDAP";
  readonly configuration: OidcConfiguration | SamlConfiguration | LdapConfiguration;
  /** Not encrypted yet. */
  readonly secret: string | null;
}

/** Returns what to store of a new provider. Of the kind SAML, it gets a key. */
export function newSettings(settings: Settings, keyOf: () => ServiceProviderKey): NewSettings {
  if (settings.kind === "OIDC") return { kind: "OIDC", configuration: settings.configuration, secret: settings.clientSecret };
  if (settings.kind === "LDAP") return { kind: "LDAP", configuration: settings.configuration, secret: settings.bindPassword };
  const { privateKey, certificate } = keyOf();
  return { kind: "SAML", configuration: { ...settings.configuration, serviceProviderCertificate: certificate }, secret: privateKey };
}

/** The kind of a provider cannot change. */
export const kindProblems = ({ kind }: Settings, stored: Pick<Stored, "kind">): Problem[] =>
  kind === stored.kind
    ? []
    : [{ path: `input.${kind.toLowerCase()}`, message: `The kind of this provider is ${stored.kind}. It cannot change.` }];

/** Returns the settings of a stored provider, without its secret. */
export function storedSettings(stored: Stored): Settings {
  if (stored.kind === "OIDC") return { kind: "OIDC", configuration: oidcConfigurationOf(stored), clientSecret: null, problems: [] };
  if (stored.kind === "LDAP") return { kind: "LDAP", configuration: ldapConfigurationOf(stored), bindPassword: null, problems: [] };
  return { kind: "SAML", configuration: samlConfigurationOf(stored), problems: [] };
}

/** Whether settings are about the same provider, and the same client there: sessions and a client secret belong to both. */
export function isSameProvider(one: Settings, other: Settings): boolean {
  if (one.kind === "LDAP" && other.kind === "LDAP") return isSameDirectory(one.configuration, other.configuration);
  if (one.configuration.issuer !== other.configuration.issuer) return false;
  return one.kind !== "OIDC" || other.kind !== "OIDC" || one.configuration.clientId === other.configuration.clientId;
}

/** Without a name for the groups every user would count as being in none, and lose the mapped roles. */
export function groupsProblems(settings: Settings, roleMappings: readonly unknown[]): Problem[] {
  if (roleMappings.length === 0) return [];
  switch (settings.kind) {
    case "OIDC":
      if (settings.configuration.groupsClaim !== null) return [];
      return [{ path: "input.oidc.groupsClaim", message: "Groups give roles, so name the claim that has the groups." }];
    case "SAML":
      if (settings.configuration.groupsAttribute !== null) return [];
      return [{ path: "input.saml.groupsAttribute", message: "Groups give roles, so name the attribute that has the groups." }];
    case "LDAP":
      if (settings.configuration.groupsAttribute !== null || settings.configuration.groupFilter !== null) return [];
      return [
        {
          path: "input.ldap.groupsAttribute",
          message: "Groups give roles, so name the attribute that has the groups, or the filter that finds them.",
        },
      ];
    default:
      return settings satisfies never;
  }
}

/**
 * Returns the issuer of a provider of any kind: links to users, and logins on their way, belong to it. With SAML, the attribute that identifies users is a
 * part of it: the same text in another attribute can be another user. Entity IDs contain no line breaks. `hasActiveProvider` does the same in SQL.
 */
export function issuerOf(stored: Stored): string {
  if (stored.kind === "OIDC") return oidcConfigurationOf(stored).issuer;
  if (stored.kind === "LDAP") return directoryIssuerOf(ldapConfigurationOf(stored));
  const { issuer, subjectAttribute } = samlConfigurationOf(stored);
  return subjectAttribute === null ? issuer : `${issuer}\n${subjectAttribute}`;
}

/** What decides how a provider's answer is read, who gets in, and which roles they get. */
type Trusted = Stored & Pick<IdentityProviderRow, "createsUsers" | "createsUsersOfAllDomains" | "acceptsUnverifiedEmail" | "roleMappings">;

/**
 * Returns a text that is another one after every change of a provider by which an answer could mean something else. Its name and the keys of Weft are not
 * among them: they can change while users log in.
 */
export function trustOf(stored: Trusted): string {
  const { kind, configuration, createsUsers, createsUsersOfAllDomains, acceptsUnverifiedEmail, roleMappings } = stored;
  const settings = Object.entries(configuration).filter(([name]) => !(serviceProviderKeys as readonly string[]).includes(name));
  const all = [kind, settings, createsUsers, createsUsersOfAllDomains, acceptsUnverifiedEmail, roleMappings];
  return createHash("sha256").update(JSON.stringify(all)).digest("hex");
}
