/** The keys with which Weft signs requests to a provider of the kind SAML and decrypts its assertions: reading and rotating them. */
import { asTenant, BadUserInput, Conflict, type Context, decodeId, encodeId } from "@weft/shared";
import type { ActivateIdentityProviderKeyInput, RotateIdentityProviderKeyInput } from "./identity-provider.input.js";
import { changeIdentityProvider, openIdentityProvider, providerSecretOf, sealedSecret } from "./identity-provider.service.js";
import type { IdentityProviderRow } from "./identity-provider.store.js";
import type { IdentityProvider } from "./identity-provider.type.js";
import { samlConfigurationOf, type ServiceProviderCertificates, serviceProviderKeys } from "./saml-configuration.js";
import { newServiceProviderKey, privateKeyOf } from "./saml-key.js";

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

/**
 * Makes the key that takes the place of the current one once it is activated. The metadata document has both certificates from now on.
 * @throws NotFound, BadUserInput (a provider of another kind), Conflict (also if there is a next key already)
 */
export function rotateIdentityProviderKey(ctx: Context, input: RotateIdentityProviderKeyInput): Promise<IdentityProvider> {
  return changeKeys(ctx, input, async (before, stored) => {
    const { nextServiceProviderCertificate, ...now } = samlConfigurationOf(before);
    if (nextServiceProviderCertificate !== undefined)
      throw new Conflict("There is a next key already. Give its certificate to the provider, and call activateIdentityProviderKey.");
    const { privateKey, certificate } = await newServiceProviderKey();
    const kept = certificatesOf(before);
    const { previousServiceProviderCertificate: previous, previousServiceProviderKeyExpiresAt: expiresAt } = now;
    return {
      keys: [...kept.map((each) => privateKeyOf(stored, each)), privateKey],
      certificates: {
        serviceProviderCertificate: now.serviceProviderCertificate,
        nextServiceProviderCertificate: certificate,
        ...(previous !== undefined &&
          expiresAt !== undefined &&
          kept.includes(previous) && { previousServiceProviderCertificate: previous, previousServiceProviderKeyExpiresAt: expiresAt }),
      },
    };
  });
}

/**
 * Signs with the next key from now on. The one before still decrypts assertions for a while, and is erased by the next rotation.
 * @throws NotFound, BadUserInput (a provider of another kind, or a time too far ahead), Conflict (also if there is no next key)
 */
export function activateIdentityProviderKey(ctx: Context, input: ActivateIdentityProviderKeyInput): Promise<IdentityProvider> {
  const expiresAt = expiryOf(input.previousKeyExpiresAt);
  return changeKeys(ctx, input, (before, stored) => {
    const { serviceProviderCertificate: previous, nextServiceProviderCertificate: next } = samlConfigurationOf(before);
    if (next === undefined) throw new Conflict("There is no next key. Call rotateIdentityProviderKey first.");
    return Promise.resolve({
      keys: [next, previous].map((certificate) => privateKeyOf(stored, certificate)),
      certificates: {
        serviceProviderCertificate: next,
        previousServiceProviderCertificate: previous,
        previousServiceProviderKeyExpiresAt: expiresAt,
      },
    });
  });
}

interface Keys {
  readonly keys: readonly string[];
  readonly certificates: ServiceProviderCertificates;
}

function changeKeys(
  ctx: Context,
  input: { readonly id: string; readonly expectedVersion?: number | null },
  keysOf: (before: IdentityProviderRow, stored: string) => Promise<Keys>,
): Promise<IdentityProvider> {
  const id = decodeId("identityProvider", input.id, "input.id");
  return ctx.inTenant(async (tx) => {
    const before = await openIdentityProvider(tx, id, input);
    if (before.kind !== "SAML")
      throw new BadUserInput([
        { path: "input.id", message: `${encodeId("identityProvider", id)} has no key: it is not of the kind SAML.` },
      ]);
    const { keys, certificates } = await keysOf(before, (await providerSecretOf(ctx.services, tx, before)) ?? "");
    const others = Object.entries(before.configuration).filter(([name]) => !(serviceProviderKeys as readonly string[]).includes(name));
    const configuration = { ...Object.fromEntries(others), ...certificates };
    return changeIdentityProvider(ctx, tx, before, { configuration, secret: await sealedSecret(ctx, tx, id, keys.join("")) });
  });
}

function expiryOf(given: string | null | undefined): string {
  if (typeof given !== "string") return new Date(Date.now() + DEFAULT_OVERLAP_MS).toISOString();
  if (Date.parse(given) <= Date.now() + MAX_OVERLAP_DAYS * 86_400_000) return given;
  const message = `The previous key can decrypt assertions for at most ${MAX_OVERLAP_DAYS} days.`;
  throw new BadUserInput([{ path: "input.previousKeyExpiresAt", message }]);
}
