/** What a provider of the kind SAML says about a user, kept between the request that brings it and the one that shows in which browser the login began. */
import type { IdentityProviderRow } from "../identity-providers/identity-provider.service.js";
import { trustOf } from "../identity-providers/provider-settings.js";
import { ProviderChanged } from "./provider-user.service.js";
import type { ProviderUser } from "./user-claims.js";

/** Time that the browser has to come to the callback, to which it is redirected at once. After it, the account cannot be used; it is erased with its login. */
export const answerSeconds = 60;

interface Kept extends Omit<ProviderUser, "groups"> {
  /** Only those that give roles: the others mean nothing, and there can be thousands. */
  readonly groups: readonly string[];
  /** As the provider was when its response was verified. */
  readonly trust: string;
}

/** Place of the encrypted account. */
export const accountField = (id: string): string => `identity.provider_logins.account/${id}`;

/** Returns an account as a text, which has some 60 kB at most. It must be encrypted. */
export function keptAccountOf(provider: IdentityProviderRow, account: ProviderUser): string {
  const groups = provider.roleMappings.map(({ group }) => group).filter((group) => account.groups.has(group));
  return JSON.stringify({ ...account, groups: [...new Set(groups)], trust: trustOf(provider) } satisfies Kept);
}

/** Returns the account in a text. @throws ProviderChanged (its provider might say something else now) */
export function readKeptAccount(text: string, provider: IdentityProviderRow): ProviderUser {
  const { trust, groups, ...account } = JSON.parse(text) as Kept;
  if (trust !== trustOf(provider)) throw new ProviderChanged();
  return { ...account, groups: new Set(groups) };
}
