import { identity } from "@weft/drizzle";
import { BadUserInput, Conflict, LimitExceeded, NotFound, type Problem, quote } from "@weft/shared/errors";
import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import { canSendMail, wakeMailSender } from "@weft/platform/mail";
import { lockRights } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import type { IdInput, VersionedIdInput } from "@weft/api/inputs";
import { type Page, tablePage } from "@weft/api/pages";
import { endApiKeysOfProvider } from "../api-keys/end-api-keys.js";
import { assertRolesFit } from "../rights/fitting-roles.js";
import { assertCurrentRights, assertMayGiveRoles, assertNotBelowAnyone, hasAdministratorWithLogin } from "../rights/rights.service.js";
import { announceRevocations } from "../revocations.js";
import { findUnknownRoles } from "../roles/named-roles.service.js";
import { endPasskeysOfProvider, lockUsersOfProvider } from "../second-factors/end-passkeys.js";
import { endSessions } from "../sessions/logout.service.js";
import { deletePendingLoginsOfProvider } from "../sessions/pending/pending-login.service.js";
import { hasBreakGlassUser, noBreakGlassUser } from "../users/break-glass/exemption.service.js";
import { IdentityProviderFilter, IdentityProviderOrder } from "./identity-provider.list.js";
import type {
  DeactivateIdentityProviderInput,
  DeactivateIdentityProviderPayload,
  DeleteIdentityProviderPayload,
  IdentityProvidersArgs,
} from "./identity-provider.input.js";
import {
  findIdentityProvider,
  hasActiveProvider,
  type IdentityProviderChanges,
  type IdentityProviderRow,
  insertIdentityProvider,
  lockIdentityProviderCount,
  removeIdentityProvider,
  updateIdentityProviderRow,
} from "./identity-provider.store.js";
import {
  type CreateIdentityProviderInput,
  type IdentityProvider,
  identityProviderColumns,
  toIdentityProvider,
  type UpdateIdentityProviderInput,
} from "./identity-provider.type.js";
import type { GroupRoleMappingInput } from "./identity-provider-settings.type.js";
import { directoryOf, findProblem } from "../directories/directory.js";
import { ldapConfigurationOf } from "./ldap-configuration.js";
import { oidcConfigurationOf } from "./oidc-configuration.js";
import { checkDiscovery, type DiscoveryReport } from "./oidc-discovery.js";
import {
  accountProblems,
  groupsProblems,
  isSameProvider,
  kindProblems,
  newSettings,
  readSettings,
  type Settings,
  storedSettings,
} from "./provider-settings.js";
import { redirectUrlProblems } from "./redirect-urls.js";
import { samlConfigurationOf, samlProblem } from "./saml-configuration.js";
import { type ServiceProviderKey, withNewKey } from "./saml-key.js";

export { findIdentityProvider, lockProvidersWithExpiredKey, shareIdentityProvider } from "./identity-provider.store.js";
export type { IdentityProviderRow } from "./identity-provider.store.js";

const MAX_PROVIDERS = 20;
const MAX_MAPPINGS = 200;
const MAX_GROUP_LENGTH = 300;

/** Place of the encrypted secret. */
const secretField = (id: string): string => `identity.identity_providers.secret/${id}`;

/** Returns a page of the tenant's identity providers, by name by default. @throws BadUserInput */
export function listIdentityProviders(ctx: Context, args: IdentityProvidersArgs): Promise<Page<IdentityProvider>> {
  return tablePage(ctx, {
    list: "identityProviders",
    args,
    table: identity.identityProviders,
    where: IdentityProviderFilter.toSql(args.filter),
    orderBy: IdentityProviderOrder.resolve(args.orderBy, ["NAME", "ASC"]),
    toNode: toIdentityProvider,
  });
}

/** @throws NotFound */
export async function readIdentityProvider(ctx: Context, id: string): Promise<IdentityProvider> {
  return toIdentityProvider(await ctx.read((tx) => getIdentityProvider(tx, id)));
}

