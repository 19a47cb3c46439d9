import { column, columns, createInputOf, shapeOf, ShowColumns } from "@weft/api/columns";
import { Allow, inherit } from "@weft/api/rules";
import { ObjectType } from "type-graphql";

const oidcColumns = columns({
  issuer: column.text("Issuer, under which the provider publishes its discovery document.", {
    created: "Issuer, under which the provider publishes `/.well-known/openid-configuration`. Example: `https://login.acme.example`.",
  }),
  clientId: column.text("ID of the client that stands for Weft.", {
    created: "ID of the client that the provider has registered for Weft (at most 500 characters).",
  }),
  clientSecret: column.text(
    "Secret of the client (at most 2000 characters). Stored encrypted, and never shown. Omit it for clients without a secret; in an update, to keep the stored one.",
    { shown: false, optional: true },
  ),
  ...column.shownOnly({ hasClientSecret: column.flag("Whether a client secret is stored. It is never shown.") }),
  scopes: column.texts("Scopes that Weft asks for.", {
    created: "Scopes to ask for. `openid` is always among them.",
    initial: ["openid", "email", "profile"],
  }),
  emailClaim: column.text("Claim with the email address.", {
    created: "Claim with the email address. The provider's `email_verified` counts only for the claim `email`.",
    initial: "email",
  }),
  nameClaim: column.text("Claim with the display name.", { initial: "name" }),
  groupsClaim: column.text("Claim with the groups. Null if groups give no roles.", {
    nullable: true,
    created: "Claim with the user's groups. If omitted, groups give no roles.",
  }),
});

@ShowColumns(oidcColumns)
@ObjectType({ description: "Settings of a provider of the kind OIDC." })
@Allow(inherit)
export class OidcSettings extends shapeOf(oidcColumns) {}

export const OidcSettingsInput = createInputOf("OidcSettingsInput", oidcColumns, "Settings of a provider of the kind OIDC.");
export type OidcSettingsInput = InstanceType<typeof OidcSettingsInput>;

const certificateColumns = columns({
  fingerprint: column.text("SHA-256 fingerprint, as hexadecimal bytes with colons."),
  subject: column.text("Subject of the certificate."),
  expiresAt: column.time("Expiry. Afterwards the certificate still verifies responses, until you remove it."),
});

@ShowColumns(certificateColumns)
@ObjectType({ description: "A certificate whose key signs a provider's responses." })
@Allow(inherit)
export class SamlCertificate extends shapeOf(certificateColumns) {}

const serviceProviderColumns = columns({
  entityId: column.text("Entity ID, also called audience or identifier. Each provider has its own."),
  acsUrl: column.text("Assertion consumer service (ACS), also called reply URL, with the binding HTTP-POST."),
  metadataUrl: column.text("Address of the metadata document, which says all this in XML. It needs no login."),
  certificate: column.text("Certificate of the key that signs requests, and for which the provider can encrypt assertions, as PEM."),
  nextCertificate: column.text(
    "Certificate of the key that `rotateIdentityProviderKey` has made, as PEM. Add it at the provider before you call `activateIdentityProviderKey`. Null if there is none.",
    { nullable: true },
  ),
  previousKeyExpiresAt: column.time(
    "Time until which the previous key decrypts assertions. It is erased within about an hour after that. Null if there is none.",
    { nullable: true },
  ),
});

@ShowColumns(serviceProviderColumns)
@ObjectType({ description: "What to enter at a provider of the kind SAML: Weft as its service provider." })
@Allow(inherit)
export class SamlServiceProvider extends shapeOf(serviceProviderColumns) {}

