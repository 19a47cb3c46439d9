import { Allow, canInTenant, connectionOf, DateTimeScalar, encodeId, inherit, payloadOf } from "@weft/shared";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
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

@ObjectType({ description: "Settings of a provider of the kind OIDC." })
@Allow(inherit)
export class OidcSettings {
  @Field(() => String, { description: "Issuer, under which the provider publishes its discovery document." })
  issuer!: string;

  @Field(() => String, { description: "ID of the client that stands for Weft." })
  clientId!: string;

  @Field(() => Boolean, { description: "Whether a client secret is stored. It is never shown." })
  hasClientSecret!: boolean;

  @Field(() => [String], { description: "Scopes that Weft asks for." })
  scopes!: string[];

  @Field(() => String, { description: "Claim with the email address." })
  emailClaim!: string;

  @Field(() => String, { description: "Claim with the display name." })
  nameClaim!: string;

  @Field(() => String, { nullable: true, description: "Claim with the groups. Null if groups give no roles." })
  groupsClaim!: string | null;
}

@ObjectType({ description: "A certificate whose key signs a provider's responses." })
@Allow(inherit)
export class SamlCertificate {
  @Field(() => String, { description: "SHA-256 fingerprint, as hexadecimal bytes with colons." })
  fingerprint!: string;

  @Field(() => String, { description: "Subject of the certificate." })
  subject!: string;

  @Field(() => DateTimeScalar, { description: "Expiry. Afterwards the certificate still verifies responses, until you remove it." })
  expiresAt!: string;
}

@ObjectType({ description: "What to enter at a provider of the kind SAML: Weft as its service provider." })
@Allow(inherit)
export class SamlServiceProvider {
  @Field(() => String, { description: "Entity ID, also called audience or identifier. Each provider has its own." })
  entityId!: string;

  @Field(() => String, { description: "Assertion consumer service (ACS), also called reply URL, with the binding HTTP-POST." })
  acsUrl!: string;

  @Field(() => String, { description: "Address of the metadata document, which says all this in XML. It needs no login." })
  metadataUrl!: string;

  @Field(() => String, {
    description: "Certificate of the key that signs requests, and for which the provider can encrypt assertions, as PEM.",
  })
  certificate!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Certificate of the key that `rotateIdentityProviderKey` has made, as PEM. Add it at the provider before you call `activateIdentityProviderKey`. Null if there is none.",
  })
  nextCertificate!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time until which the previous key decrypts assertions. It is erased within about an hour after that. Null if there is none.",
  })
  previousKeyExpiresAt!: string | null;
}

@ObjectType({ description: "Settings of a provider of the kind SAML." })
@Allow(inherit)
export class SamlSettings {
  @Field(() => String, { description: "Entity ID of the provider." })
  entityId!: string;

  @Field(() => String, { description: "Where the provider logs users in, with the binding HTTP-Redirect." })
  ssoUrl!: string;

  @Field(() => [SamlCertificate], { description: "Certificates whose keys sign the provider's responses. Each of them is accepted." })
  certificates!: SamlCertificate[];

  @Field(() => String, { nullable: true, description: "Attribute that identifies the user. Null if the NameID does." })
  subjectAttribute!: string | null;

  @Field(() => String, { nullable: true, description: "Attribute with the email address. Null if the NameID is the address." })
  emailAttribute!: string | null;

  @Field(() => String, { description: "Attribute with the display name." })
  nameAttribute!: string;

  @Field(() => String, { nullable: true, description: "Attribute with the groups. Null if groups give no roles." })
  groupsAttribute!: string | null;

  @Field(() => Boolean, { description: "Whether email addresses from the provider count as verified." })
  verifiesEmail!: boolean;

  @Field(() => Boolean, { description: "Whether Weft signs its requests." })
  signsRequests!: boolean;

  @Field(() => Boolean, { description: "Whether the provider can encrypt assertions." })
  acceptsEncryptedAssertions!: boolean;

  // Not part of the schema.
  serviceProviderCertificate!: string;
  nextServiceProviderCertificate?: string;
  previousServiceProviderKeyExpiresAt?: string;
  providerId!: string;
  tenantUuid!: string;
}

@ObjectType({ description: "Settings of a provider of the kind LDAP. See `LdapSettingsInput`." })
@Allow(inherit)
export class LdapSettings {
  @Field(() => String, { description: "URL of the directory, with its port." })
  url!: string;