/** Creates an inactive provider. @throws BadUserInput, Forbidden (roles that the viewer cannot assign, or users with more rights), LimitExceeded, Conflict (idempotency key) */
export async function createIdentityProvider(ctx: Context, input: CreateIdentityProviderInput): Promise<IdentityProvider> {
  const columns = identityProviderColumns.plain(input);
  const settings = await readSettings(ctx.services, input);
  if (settings === null)
    throw new BadUserInput([{ path: "input.oidc", message: "Give the settings of the provider: oidc, saml or ldap." }]);
  assertNone([
    ...identityProviderColumns.textProblems(columns),
    ...settings.problems,
    ...accountProblems(settings, null),
    ...redirectUrlProblems(settings, input.redirectUrls),
    ...mappingProblems(input.roleMappings),
    ...groupsProblems(settings, input.roleMappings),
    ...sharedIssuerProblems({ createsUsersOfAllDomains: input.createsUsersOfAllDomains, configuration: settings.configuration }),
  ]);
  const { tenantId, userId } = ctx.viewer;
  const create = (tx: Tx, keyOf: () => ServiceProviderKey) =>
    createOnce(tx, ctx.meta, { mutation: "createIdentityProvider", input }, async () => {
      await assertMayConfigureLogins(ctx, tx);
      const used = await lockIdentityProviderCount(tx);
      if (used >= MAX_PROVIDERS) throw new LimitExceeded({ limit: "identityProviders", used, allowed: MAX_PROVIDERS });
      const roleMappings = await readMappings(ctx, tx, input.roleMappings);
      // Last, so that a call that is refused costs no new key.
      const { kind, configuration, secret } = newSettings(settings, keyOf);
      const uuid = newId();
      const row = await insertIdentityProvider(tx, {
        tenantId,
        id: uuid,
        kind,
        ...columns,
        status: "INACTIVE",
        configuration: { ...configuration },
        secret: await sealedSecret(ctx, tx, uuid, secret),
        roleMappings,
        createdBy: userId,
      });
      await recordChange(tx, ctx.meta, { event: { type: "identityProvider.created", payload: {} }, before: null, after: row });
      return row;
    });
  return withNewKey((keyOf) => ctx.inTenant(async (tx) => toIdentityProvider(await getIdentityProvider(tx, await create(tx, keyOf)))));
}

/** @throws NotFound, Conflict, BadUserInput, Forbidden */
export async function updateIdentityProvider(ctx: Context, input: UpdateIdentityProviderInput): Promise<IdentityProvider> {
  const id = decodeId("identityProvider", input.id, "input.id");
  const { roleMappings } = input;
  const plain = identityProviderColumns.plain(identityProviderColumns.changes(input));
  const settings = await readSettings(ctx.services, input);
  assertNone([...identityProviderColumns.textProblems(plain), ...(settings?.problems ?? []), ...mappingProblems(roleMappings ?? [])]);
  const { provider, ended } = await ctx.inTenant(async (tx) => {
    await assertMayConfigureLogins(ctx, tx);
    const before = await openIdentityProvider(tx, id, input);
    if (settings !== null) assertNone(kindProblems(settings, before));
    const current = settings ?? storedSettings(before);
    if (plain.redirectUrls) assertNone(redirectUrlProblems(current, plain.redirectUrls));
    assertNone(accountProblems(current, before.kind === "LDAP" ? ldapConfigurationOf(before) : null));
    assertNone(groupsProblems(current, roleMappings ?? before.roleMappings));
    assertNone(sharedIssuerProblems({ ...before, ...plain, configuration: current.configuration }));
    const provider = await changeIdentityProvider(ctx, tx, before, {
      ...plain,
      ...(settings && (await settingsChanges(ctx, tx, before, settings))),
      ...(roleMappings && { roleMappings: await readMappings(ctx, tx, roleMappings) }),
    });
    // From now on, nothing that the former provider says is accepted: it could not log its users out any more.
    const isOther = settings !== null && !isSameProvider(storedSettings(before), settings);
    return { provider, ended: isOther ? await endLoginsBy(ctx, tx, id) : [] };
  });
  await announceEnded(ctx, ended);
  return provider;
}

