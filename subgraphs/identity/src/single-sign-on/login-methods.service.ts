import { effectiveConfigOf } from "@weft/platform/configuration";
import type { Context } from "@weft/api/context";
import { domainOf } from "../domains/domain-name.js";
import { maxLoginNameLength } from "../sessions/login-name.js";
import { findProvidersOfDomain } from "./login-methods.store.js";
import { providerIds, providerUrl } from "./provider-url.js";
import type { LoginMethods } from "./single-sign-on.type.js";

/**
 * Returns the ways to log in with a login name. Nothing is looked up about the user: whether they exist does not show in the answer, or in the time that
 * it takes.
 */
export async function findLoginMethods(ctx: Context, login: string): Promise<LoginMethods> {
  const { config, databases } = ctx.services;
  const name = login.trim();
  const domain = name.length > maxLoginNameLength || !name.includes("@") ? null : domainOf(name.slice(name.lastIndexOf("@") + 1));
  const found = domain === null ? [] : await databases.auth.begin((tx) => findProvidersOfDomain(tx, domain), "read");
  const [first] = found;
  const isRequired = first !== undefined && (await effectiveConfigOf(ctx.services, first.tenantId)).security.singleSignOn === "REQUIRED";
  const named = found.map(({ tenantId, id, kind, name: label }) => ({ kind, ...providerIds({ tenantId, providerId: id }), name: label }));
  return {
    acceptsPassword: !isRequired,
    providers: named.filter(({ kind }) => kind !== "LDAP").map((ids) => ({ ...ids, startUrl: providerUrl(config, ids, "start") })),
    directories: named.filter(({ kind }) => kind === "LDAP"),
  };
}
