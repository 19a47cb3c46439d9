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
import { byType, type Cases } from "./case.js";
import { fresh } from "./fresh.js";
import { viewerRole } from "./users.js";

/** Cases of identity providers, domains, and logins with providers. */
export const singleSignOnCases: Cases = {
  mutations: {
    createIdentityProvider: {
      input: async (fixture) => ({ ...(await anIdentityProvider()), roleMappings: [{ group: "g", roleId: await viewerRole(fixture) }] }),
      ids: { "roleMappings.roleId": "input" },
    },
    updateIdentityProvider: {
      input: async (fixture) => ({
        id: await newPassingProvider(fixture.admin),
        roleMappings: [{ group: "g", roleId: await viewerRole(fixture) }],
      }),
      ids: { id: "object", "roleMappings.roleId": "input" },
    },
    activateIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }), ids: { id: "object" } },
    deactivateIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }), ids: { id: "object" } },
    deleteIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }), ids: { id: "object" } },
    rotateIdentityProviderKey: {
      input: async ({ admin }) => ({ id: await newPassingProvider(admin, newSamlProvider) }),
      ids: { id: "object" },
    },
    activateIdentityProviderKey: {
      input: async ({ admin }) => ({ id: await newPassingProvider(admin, newRotatedProvider) }),
      ids: { id: "object" },
    },
    testIdentityProvider: { input: async ({ admin }) => ({ id: await newPassingProvider(admin) }), ids: { id: "object" } },
    addDomain: { input: async () => ({ name: `${fresh("domain")}.example` }), ids: {} },
    verifyDomain: { input: async ({ admin }) => ({ id: await newDomain(admin) }), ids: { id: "object" } },
    removeDomain: { input: async ({ admin }) => ({ id: await newDomain(admin) }), ids: { id: "object" } },
    setBreakGlass: {
      input: async ({ tenant }) => ({ userId: (await tenant.user("viewer")).id, isBreakGlass: true }),
      ids: { userId: "object" },
    },
    unlinkIdentity: {
      // Operators in a tenant have no accounts there, so they get the ID of another user's.
      input: async ({ newIdentityOf, ids }, actor) => ({
        id: await newIdentityOf(actor).catch(() => ids.get("userIdentity")?.[0] ?? ""),
      }),
      ids: { id: "object" },
    },
    unlinkUserIdentity: {
      input: async ({ tenant, newIdentityOf }) => {
        const user = await tenant.user("viewer");
        return { userId: user.id, identityId: await newIdentityOf(user) };
      },
      ids: { userId: "object", identityId: "object" },
    },
    loginWithDirectory: { input: async ({ admin }) => newDirectoryLogin(admin), ids: { tenantId: "object", providerId: "object" } },
    startSingleSignOn: {
      input: async ({ admin }) => (await newLoginStart(admin)).input,
      ids: { tenantId: "object", providerId: "object" },
    },
    receiveSingleSignOn: { input: async ({ admin }) => (await newLoginAnswer(admin)).input, ids: {} },
    receiveSamlResponse: { input: async ({ admin }) => newSamlResponse(admin), ids: { tenantId: "object", providerId: "object" } },
    completeSingleSignOn: { input: async ({ admin }) => newLoginCode(admin), ids: {} },
    receiveLogoutToken: { input: async ({ admin }) => newLogoutToken(admin), ids: { tenantId: "object", providerId: "object" } },
  },
  lookups: { "identityProvider.id": byType("identityProvider") },
  queryArguments: { loginMethods: { login: "somebody@acme.example" }, samlMetadata: { url: "https://weft.example/sso" } },
};