/** A stored secret is never sent to another provider, or for another client, than the one that it was given for. */
async function settingsChanges(ctx: Context, tx: Tx, before: IdentityProviderRow, settings: Settings): Promise<IdentityProviderChanges> {
  if (settings.kind === "SAML") return { configuration: { ...samlConfigurationOf(before), ...settings.configuration } };
  if (settings.kind === "LDAP") {
    const { configuration, bindPassword } = settings;
    // Whether a stored one can be kept was checked before.
    const secret =
      bindPassword === null && configuration.bindDn !== null ? before.secret : await sealedSecret(ctx, tx, before.id, bindPassword);
    return { configuration: { ...configuration }, secret };
  }
  const { configuration, clientSecret } = settings;
  const isKept = clientSecret === null && isSameProvider(storedSettings(before), settings);
  const secret = isKept ? before.secret : await sealedSecret(ctx, tx, before.id, clientSecret);
  return { configuration: { ...configuration }, secret };
}

/** Lets users log in with the provider. @throws NotFound, Conflict, Forbidden */
export async function activateIdentityProvider(ctx: Context, input: VersionedIdInput): Promise<IdentityProvider> {
  const id = decodeId("identityProvider", input.id, "input.id");
  const isRequired = await isSingleSignOnRequired(ctx);
  return ctx.inTenant(async (tx) => {
    await assertMayConfigureLogins(ctx, tx);
    const before = await openIdentityProvider(tx, id, input);
    // From now on, passwords are refused.
    if (isRequired && before.status !== "ACTIVE" && !(await hasBreakGlassUser(tx))) throw new Conflict(noBreakGlassUser);
    return before.status === "ACTIVE" ? toIdentityProvider(before) : changeIdentityProvider(ctx, tx, before, { status: "ACTIVE" });
  });
}

/** Lets nobody log in with the provider any more. If asked to, also ends what it has opened. @throws NotFound, Conflict, Forbidden */
export async function deactivateIdentityProvider(
  ctx: Context,
  input: DeactivateIdentityProviderInput,
): Promise<DeactivateIdentityProviderPayload> {
  const id = decodeId("identityProvider", input.id, "input.id");
  const isRequired = await isSingleSignOnRequired(ctx);
  const { provider, ended, serviceAccountKeyIds } = await ctx.inTenant(async (tx) => {
    // The lock that whoever makes an API key takes, too: keys that are being made meanwhile are either found here, or refused because the session has ended.
    await (isRequired ? assertMayConfigureLogins(ctx, tx) : lockRights(tx, ctx.viewer.tenantId));
    const before = await openIdentityProvider(tx, id, input);
    const after =
      before.status === "INACTIVE" ? toIdentityProvider(before) : await changeIdentityProvider(ctx, tx, before, { status: "INACTIVE" });
    if (before.status === "ACTIVE") await assertAdministratorCanLogIn(ctx, tx);
    return { provider: after, ...(input.endsSessions ? await endOpenedBy(ctx, tx, id) : nothingEnded) };
  });
  await announceEnded(ctx, ended);
  return { identityProvider: provider, serviceAccountApiKeyIds: shownKeys(serviceAccountKeyIds) };
}

/** Deletes a provider and the links of its users, and ends what it has opened. @throws NotFound, Conflict, Forbidden */
export async function deleteIdentityProvider(ctx: Context, input: VersionedIdInput): Promise<DeleteIdentityProviderPayload> {
  const id = decodeId("identityProvider", input.id, "input.id");
  const isRequired = await isSingleSignOnRequired(ctx);
  const { ended, serviceAccountKeyIds } = await ctx.inTenant(async (tx) => {
    await (isRequired ? assertMayConfigureLogins(ctx, tx) : lockRights(tx, ctx.viewer.tenantId));
    const before = await openIdentityProvider(tx, id, input);
    if (!(await removeIdentityProvider(tx, id, before.version))) throw changedMeanwhile("identityProvider", before.version);
    await recordChange(tx, ctx.meta, { event: { type: "identityProvider.deleted", payload: {} }, before, after: null });
    if (before.status === "ACTIVE") await assertAdministratorCanLogIn(ctx, tx);
    return endOpenedBy(ctx, tx, id);
  });
  await announceEnded(ctx, ended);
  return { identityProviderId: encodeId("identityProvider", id), serviceAccountApiKeyIds: shownKeys(serviceAccountKeyIds) };
}

interface Ended {
  /** Sessions and API keys. */
  readonly ended: readonly string[];
  /** Keys of service accounts. They stay, because what uses them would stop. */
  readonly serviceAccountKeyIds: readonly string[];
}

const nothingEnded: Ended = { ended: [], serviceAccountKeyIds: [] };

