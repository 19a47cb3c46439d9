import { Allow, ConnectionArgs, DateTimeScalar, inherit } from "@weft/shared";
import type { FilterValue, OrderByValue } from "@weft/shared";
import { ArgsType, Field, ID, InputType, Int, ObjectType } from "type-graphql";
import { IdentityProviderFilter, IdentityProviderOrder } from "./identity-provider.list.js";
import { IdentityProvider } from "./identity-provider.type.js";

@ArgsType()
export class IdentityProvidersArgs extends ConnectionArgs {
  @Field(() => IdentityProviderFilter.Input, { nullable: true, description: "Filter for identity providers." })
  filter?: FilterValue | null;

  @Field(() => IdentityProviderOrder.Input, { nullable: true, description: "Sort order (default: by name)." })
  orderBy?: OrderByValue | null;
}

@InputType({ description: "Settings of a provider of the kind OIDC." })
export class OidcSettingsInput {
  @Field(() => String, {
    description: "Issuer, under which the provider publishes `/.well-known/openid-configuration`. Example: `https://login.acme.example`.",
  })
  issuer!: string;

  @Field(() => String, { description: "ID of the client that the provider has registered for Weft (at most 500 characters)." })
  clientId!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Secret of the client (at most 2000 characters). Stored encrypted, and never shown. Omit it for clients without a secret; in an update, to keep the stored one.",
  })
  clientSecret?: string | null;

  @Field(() => [String], { defaultValue: ["openid", "email", "profile"], description: "Scopes to ask for. `openid` is always among them." })
  scopes!: string[];

  @Field(() => String, {
    defaultValue: "email",
    description: "Claim with the email address. The provider's `email_verified` counts only for the claim `email`.",
  })
  emailClaim!: string;

  @Field(() => String, { defaultValue: "name", description: "Claim with the display name." })
  nameClaim!: string;

  @Field(() => String, { nullable: true, description: "Claim with the user's groups. If omitted, groups give no roles." })
  groupsClaim?: string | null;
}

@InputType({
  description: "Settings of a provider of the kind SAML. Give either `metadata`, or `entityId`, `ssoUrl` and `certificates`.",
})
export class SamlSettingsInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Metadata document of the provider, as XML (at most 200000 characters). Its entity ID, login URL and signing certificates are taken from it once; it is not fetched again.",
  })
  metadata?: string | null;

  @Field(() => String, { nullable: true, description: "Entity ID of the provider (at most 1024 characters)." })
  entityId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Where the provider logs users in, with the binding HTTP-Redirect. It must start with `https://`.",
  })
  ssoUrl?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "X.509 certificates, as PEM or base64, whose RSA keys (at least 2048 bits) sign the provider's responses (1 to 3). While the provider changes its key, give the old and the new one.",
  })
  certificates?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Attribute that identifies the user and never changes. If omitted, the NameID does. Transient NameIDs, which change with every login, need it.",
  })
  subjectAttribute?: string | null;

  @Field(() => String, { nullable: true, description: "Attribute with the email address. If omitted, the NameID must be the address." })
  emailAttribute?: string | null;

  @Field(() => String, { defaultValue: "name", description: "Attribute with the display name." })
  nameAttribute!: string;

  @Field(() => String, { nullable: true, description: "Attribute with the user's groups. If omitted, groups give no roles." })
  groupsAttribute?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether email addresses from the provider count as verified. Set it only if users cannot choose their address at the provider themselves.",
  })
  verifiesEmail!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: "Whether Weft signs its requests (RSA-SHA256)." })
  signsRequests!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether the provider can encrypt assertions: with AES-GCM and RSA-OAEP, or with AES-CBC if it signs the whole response. The metadata document then has a certificate for it.",
  })
  acceptsEncryptedAssertions!: boolean;
}

@InputType({
  description:
    "Settings of a provider of the kind LDAP: a directory in which Weft searches for users, and that checks their passwords (search, then bind).",
})
export class LdapSettingsInput {
  @Field(() => String, {
    description:
      "URL of the directory, with scheme, host and optionally port: `ldaps://ldap.acme.example` or `ldap://ldap.acme.example:389`.",
  })
  url!: string;

