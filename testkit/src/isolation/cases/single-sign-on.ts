import {
  anIdentityProvider,
  newDomain,
  newPassingProvider,
  newLoginAnswer,
  newLoginCode,
  newLoginStart,
  newLogoutToken,
} from "../../tenants/new-identity-provider.js";
import { newRotatedProvider, newSamlProvider, newSamlResponse } from "../../tenants/new-saml-provider.js";
import { newDirectoryLogin } from "../../tenants/test-directory.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";
import { viewerRole } from "./users.js";

/** Cases of identity providers, domains, and logins with providers. */
export const singleSignOnCases: Cases = {
  mutations: {
    createIdentityProvider: {
      input: async (fixture) => ({ ...(await anIdentityProvider()), roleMappings: [{ group: "g", roleId: await viewerRole(fixture) }] }),
    },
    updateIdentityProvider: {
      input: async (fixture) => ({
        id: await newPassingProvider(fixture.admin),
        roleMappings: [{ group: "g", roleId: await viewerRole(fixture) }],
      }),
    },
    activateIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }) },
    deactivateIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }) },
    deleteIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }) },
    rotateIdentityProviderKey: {
      input: async ({ admin }) => ({ id: await newPassingProvider(admin, newSamlProvider) }),
    },
    activateIdentityProviderKey: {
      input: async ({ admin }) => ({ id: await newPassingProvider(admin, newRotatedProvider) }),
    },
    testIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }) },
    addDomain: { input: async () => ({ name: `${fresh("domain")}.example` }) },
    verifyDomain: { input: async ({ admin }) => ({ id: await newDomain(admin) }) },
    removeDomain: { input: async ({ admin }) => ({ id: await newDomain(admin) }) },
    setBreakGlass: {
      input: async ({ tenant }) => ({ userId: (await tenant.user("viewer")).id, isBreakGlass: true }),
    },
    unlinkIdentity: {
      // Operators in a tenant have no accounts there, so they get the ID of another user's.
      input: async ({ newIdentityOf, ids }, actor) => ({
        id: await newIdentityOf(actor).catch(() => ids.get("userIdentity")?.[0] ?? ""),
      }),
    },
    unlinkUserIdentity: {
      input: async ({ tenant, newIdentityOf }) => {
        const user = await tenant.user("viewer");
        return { userId: user.id, identityId: await newIdentityOf(user) };
      },
      ids: { identityId: "object" },
    },
    loginWithDirectory: { input: async ({ admin }) => newDirectoryLogin(admin), ids: { providerId: "object" } },
    startSingleSignOn: {
      input: async ({ admin }) => (await newLoginStart(admin)).input,
      ids: { providerId: "object" },
    },
    receiveSingleSignOn: { input: async ({ admin }) => (await newLoginAnswer(admin)).input },
    receiveSamlResponse: { input: async ({ admin }) => newSamlResponse(admin), ids: { providerId: "object" } },
    completeSingleSignOn: { input: async ({ admin }) => newLoginCode(admin) },
    receiveLogoutToken: { input: async ({ admin }) => newLogoutToken(admin), ids: { providerId: "object" } },
  },
  queryArguments: { loginMethods: { login: "somebody@acme.example" }, samlMetadata: { url: "https://weft.example/sso" } },
};
