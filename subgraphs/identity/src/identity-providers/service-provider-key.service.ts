/** The keys with which Weft signs requests to a provider of the kind SAML and decrypts its assertions: reading and rotating them. */
import { BadUserInput, Conflict } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { asTenant, type Tx } from "@weft/platform/db";
import { metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import type { ActivateIdentityProviderKeyInput } from "./identity-provider.input.js";
import {
  changeIdentityProvider,
  lockProvidersWithExpiredKey,
  openIdentityProvider,
  providerSecretOf,
  sealedSecret,
} from "./identity-provider.service.js";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import type { IdentityProvider } from "./identity-provider.type.js";
import { samlConfigurationOf, type ServiceProviderCertificates, serviceProviderKeys } from "./saml-configuration.js";
import { privateKeyOf, withNewKey } from "./saml-key.js";

const DEFAULT_OVERLAP_MS = 24 * 3_600_000;
const MAX_OVERLAP_DAYS = 30;

/** Returns the key with which Weft signs requests to a provider now, as PEM. */
export async function signingKeyOf(ctx: Pick<Context, "services">, provider: IdentityProviderRow): Promise<string> {
  return privateKeyOf(await storedKeys(ctx, provider), samlConfigurationOf(provider).serviceProviderCertificate);
}

/** Returns the keys for which a provider can have encrypted an assertion, as PEM: the current one, the next one, and the previous one until it expires. */
export async function decryptionKeysOf(ctx: Pick<Context, "services">, provider: IdentityProviderRow): Promise<string[]> {
  const stored = await storedKeys(ctx, provider);
  return certificatesOf(provider).map((certificate) => privateKeyOf(stored, certificate));
}

async function storedKeys({ services }: Pick<Context, "services">, provider: IdentityProviderRow): Promise<string> {
  const { tenantId } = provider;
  return (await asTenant(services.databases.app, { tenantId }, "read", (tx) => providerSecretOf(services, tx, provider))) ?? "";
}

/** Returns the certificates of the keys that are still needed. */
function certificatesOf(provider: IdentityProviderRow, now = new Date()): string[] {
  const { serviceProviderCertificate, nextServiceProviderCertificate, previousServiceProviderCertificate, ...rest } =
    samlConfigurationOf(provider);
  const expiresAt = rest.previousServiceProviderKeyExpiresAt;
  return [
    serviceProviderCertificate,
    ...(nextServiceProviderCertificate === undefined ? [] : [nextServiceProviderCertificate]),
    ...(previousServiceProviderCertificate === undefined || expiresAt === undefined || Date.parse(expiresAt) <= now.getTime()
      ? []
      : [previousServiceProviderCertificate]),
  ];
}

interface Keys {
  readonly keys: readonly string[];
  readonly certificates: ServiceProviderCertificates;
}

/** Returns the keys that are still needed, with their certificates. */
function neededKeys(provider: IdentityProviderRow, stored: string): Keys {
  const { nextServiceProviderCertificate: next, previousServiceProviderCertificate: previous, ...rest } = samlConfigurationOf(provider);
  const { serviceProviderCertificate, previousServiceProviderKeyExpiresAt: expiresAt } = rest;
  const needed = certificatesOf(provider);
  return {
    keys: needed.map((each) => privateKeyOf(stored, each)),
    certificates: {
      serviceProviderCertificate,
      ...(next !== undefined && { nextServiceProviderCertificate: next }),
      ...(previous !== undefined &&
        expiresAt !== undefined &&
        needed.includes(previous) && { previousServiceProviderCertificate: previous, previousServiceProviderKeyExpiresAt: expiresAt }),
    },
  };
}

/**
 * Makes the key that takes the place of the current one once it is activated. The metadata document has both certificates from now on.
 * @throws NotFound, BadUserInput (a provider of another kind), Conflict (also if there is a next key already)
 */
export function rotateIdentityProviderKey(ctx: Context, input: VersionedIdInput): Promise<IdentityProvider> {
  return withNewKey((keyOf) =>
    changeKeys(ctx, input, (before, stored) => {
      if (samlConfigurationOf(before).nextServiceProviderCertificate !== undefined)
        throw new Conflict("There is a next key already. Give its certificate to the provider, and call activateIdentityProviderKey.");
      const { keys, certificates } = neededKeys(before, stored);
      const { privateKey, certificate } = keyOf();
      return { keys: [...keys, privateKey], certificates: { ...certificates, nextServiceProviderCertificate: certificate } };
    }),
  );
}

/**
 * Signs with the next key from now on. If the provider encrypts, the one before still decrypts assertions for a while, and is erased then.
 * @throws NotFound, BadUserInput (a provider of another kind, or a time too far ahead), Conflict (also if there is no next key, or a key that an earlier call
 * has replaced still has time left)
 */
export function activateIdentityProviderKey(ctx: Context, input: ActivateIdentityProviderKeyInput): Promise<IdentityProvider> {
  const expiresAt = expiryOf(input.previousKeyExpiresAt);
  return changeKeys(ctx, input, (before, stored) => {
    const { serviceProviderCertificate: current, nextServiceProviderCertificate: next, ...rest } = samlConfigurationOf(before);
    if (next === undefined) throw new Conflict("There is no next key. Call rotateIdentityProviderKey first.");
    const { previousServiceProviderCertificate: previous, acceptsEncryptedAssertions: decrypts } = rest;
    if (decrypts && !input.erasesPreviousKey && previous !== undefined && certificatesOf(before).includes(previous))
      throw new Conflict(
        `The key before the current one decrypts assertions until ${rest.previousServiceProviderKeyExpiresAt}. Wait until then, or erase it with erasesPreviousKey.`,
      );
    const isKept = decrypts && Date.parse(expiresAt) > Date.now();
    return {
      keys: [next, ...(isKept ? [current] : [])].map((certificate) => privateKeyOf(stored, certificate)),
      certificates: {
        serviceProviderCertificate: next,
        ...(isKept && { previousServiceProviderCertificate: current, previousServiceProviderKeyExpiresAt: expiresAt }),
      },
    };
  });
}

function changeKeys(
  ctx: Context,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  keysOf: (before: IdentityProviderRow, stored: string) => Keys,
): Promise<IdentityProvider> {
  const id = decodeId("identityProvider", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await openIdentityProvider(tx, id, input);
    if (before.kind !== "SAML")
      throw new BadUserInput([
        { path: "input.id", message: `${encodeId("identityProvider", id)} has no key: it is not of the kind SAML.` },
      ]);
    return storeKeys(ctx, tx, before, keysOf);
  });
}