  @Field(() => Boolean, { description: "Whether the connection of an `ldap:` URL changes to TLS before anything else." })
  usesStartTls!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Certificates of the authorities from which the directory's certificate must be, as PEM. Null: those that browsers trust.",
  })
  ca!: string | null;

  @Field(() => String, { nullable: true, description: "Distinguished name of the account that searches. Null if the search is anonymous." })
  bindDn!: string | null;

  @Field(() => Boolean, { description: "Whether a password of this account is stored. It is never shown." })
  hasBindPassword!: boolean;

  @Field(() => String, { description: "Entry below which users are searched for." })
  searchBase!: string;

  @Field(() => String, { description: "Filter that finds a user by what they type (`{login}`)." })
  userFilter!: string;

  @Field(() => String, { description: "Attribute that identifies the user." })
  subjectAttribute!: string;

  @Field(() => String, { description: "Attribute with the email address." })
  emailAttribute!: string;

  @Field(() => String, { description: "Attribute with the display name." })
  nameAttribute!: string;

  @Field(() => String, { description: "Attribute with the user name." })
  usernameAttribute!: string;

  @Field(() => String, { nullable: true, description: "Attribute of the user with the groups. Null if it does not name them." })
  groupsAttribute!: string | null;

  @Field(() => String, { nullable: true, description: "Entry below which groups are searched for. Null if they are not searched for." })
  groupSearchBase!: string | null;

  @Field(() => String, { nullable: true, description: "Filter that finds the groups of a user. Null if they are not searched for." })
  groupFilter!: string | null;

  @Field(() => String, { description: "Attribute with the name of a group that was searched for." })
  groupNameAttribute!: string;

  @Field(() => Boolean, { description: "Whether email addresses from the directory count as verified." })
  verifiesEmail!: boolean;
}

@ObjectType({ description: "A group of the provider and the role that its members get." })
@Allow(inherit)
export class GroupRoleMapping {
  @Field(() => String, { description: "Name of the group, as in the claim." })
  group!: string;

  @Field(() => ID, { description: "ID of the role (`rol_…`)." })
  roleId!: string;
}

@ObjectType({
  description: "An identity provider of the tenant, with which its users log in (single sign-on). The tenant's administrators manage it.",
})
@Allow(canInTenant("identityProvider.read"))
export class IdentityProvider {
  @Field(() => ID, { description: "ID (`idp_…`)." })
  id!: string;

  @Field(() => IdentityProviderKind, { description: "Protocol." })
  kind!: IdentityProviderKind;

  @Field(() => String, { description: "Display name, also shown to users who log in." })
  name!: string;

  @Field(() => IdentityProviderStatus, { description: "Whether users can log in with it." })
  status!: IdentityProviderStatus;

  @Field(() => OidcSettings, { nullable: true, description: "Settings of the kind OIDC. Null for other kinds." })
  oidc!: OidcSettings | null;

  @Field(() => SamlSettings, { nullable: true, description: "Settings of the kind SAML. Null for other kinds." })
  saml!: SamlSettings | null;

  @Field(() => LdapSettings, { nullable: true, description: "Settings of the kind LDAP. Null for other kinds." })
  ldap!: LdapSettings | null;

  @Field(() => Boolean, { description: "Whether users who log in for the first time are created." })
  createsUsers!: boolean;

  @Field(() => Boolean, { description: "Whether users are also created if their email address is not of a verified domain." })
  createsUsersOfAllDomains!: boolean;

  @Field(() => Boolean, {
    description:
      "Whether users are also created if the provider has not verified their email address. They are never linked to existing users.",
  })
  acceptsUnverifiedEmail!: boolean;

  @Field(() => [String], { description: "URLs of applications to which a login can return, compared exactly." })
  redirectUrls!: string[];

  @Field(() => [GroupRoleMapping], {
    description: "Roles that the provider's groups give. At each login, these roles are added or removed.",
  })
  roleMappings!: GroupRoleMapping[];

  @Field(() => Int, { description: "Version number, incremented on every change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Creation time." })
  createdAt!: string;

  @Field(() => DateTimeScalar, { description: "Time of the last change." })
  updatedAt!: string;

  // Not part of the schema.
  tenantUuid!: string;
}

export const { Connection: IdentityProviderConnection } = connectionOf(IdentityProvider);

export const toIdentityProvider = (row: IdentityProviderRow): IdentityProvider => ({
  id: encodeId("identityProvider", row.id),
  kind: row.kind as IdentityProviderKind,
  name: row.name,
  status: row.status as IdentityProviderStatus,
  oidc: row.kind === "OIDC" ? toOidcSettings(row) : null,
  saml: row.kind === "SAML" ? toSamlSettings(row) : null,
  ldap: row.kind === "LDAP" ? toLdapSettings(row) : null,
  createsUsers: row.createsUsers,
  createsUsersOfAllDomains: row.createsUsersOfAllDomains,
  acceptsUnverifiedEmail: row.acceptsUnverifiedEmail,
  redirectUrls: row.redirectUrls,
  roleMappings: row.roleMappings.map(({ group, roleId }) => ({ group, roleId: encodeId("role", roleId) })),
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
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
