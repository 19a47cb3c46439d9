import { encodeId } from "@weft/shared/ids";
import { column, columns, createInputOf, shapeOf, ShowColumns, standardColumns, updateInputOf } from "@weft/api/columns";
import { payloadOf } from "@weft/api/inputs";
import { connectionOf } from "@weft/api/pages";
import { Allow, canInTenant } from "@weft/api/rules";
import { ObjectType, registerEnumType } from "type-graphql";
import * as identityColumns from "../identity-columns.js";
import {
  GroupRoleMapping,
  GroupRoleMappingInput,
  LdapSettings,
  LdapSettingsInput,
  OidcSettings,
  OidcSettingsInput,
  SamlSettings,
  SamlSettingsInput,
} from "./identity-provider-settings.type.js";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import { ldapConfigurationOf } from "./ldap-configuration.js";
import { oidcConfigurationOf } from "./oidc-configuration.js";
import { summaryOf } from "./saml-certificates.js";
import { samlConfigurationOf } from "./saml-configuration.js";

export enum IdentityProviderKind {
  OIDC = "OIDC",
  SAML = "SAML",
  LDAP = "LDAP",
}
registerEnumType(IdentityProviderKind, {
  name: "IdentityProviderKind",
  description: "Protocol of an identity provider.",
  valuesConfig: {
    OIDC: { description: "OpenID Connect, with authorization code and PKCE." },
    SAML: { description: "SAML 2.0. Logins begin at Weft (HTTP-Redirect), and the response comes by HTTP-POST." },
    LDAP: { description: "LDAP version 3: a directory that checks passwords. Users log in with `loginWithDirectory`." },
  },
});

export enum IdentityProviderStatus {
  ACTIVE = "ACTIVE",
  INACTIVE = "INACTIVE",
}
registerEnumType(IdentityProviderStatus, {
  name: "IdentityProviderStatus",
  description: "Whether users can log in with an identity provider.",
  valuesConfig: {
    ACTIVE: { description: "Users can log in with it." },
    INACTIVE: { description: "Nobody can log in with it. Sessions that it has opened stay open." },
  },
});

/** A provider has the settings of its kind, and null in an update leaves them. */
const ofOneKind = { shownNullable: true, optional: true, converted: true } as const;

export const identityProviderColumns = columns({
  id: column.id("ID (`idp_…`).", { created: false, updated: "The provider.", requiredInUpdate: true, isKey: true }),
  ...column.shownOnly({ kind: column.of(() => IdentityProviderKind, "Protocol.") }),
  name: column.text("Display name, also shown to users who log in.", {
    max: 200,
    trimmed: true,
    created: "Display name, unique in the tenant (1 to 200 characters). Users who log in see it.",
    updated: "Display name (1 to 200 characters).",
  }),
  ...column.shownOnly({ status: column.of(() => IdentityProviderStatus, "Whether users can log in with it.") }),
  oidc: column.pair(
    () => OidcSettings,
    () => OidcSettingsInput,
    "Settings of the kind OIDC. Null for other kinds.",
    {
      ...ofOneKind,
      created: "Settings of the kind OIDC. Give either these, `saml` or `ldap`.",
      updated: "All settings of the kind OIDC. The stored client secret is kept only if issuer and client stay the same.",
    },
  ),
  saml: column.pair(
    () => SamlSettings,
    () => SamlSettingsInput,
    "Settings of the kind SAML. Null for other kinds.",
    {
      ...ofOneKind,
      created: "Settings of the kind SAML.",
      updated: "All settings of the kind SAML. The keys of Weft stay the same. The kind of a provider cannot change.",
    },
  ),
  ldap: column.pair(
    () => LdapSettings,
    () => LdapSettingsInput,
    "Settings of the kind LDAP. Null for other kinds.",
    {
      ...ofOneKind,
      created: "Settings of the kind LDAP.",
      updated: "All settings of the kind LDAP. The stored password is kept only if server, encryption and account stay the same.",
    },
  ),
  createsUsers: column.flag("Whether users who log in for the first time are created.", {
    created: "Whether to create users who log in for the first time.",
    initial: false,
  }),
  createsUsersOfAllDomains: column.flag("Whether users are also created if their email address is not of a verified domain.", {
    created:
      "Whether to create users also if their email address is not of one of your verified domains. Only for providers that know nobody but the users of your organization.",
    updated: "Whether to create users also if their email address is not of one of your verified domains.",
    initial: false,
  }),
  acceptsUnverifiedEmail: column.flag(
    "Whether users are also created if the provider has not verified their email address. They are never linked to existing users.",
    {
      created: "Whether to create users also if the provider has not verified their email address.",
      updated: "Whether to create users also if their email address is not verified.",
      initial: false,
    },
  ),
  redirectUrls: column.texts("URLs of applications to which a login can return, compared exactly.", {
    created: "URLs of applications to which a login can return, compared exactly (at most 20). Empty for the kind LDAP.",
    updated: "All URLs of applications to which a login can return.",
  }),
  roleMappings: column.pair(
    () => [GroupRoleMapping],
    () => [GroupRoleMappingInput],
    "Roles that the provider's groups give. At each login, these roles are added or removed.",
    {
      created: "Roles that groups give (at most 200). At each login, these roles are added or removed; other roles stay.",
      updated: "All roles that groups give.",
      initial: [],
      converted: true,
    },
  ),
  ...identityColumns.idempotencyKey("returns the same provider"),
  ...standardColumns.expectedVersion,
  ...column.shownOnly({ version: column.int("Version number, incremented on every change.") }),
  ...standardColumns.times,
});