/** Ends the sessions that a provider has opened, and the keys that users have made for themselves in them: perhaps it was somebody else. */
async function endOpenedBy(ctx: Context, tx: Tx, providerId: string): Promise<Ended> {
  const sessionIds = await endLoginsBy(ctx, tx, providerId);
  const keys = await endApiKeysOfProvider(tx, ctx.meta, providerId);
  return { ended: [...keys.endedIds, ...sessionIds], serviceAccountKeyIds: keys.serviceAccountKeyIds };
}

/**
 * Ends the sessions that a provider has opened, the passkeys that were registered in them, the sessions that those have opened, and logins that only lack a
 * second factor. Returns the sessions.
 * Call it after the change of the provider, which logins with it wait for.
 */
async function endLoginsBy(ctx: Context, tx: Tx, providerId: string): Promise<readonly string[]> {
  // Whoever registers a passkey, or logs in with one, locks the user first.
  await lockUsersOfProvider(tx, providerId);
  await endPasskeysOfProvider(ctx, tx, ctx.meta, { providerId });
  await deletePendingLoginsOfProvider(tx, providerId);
  return endSessions(ctx, tx, { providerId }, "PROVIDER_REMOVED");
}

const shownKeys = (ids: readonly string[]): string[] => ids.map((id) => encodeId("apiKey", id));

/**
 * Call it after a provider was deactivated or deleted. Without an active provider, administrators need a password, or a confirmed address to which the link
 * to choose one is sent. @throws Conflict
 */
async function assertAdministratorCanLogIn({ services }: Context, tx: Tx): Promise<void> {
  if ((await hasActiveProvider(tx)) || (await hasAdministratorWithLogin(tx, { canSendMail: canSendMail(services.config) }))) return;
  throw new Conflict("No administrator could log in any more: none has a password. Give one a password first with startPasswordReset.");
}

/** Whether passwords are accepted again once no provider is active. Whoever causes this must be able to configure logins. */
const isSingleSignOnRequired = async ({ services, viewer }: Context): Promise<boolean> =>
  (await effectiveConfigOf(services, viewer.tenantId)).security.singleSignOn === "REQUIRED";

async function announceEnded({ services, viewer: { tenantId } }: Context, ended: readonly string[]): Promise<void> {
  await announceRevocations(
    services,
    ended.map((sessionId) => ({ tenantId, sessionId })),
  );
  wakeMailSender(services);
}

/** Checks a provider, without a login. No transaction is open meanwhile. @throws NotFound */
export async function testIdentityProvider(ctx: Context, input: IdInput): Promise<DiscoveryReport> {
  const id = decodeId("identityProvider", input.id, "input.id");
  const { row, secret } = await ctx.inTenant(async (tx) => {
    const row = await getIdentityProvider(tx, id);
    return { row, secret: row.kind === "LDAP" ? await providerSecretOf(ctx.services, tx, row) : null };
  });
  if (row.kind === "OIDC") return checkDiscovery(ctx.services, oidcConfigurationOf(row));
  if (row.kind === "LDAP") {
    const problem = await findProblem(ctx.services, directoryOf(row, secret));
    return { isReachable: problem === null, problem, authorizationUrl: null, supportedScopes: [], logsOut: false };
  }
  const configuration = samlConfigurationOf(row);
  return {
    isReachable: true,
    problem: samlProblem(configuration),
    authorizationUrl: configuration.ssoUrl,
    supportedScopes: [],
    logsOut: false,
  };
}

/**
 * Returns the decrypted secret of a provider: of OIDC, the client secret, if there is one; of SAML, its keys, for `privateKeyOf`; of LDAP, the password of the
 * account that searches, if there is one.
 */
export async function providerSecretOf({ secrets }: Pick<Services, "secrets">, tx: Tx, row: IdentityProviderRow): Promise<string | null> {
  if (row.secret === null) return null;
  const [secret = ""] = await secrets.open(tx, row.tenantId, [{ field: secretField(row.id), value: row.secret }]);
  return secret;
}

async function getIdentityProvider(tx: Tx, id: string): Promise<IdentityProviderRow> {
  const row = await findIdentityProvider(tx, id);
  if (row === null) throw new NotFound("IdentityProvider", encodeId("identityProvider", id));
  return row;
}