async function storeKeys(
  { services, meta }: { readonly services: Pick<Services, "secrets">; readonly meta: WriteMeta },
  tx: Tx,
  before: IdentityProviderRow,
  keysOf: (before: IdentityProviderRow, stored: string) => Keys,
): Promise<IdentityProvider> {
  const { id, tenantId } = before;
  const { keys, certificates } = keysOf(before, (await providerSecretOf(services, tx, before)) ?? "");
  const others = Object.entries(before.configuration).filter(([name]) => !(serviceProviderKeys as readonly string[]).includes(name));
  const configuration = { ...Object.fromEntries(others), ...certificates };
  const secret = await sealedSecret({ services, viewer: { tenantId } }, tx, id, keys.join(""));
  return changeIdentityProvider({ meta }, tx, before, { configuration, secret });
}

/** Erases some keys of a tenant that were replaced and have expired, and returns their number. The audit log says when. */
export function eraseExpiredKeys(
  { databases, keyring, secrets }: Pick<Services, "databases" | "keyring" | "secrets">,
  { tenantId, limit }: { readonly tenantId: string; readonly limit: number },
): Promise<number> {
  const meta = metaOfWork("cleaner", tenantId, keyring);
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const providers = await lockProvidersWithExpiredKey(tx, limit);
    for (const provider of providers) await storeKeys({ services: { secrets }, meta }, tx, provider, neededKeys);
    return providers.length;
  });
}

function expiryOf(given: string | null | undefined): string {
  if (typeof given !== "string") return new Date(Date.now() + DEFAULT_OVERLAP_MS).toISOString();
  if (Date.parse(given) <= Date.now() + MAX_OVERLAP_DAYS * 86_400_000) return given;
  const message = `The previous key can decrypt assertions for at most ${MAX_OVERLAP_DAYS} days.`;
  throw new BadUserInput([{ path: "input.previousKeyExpiresAt", message }]);
}
