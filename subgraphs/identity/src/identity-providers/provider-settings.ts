/** What differs between the kinds of providers, when they are created and changed. */
import { createHash } from "node:crypto";
import { type Problem, type Services, textProblems } from "@weft/shared";
import type { OidcSettingsInput, SamlSettingsInput } from "./identity-provider.input.js";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import { type OidcConfiguration, oidcConfigurationOf, readOidcConfiguration } from "./oidc-configuration.js";
import {
  readSamlSettings,
  type SamlConfiguration,
  samlConfigurationOf,
  type SamlSettingsOf,
  serviceProviderKeys,
} from "./saml-configuration.js";
import { newServiceProviderKey } from "./saml-key.js";

const MAX_SECRET_LENGTH = 2_000;

/** The settings of an input, in stored form. */
export type Settings =
  | { readonly kind: "OIDC"; readonly configuration: OidcConfiguration; readonly clientSecret: string | null; readonly problems: Problem[] }
  | { readonly kind: "SAML"; readonly configuration: SamlSettingsOf; readonly problems: Problem[] };

/** A stored provider. */
interface Stored {
  readonly kind: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** Returns null if the input has none. Call it outside of transactions: it asks name servers. */
export async function readSettings(
  { config }: Pick<Services, "config">,
  { oidc, saml }: { readonly oidc?: OidcSettingsInput | null; readonly saml?: SamlSettingsInput | null },
): Promise<Settings | null> {
  if (saml) {
    const { settings, problems } = readSamlSettings(saml);
    const both = oidc ? [{ path: "input.saml", message: "A provider has one kind. Give either oidc or saml." }] : [];
    return { kind: "SAML", configuration: settings, problems: [...both, ...problems] };
  }
  if (!oidc) return null;
  const { configuration, problems } = await readOidcConfiguration(config.outbound, oidc);
  const clientSecret = oidc.clientSecret ?? null;
  const secretProblems = textProblems("input.oidc.clientSecret", clientSecret, { max: MAX_SECRET_LENGTH });
  return { kind: "OIDC", configuration, clientSecret, problems: [...problems, ...secretProblems] };
}

/** What is stored of a new provider. */
export interface NewSettings {
  readonly kind: "OIDC" | "SAML";
  readonly configuration: OidcConfiguration | SamlConfiguration;
  /** Not encrypted yet. */
  readonly secret: string | null;
}

/** Returns what to store of a new provider. Of the kind SAML, this makes its key. */
export async function newSettings(settings: Settings): Promise<NewSettings> {
  if (settings.kind === "OIDC") return { kind: "OIDC", configuration: settings.configuration, secret: settings.clientSecret };
  const { privateKey, certificate } = await newServiceProviderKey();
  return { kind: "SAML", configuration: { ...settings.configuration, serviceProviderCertificate: certificate }, secret: privateKey };
}

/** The kind of a provider cannot change. */
export const kindProblems = ({ kind }: Settings, stored: Pick<Stored, "kind">): Problem[] =>
  kind === stored.kind
    ? []
    : [{ path: `input.${kind.toLowerCase()}`, message: `The kind of this provider is ${stored.kind}. It cannot change.` }];

/** Returns the settings of a stored provider, without its secret. */
export const storedSettings = (stored: Stored): Settings =>
  stored.kind === "OIDC"
    ? { kind: "OIDC", configuration: oidcConfigurationOf(stored), clientSecret: null, problems: [] }
    : { kind: "SAML", configuration: samlConfigurationOf(stored), problems: [] };

/** Whether settings are about the same provider, and the same client there: sessions and a client secret belong to both. */
export function isSameProvider(one: Settings, other: Settings): boolean {
  if (one.configuration.issuer !== other.configuration.issuer) return false;
  return one.kind === "SAML" || other.kind === "SAML" || one.configuration.clientId === other.configuration.clientId;
}

/** Without a name for the groups every user would count as being in none, and lose the mapped roles. */
export function groupsProblems(settings: Settings, roleMappings: readonly unknown[]): Problem[] {
  const name = settings.kind === "OIDC" ? settings.configuration.groupsClaim : settings.configuration.groupsAttribute;
  if (name !== null || roleMappings.length === 0) return [];
  return settings.kind === "OIDC"
    ? [{ path: "input.oidc.groupsClaim", message: "Groups give roles, so name the claim that has the groups." }]
    : [{ path: "input.saml.groupsAttribute", message: "Groups give roles, so name the attribute that has the groups." }];
}

/**
 * Returns the issuer of a provider of any kind: links to users, and logins on their way, belong to it. With SAML, the attribute that identifies users is a
 * part of it: the same text in another attribute can be another user. Entity IDs contain no line breaks. `hasActiveProvider` does the same in SQL.
 */
export function issuerOf(stored: Stored): string {
  if (stored.kind === "OIDC") return oidcConfigurationOf(stored).issuer;
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