/** Returns a provider. @throws NotFound, Conflict (its version is not the expected one) */
export async function openIdentityProvider(
  tx: Tx,
  id: string,
  { expectedVersion }: { readonly expectedVersion?: number | null },
): Promise<IdentityProviderRow> {
  const row = await getIdentityProvider(tx, id);
  if (typeof expectedVersion === "number" && expectedVersion !== row.version) throw changedMeanwhile("identityProvider", row.version);
  return row;
}

/** Writes changes of a provider, with their audit entry and event. @throws Conflict */
export async function changeIdentityProvider(
  ctx: Pick<Context, "meta">,
  tx: Tx,
  before: IdentityProviderRow,
  changes: IdentityProviderChanges,
): Promise<IdentityProvider> {
  const after = await updateIdentityProviderRow(tx, before.id, before.version, changes);
  if (after === null) throw changedMeanwhile("identityProvider", before.version);
  const changed = (Object.keys(changes) as (keyof IdentityProviderChanges)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  await recordChange(tx, ctx.meta, { event: { type: "identityProvider.updated", payload: { changed } }, before, after });
  return toIdentityProvider(after);
}

/** Whoever controls a provider can log in as each of its users. So nobody gives themselves more rights in this way. @throws Forbidden */
export async function assertMayConfigureLogins(ctx: Context, tx: Tx): Promise<void> {
  // Rights that are granted at the same time are either seen here, or their grant sees the change.
  await lockRights(tx, ctx.viewer.tenantId);
  await assertCurrentRights(tx, ctx.viewer);
  await assertNotBelowAnyone(tx, ctx.viewer);
}

/** Encrypts the secret of a provider. */
export async function sealedSecret(
  { services, viewer }: { readonly services: Pick<Services, "secrets">; readonly viewer: { readonly tenantId: string } },
  tx: Tx,
  id: string,
  secret: string | null,
): Promise<string | null> {
  if (secret === null) return null;
  const [text = ""] = await services.secrets.seal(tx, viewer.tenantId, [{ field: secretField(id), value: secret }]);
  return text;
}

function mappingProblems(mappings: readonly GroupRoleMappingInput[]): Problem[] {
  if (mappings.length > MAX_MAPPINGS) return [{ path: "input.roleMappings", message: `At most ${MAX_MAPPINGS} are allowed.` }];
  return mappings.flatMap(({ group }, at) => textProblems(`input.roleMappings.${at}.group`, group, { max: MAX_GROUP_LENGTH }));
}

/** Everybody can have an account there, and its ID tokens have the same issuer as those of the organization. */
const sharedIssuers = ["https://accounts.google.com"];

function sharedIssuerProblems({
  createsUsersOfAllDomains,
  configuration,
}: {
  readonly createsUsersOfAllDomains: boolean;
  readonly configuration: { readonly issuer: string };
}): Problem[] {
  if (!createsUsersOfAllDomains || !sharedIssuers.includes(configuration.issuer)) return [];
  const message = "Everybody can have an account at this issuer. Verify the domains of your organization instead.";
  return [{ path: "input.createsUsersOfAllDomains", message }];
}

/** Returns the mappings in stored form. @throws BadUserInput (unknown roles, roles for users of vendors), Forbidden (roles that the viewer cannot assign) */
async function readMappings(
  { viewer }: Context,
  tx: Tx,
  mappings: readonly GroupRoleMappingInput[],
): Promise<IdentityProviderRow["roleMappings"]> {
  const read = mappings.map(({ group, roleId }, at) => ({ group, roleId: decodeId("role", roleId, `input.roleMappings.${at}.roleId`) }));
  const roleIds = [...new Set(read.map(({ roleId }) => roleId))];
  const unknown = await findUnknownRoles(tx, roleIds);
  assertNone(
    read.flatMap(({ roleId }, at) =>
      unknown.has(roleId)
        ? [{ path: `input.roleMappings.${at}.roleId`, message: `No role with the ID ${quote(encodeId("role", roleId))} exists.` }]
        : [],
    ),
  );
  // Users of identity providers are employees.
  const pathOf = ({ id }: { readonly id: string }) => `input.roleMappings.${read.findIndex(({ roleId }) => roleId === id)}.roleId`;
  await assertRolesFit(tx, { type: "EMPLOYEE", roleIds, pathOf });
  await assertMayGiveRoles(tx, viewer, roleIds);
  return read;
}

function assertNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BadUserInput([...problems]);
}