  @Field(() => Boolean, {
    defaultValue: true,
    description:
      "Whether the connection of an `ldap:` URL changes to TLS before anything else (StartTLS). Without it, passwords travel unencrypted, which is only allowed to servers that the operators allow.",
  })
  usesStartTls!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      "Certificates, as PEM, of the authorities from which the directory's certificate must be (at most 20000 characters). If omitted, those that browsers trust.",
  })
  ca?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Distinguished name of the account that searches. It needs to read the attributes below. If omitted, Weft searches anonymously.",
  })
  bindDn?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Password of the account that searches (at most 2000 characters). Stored encrypted, and never shown. In an update, omit it to keep the stored one.",
  })
  bindPassword?: string | null;

  @Field(() => String, { description: "Entry below which users are searched for. Example: `ou=people,dc=acme,dc=example`." })
  searchBase!: string;

  @Field(() => String, {
    defaultValue: "(&(objectClass=person)(uid={login}))",
    description:
      "Filter (RFC 4515) that finds a user by what they type, for which `{login}` stands. It must match exactly one entry. Users who no longer match it cannot log in.",
  })
  userFilter!: string;

  @Field(() => String, {
    defaultValue: "entryUUID",
    description: "Attribute that identifies the user, and is never changed or used again. `objectGUID` in Active Directory.",
  })
  subjectAttribute!: string;

  @Field(() => String, { defaultValue: "mail", description: "Attribute with the email address." })
  emailAttribute!: string;

  @Field(() => String, { defaultValue: "cn", description: "Attribute with the display name." })
  nameAttribute!: string;

  @Field(() => String, { defaultValue: "uid", description: "Attribute with the user name, for `{username}` in `groupFilter`." })
  usernameAttribute!: string;

  @Field(() => String, {
    nullable: true,
    description:
      "Attribute of the user with the groups, such as `memberOf`. If groups are neither named here nor searched for, they give no roles.",
  })
  groupsAttribute?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Entry below which groups are searched for, instead of `groupsAttribute`. Whoever can create or rename groups there can give the mapped roles.",
  })
  groupSearchBase?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Filter that finds the groups of a user. `{dn}` stands for the user's distinguished name, `{username}` for the user name. Example: `(&(objectClass=groupOfNames)(member={dn}))`.",
  })
  groupFilter?: string | null;

  @Field(() => String, { defaultValue: "cn", description: "Attribute with the name of a group that was searched for." })
  groupNameAttribute!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether email addresses from the directory count as verified. Set it only if users cannot change their address in the directory themselves.",
  })
  verifiesEmail!: boolean;
}

@InputType({ description: "A group of the provider and the role that its members get." })
export class GroupRoleMappingInput {
  @Field(() => String, { description: "Name of the group, exactly as in the claim (at most 300 characters)." })
  group!: string;

  @Field(() => ID, { description: "The role. You can only choose roles that you can assign." })
  roleId!: string;
}

@InputType({ description: "Input of `createIdentityProvider`." })
export class CreateIdentityProviderInput {
  @Field(() => String, { description: "Display name, unique in the tenant (1 to 200 characters). Users who log in see it." })
  name!: string;

  @Field(() => OidcSettingsInput, {
    nullable: true,
    description: "Settings of the kind OIDC. Give either these, `saml` or `ldap`.",
  })
  oidc?: OidcSettingsInput | null;

  @Field(() => SamlSettingsInput, { nullable: true, description: "Settings of the kind SAML." })
  saml?: SamlSettingsInput | null;

  @Field(() => LdapSettingsInput, { nullable: true, description: "Settings of the kind LDAP." })
  ldap?: LdapSettingsInput | null;

  @Field(() => Boolean, { defaultValue: false, description: "Whether to create users who log in for the first time." })
  createsUsers!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to create users also if their email address is not of one of your verified domains. Only for providers that know nobody but the users of your organization.",
  })
  createsUsersOfAllDomains!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Whether to create users also if the provider has not verified their email address.",
  })
  acceptsUnverifiedEmail!: boolean;

  @Field(() => [String], {
    description: "URLs of applications to which a login can return, compared exactly (at most 20). Empty for the kind LDAP.",
  })
  redirectUrls!: string[];

  @Field(() => [GroupRoleMappingInput], {
    defaultValue: [],
    description: "Roles that groups give (at most 200). At each login, these roles are added or removed; other roles stay.",
  })
  roleMappings!: GroupRoleMappingInput[];

  @Field(() => String, {
    nullable: true,
    description: "Idempotency key. Repeating the call with the same key and input returns the same provider.",
  })
  idempotencyKey?: string | null;
}

