import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { fresh, type HasId } from "./fresh.js";
import { newUser } from "./users.js";

const grants = [{ permission: "request.read", scope: "TENANT" }];
const newRole = async ({ admin }: Fixture) => {
  const { createRole } = await admin.run<{ createRole: { role: HasId } }>(
    "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
    { input: { key: fresh("role"), name: "A role", permissions: grants } },
  );
  return createRole.role.id;
};

/** Cases of roles, permissions, and the access that they give people. */
export const permissionCases: Cases = {
  mutations: {
    createPermission: { input: async () => ({ name: `custom.${fresh("own").replace("-", "")}`, description: "A test." }) },
    createRole: {
      input: async (fixture) => ({ key: fresh("role"), name: "A role", permissions: grants, parentIds: [await newRole(fixture)] }),
    },
    setRolePermissions: {
      input: async (fixture) => ({ roleId: await newRole(fixture), permissions: [] }),
    },
    updateRole: {
      input: async (fixture) => ({ id: await newRole(fixture), name: "Renamed", parentIds: [await newRole(fixture)] }),
    },
    deleteRole: { input: async (fixture) => ({ id: await newRole(fixture) }) },
    setUserPermissions: {
      input: async (fixture) => ({
        userId: (await newUser(fixture)).id,
        grants,
        denials: [{ permission: "task.complete", scope: "OWN" }],
        reason: "A test",
      }),
    },
  },
  lookups: {
    "explainAccess.userId": { ...byType("user"), own: ({ admin }) => admin.id },
    "explainAccess.objectId": { ...byType("request"), with: ({ id }) => ({ userId: id }) },
    "whoCan.objectId": byType("request"),
  },
  queryArguments: {
    explainAccess: { permission: "request.read" },
    whoCan: { permission: "request.read" },
  },
};