const samlColumns = columns({
  metadata: column.text(
    "Metadata document of the provider, as XML (at most 200000 characters). Its entity ID, login URL and signing certificates are taken from it once; it is not fetched again.",
    { shown: false, optional: true },
  ),
  entityId: column.text("Entity ID of the provider.", {
    created: "Entity ID of the provider (at most 1024 characters).",
    optional: true,
  }),
  ssoUrl: column.text("Where the provider logs users in, with the binding HTTP-Redirect.", {
    created: "Where the provider logs users in, with the binding HTTP-Redirect. It must start with `https://`.",
    optional: true,
  }),
  certificates: column.pair(
    () => [SamlCertificate],
    () => [String],
    "Certificates whose keys sign the provider's responses. Each of them is accepted.",
    {
      created:
        "X.509 certificates, as PEM or base64, whose RSA keys (at least 2048 bits) sign the provider's responses (1 to 3). While the provider changes its key, give the old and the new one.",
      optional: true,
    },
  ),
  subjectAttribute: column.text("Attribute that identifies the user. Null if the NameID does.", {
    nullable: true,
    created:
      "Attribute that identifies the user and never changes. If omitted, the NameID does. Transient NameIDs, which change with every login, need it.",
  }),
  emailAttribute: column.text("Attribute with the email address. Null if the NameID is the address.", {
    nullable: true,
    created: "Attribute with the email address. If omitted, the NameID must be the address.",
  }),
  nameAttribute: column.text("Attribute with the display name.", { initial: "name" }),
  groupsAttribute: column.text("Attribute with the groups. Null if groups give no roles.", {
    nullable: true,
    created: "Attribute with the user's groups. If omitted, groups give no roles.",
  }),
  verifiesEmail: column.flag("Whether email addresses from the provider count as verified.", {
    created:
      "Whether email addresses from the provider count as verified. Set it only if users cannot choose their address at the provider themselves.",
    initial: false,
  }),
  signsRequests: column.flag("Whether Weft signs its requests.", {
    created: "Whether Weft signs its requests (RSA-SHA256).",
    initial: false,
  }),
  acceptsEncryptedAssertions: column.flag("Whether the provider can encrypt assertions.", {
    created:
      "Whether the provider can encrypt assertions: with AES-GCM and RSA-OAEP, or with AES-CBC if it signs the whole response. The metadata document then has a certificate for it.",
    initial: false,
  }),
});

@ShowColumns(samlColumns)
@ObjectType({ description: "Settings of a provider of the kind SAML." })
@Allow(inherit)
export class SamlSettings extends shapeOf(samlColumns) {
  // Not part of the schema.
  serviceProviderCertificate!: string;
  nextServiceProviderCertificate?: string;
  previousServiceProviderKeyExpiresAt?: string;
  providerId!: string;
  tenantUuid!: string;
}

export const SamlSettingsInput = createInputOf(
  "SamlSettingsInput",
  samlColumns,
  "Settings of a provider of the kind SAML. Give either `metadata`, or `entityId`, `ssoUrl` and `certificates`.",
);
export type SamlSettingsInput = InstanceType<typeof SamlSettingsInput>;