@InputType({ description: "Omitted fields keep their values." })
export class UpdateIdentityProviderInput {
  @Field(() => ID, { description: "The provider." })
  id!: string;

  @Field(() => String, { nullable: true, description: "Display name (1 to 200 characters)." })
  name?: string | null;

  @Field(() => OidcSettingsInput, {
    nullable: true,
    description: "All settings of the kind OIDC. The stored client secret is kept only if issuer and client stay the same.",
  })
  oidc?: OidcSettingsInput | null;

  @Field(() => SamlSettingsInput, {
    nullable: true,
    description: "All settings of the kind SAML. The keys of Weft stay the same. The kind of a provider cannot change.",
  })
  saml?: SamlSettingsInput | null;

  @Field(() => LdapSettingsInput, {
    nullable: true,
    description: "All settings of the kind LDAP. The stored password is kept only if server, encryption and account stay the same.",
  })
  ldap?: LdapSettingsInput | null;

  @Field(() => Boolean, { nullable: true, description: "Whether to create users who log in for the first time." })
  createsUsers?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description: "Whether to create users also if their email address is not of one of your verified domains.",
  })
  createsUsersOfAllDomains?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether to create users also if their email address is not verified." })
  acceptsUnverifiedEmail?: boolean | null;

  @Field(() => [String], { nullable: true, description: "All URLs of applications to which a login can return." })
  redirectUrls?: string[] | null;

  @Field(() => [GroupRoleMappingInput], { nullable: true, description: "All roles that groups give." })
  roleMappings?: GroupRoleMappingInput[] | null;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@InputType({ description: "Input of `deactivateIdentityProvider`." })
export class DeactivateIdentityProviderInput {
  @Field(() => ID, { description: "The provider." })
  id!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to end the sessions that the provider has opened, and to revoke the API keys that users have created for themselves in them, for example because it can no longer be trusted.",
  })
  endsSessions!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Payload of `deactivateIdentityProvider`." })
@Allow(inherit)
export class DeactivateIdentityProviderPayload {
  @Field(() => IdentityProvider, { description: "The provider." })
  identityProvider!: IdentityProvider;

  @Field(() => [ID], {
    description:
      "With `endsSessions`, IDs of API keys of service accounts that got their secret in one of the ended sessions (at most 1000). They still work: revoke those that you do not trust.",
  })
  serviceAccountApiKeyIds!: string[];
}

@ObjectType({ description: "Payload of `deleteIdentityProvider`." })
@Allow(inherit)
export class DeleteIdentityProviderPayload {
  @Field(() => ID, { description: "ID of the deleted provider (`idp_…`)." })
  identityProviderId!: string;

  @Field(() => [ID], {
    description:
      "IDs of API keys of service accounts that got their secret in one of the provider's sessions (at most 1000). They still work: revoke those that you do not trust.",
  })
  serviceAccountApiKeyIds!: string[];
}

@InputType({ description: "Input of `activateIdentityProviderKey`." })
export class ActivateIdentityProviderKeyInput {
  @Field(() => ID, { description: "The provider, of the kind SAML." })
  id!: string;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "Time until which the previous key decrypts assertions, at most 30 days from now (default 24 hours from now). If it has passed, or the provider does not accept encrypted assertions, the previous key is erased at once.",
  })
  previousKeyExpiresAt?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether to erase the key that an earlier call has replaced, even if it still has time left. Otherwise, the call fails with `CONFLICT` then.",
  })
  erasesPreviousKey!: boolean;

  @Field(() => Int, {
    nullable: true,
    description: "Version that you last read. The call fails with `CONFLICT` if the current version differs.",
  })
  expectedVersion?: number | null;
}

@ObjectType({ description: "Result of `testIdentityProvider`." })
@Allow(inherit)
export class TestIdentityProviderPayload {
  @Field(() => Boolean, {
    description:
      "Whether a login can work as far as the provider's discovery document, its certificates, or a search in the directory say.",
  })
  isReachable!: boolean;

  @Field(() => String, { nullable: true, description: "What is wrong. Null if nothing is." })
  problem!: string | null;

  @Field(() => String, { nullable: true, description: "Where the provider logs users in. Null if it is not known." })
  authorizationUrl!: string | null;

  @Field(() => [String], { description: "Scopes that the provider supports, as far as it says." })
  supportedScopes!: string[];

  @Field(() => Boolean, { description: "Whether the provider says that it logs users out at Weft too (back-channel logout)." })
  logsOut!: boolean;
}