@ShowColumns(identityProviderColumns)
@ObjectType({
  description: "An identity provider of the tenant, with which its users log in (single sign-on). The tenant's administrators manage it.",
})
@Allow(canInTenant("identityProvider.read"))
export class IdentityProvider extends shapeOf(identityProviderColumns) {
  // Not part of the schema.
  tenantUuid!: string;
}

export const CreateIdentityProviderInput = createInputOf("CreateIdentityProviderInput", identityProviderColumns);
export type CreateIdentityProviderInput = InstanceType<typeof CreateIdentityProviderInput>;

export const UpdateIdentityProviderInput = updateInputOf(
  "UpdateIdentityProviderInput",
  identityProviderColumns,
  "Omitted fields keep their values.",
);
export type UpdateIdentityProviderInput = InstanceType<typeof UpdateIdentityProviderInput>;

export const { Connection: IdentityProviderConnection } = connectionOf(IdentityProvider);

export const toIdentityProvider = (row: IdentityProviderRow): IdentityProvider => ({
  ...identityProviderColumns.shown(row),
  id: encodeId("identityProvider", row.id),
  kind: row.kind as IdentityProviderKind,
  status: row.status as IdentityProviderStatus,
  oidc: row.kind === "OIDC" ? toOidcSettings(row) : null,
  saml: row.kind === "SAML" ? toSamlSettings(row) : null,
  ldap: row.kind === "LDAP" ? toLdapSettings(row) : null,
  roleMappings: row.roleMappings.map(({ group, roleId }) => ({ group, roleId: encodeId("role", roleId) })),
  tenantUuid: row.tenantId,
});

function toOidcSettings(row: IdentityProviderRow): OidcSettings {
  const oidc = oidcConfigurationOf(row);
  return { ...oidc, scopes: [...oidc.scopes], hasClientSecret: row.secret !== null };
}

function toLdapSettings(row: IdentityProviderRow): LdapSettings {
  const { issuer: _issuer, ...ldap } = ldapConfigurationOf(row);
  return { ...ldap, hasBindPassword: row.secret !== null };
}

function toSamlSettings(row: IdentityProviderRow): SamlSettings {
  const { issuer, certificates, ...saml } = samlConfigurationOf(row);
  return {
    ...saml,
    entityId: issuer,
    certificates: certificates.map(summaryOf),
    providerId: encodeId("identityProvider", row.id),
    tenantUuid: row.tenantId,
  };
}

export const IdentityProviderPayload = payloadOf(IdentityProvider, "identityProvider");
export type IdentityProviderPayload = InstanceType<typeof IdentityProviderPayload>;