const ldapColumns = columns({
  url: column.text("URL of the directory, with its port.", {
    created: "URL of the directory, with scheme, host and optionally port: `ldaps://ldap.acme.example` or `ldap://ldap.acme.example:389`.",
  }),
  usesStartTls: column.flag("Whether the connection of an `ldap:` URL changes to TLS before anything else.", {
    created:
      "Whether the connection of an `ldap:` URL changes to TLS before anything else (StartTLS). Without it, passwords travel unencrypted, which is only allowed to servers that the operators allow.",
    initial: true,
  }),
  ca: column.text(
    "Certificates of the authorities from which the directory's certificate must be, as PEM. Null: those that browsers trust.",
    {
      nullable: true,
      created:
        "Certificates, as PEM, of the authorities from which the directory's certificate must be (at most 20000 characters). If omitted, those that browsers trust.",
    },
  ),
  bindDn: column.text("Distinguished name of the account that searches. Null if the search is anonymous.", {
    nullable: true,
    created:
      "Distinguished name of the account that searches. It needs to read the attributes below. If omitted, Weft searches anonymously.",
  }),
  bindPassword: column.text(
    "Password of the account that searches (at most 2000 characters). Stored encrypted, and never shown. In an update, omit it to keep the stored one.",
    { shown: false, optional: true },
  ),
  ...column.shownOnly({ hasBindPassword: column.flag("Whether a password of this account is stored. It is never shown.") }),
  searchBase: column.text("Entry below which users are searched for.", {
    created: "Entry below which users are searched for. Example: `ou=people,dc=acme,dc=example`.",
  }),
  userFilter: column.text("Filter that finds a user by what they type (`{login}`).", {
    created:
      "Filter (RFC 4515) that finds a user by what they type, for which `{login}` stands. It must match exactly one entry. Users who no longer match it cannot log in.",
    initial: "(&(objectClass=person)(uid={login}))",
  }),
  subjectAttribute: column.text("Attribute that identifies the user.", {
    created: "Attribute that identifies the user, and is never changed or used again. `objectGUID` in Active Directory.",
    initial: "entryUUID",
  }),
  emailAttribute: column.text("Attribute with the email address.", { initial: "mail" }),
  nameAttribute: column.text("Attribute with the display name.", { initial: "cn" }),
  usernameAttribute: column.text("Attribute with the user name.", {
    created: "Attribute with the user name, for `{username}` in `groupFilter`.",
    initial: "uid",
  }),
  groupsAttribute: column.text("Attribute of the user with the groups. Null if it does not name them.", {
    nullable: true,
    created:
      "Attribute of the user with the groups, such as `memberOf`. If groups are neither named here nor searched for, they give no roles.",
  }),
  groupSearchBase: column.text("Entry below which groups are searched for. Null if they are not searched for.", {
    nullable: true,
    created:
      "Entry below which groups are searched for, instead of `groupsAttribute`. Whoever can create or rename groups there can give the mapped roles.",
  }),
  groupFilter: column.text("Filter that finds the groups of a user. Null if they are not searched for.", {
    nullable: true,
    created:
      "Filter that finds the groups of a user. `{dn}` stands for the user's distinguished name, `{username}` for the user name. Example: `(&(objectClass=groupOfNames)(member={dn}))`.",
  }),
  groupNameAttribute: column.text("Attribute with the name of a group that was searched for.", { initial: "cn" }),
  verifiesEmail: column.flag("Whether email addresses from the directory count as verified.", {
    created:
      "Whether email addresses from the directory count as verified. Set it only if users cannot change their address in the directory themselves.",
    initial: false,
  }),
});

@ShowColumns(ldapColumns)
@ObjectType({ description: "Settings of a provider of the kind LDAP. See `LdapSettingsInput`." })
@Allow(inherit)
export class LdapSettings extends shapeOf(ldapColumns) {}

export const LdapSettingsInput = createInputOf(
  "LdapSettingsInput",
  ldapColumns,
  "Settings of a provider of the kind LDAP: a directory in which Weft searches for users, and that checks their passwords (search, then bind).",
);
export type LdapSettingsInput = InstanceType<typeof LdapSettingsInput>;

const mappingColumns = columns({
  group: column.text("Name of the group, as in the claim.", {
    created: "Name of the group, exactly as in the claim (at most 300 characters).",
  }),
  roleId: column.id("ID of the role (`rol_…`).", { created: "The role. You can only choose roles that you can assign." }),
});

@ShowColumns(mappingColumns)
@ObjectType({ description: "A group of the provider and the role that its members get." })
@Allow(inherit)
export class GroupRoleMapping extends shapeOf(mappingColumns) {}

export const GroupRoleMappingInput = createInputOf(
  "GroupRoleMappingInput",
  mappingColumns,
  "A group of the provider and the role that its members get.",
);
export type GroupRoleMappingInput = InstanceType<typeof GroupRoleMappingInput>;
