import type { World } from "../world.js";
import { byType, type Cases } from "./case.js";
import { fresh, type HasId } from "./fresh.js";
import { newUser } from "./users.js";

const grants = [{ permission: "request.read", scope: "TENANT" }];
const newRole = async ({ admin }: World) => {
  const { createRole } = await admin.run<{ createRole: { role: HasId } }>(
    "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }",
    { input: { key: fresh("role"), name: "A role", permissions: grants } },
  );
  return createRole.role.id;
};

/** Roles, permissions, and what people may by them. */
export const permissionCases: Cases = {
  mutations: {
    createPermission: { input: async () => ({ name: `custom.${fresh("own").replace("-", "")}`, description: "A test." }), ids: {} },
    createRole: {
      input: async (world) => ({ key: fresh("role"), name: "A role", permissions: grants, parentIds: [await newRole(world)] }),
      ids: { parentIds: "input" },
    },
    setRolePermissions: {
      input: async (world) => ({ roleId: await newRole(world), permissions: [] }),
      ids: { roleId: "object" },
    },
    updateRole: {
      input: async (world) => ({ id: await newRole(world), name: "Renamed", parentIds: [await newRole(world)] }),
      ids: { id: "object", parentIds: "input" },
    },
    deleteRole: { input: async (world) => ({ id: await newRole(world) }), ids: { id: "object" } },
    setUserPermissions: {
      input: async (world) => ({
        userId: (await newUser(world)).id,
        grants,
        denials: [{ permission: "task.complete", scope: "OWN" }],
        reason: "A test",
      }),
      ids: { userId: "object" },
    },
  },
  lookups: {
    "role.id": byType("role"),
    "explainAccess.userId": { ...byType("user"), own: ({ admin }) => admin.id },
    "explainAccess.objectId": { ...byType("request"), with: ({ id }) => ({ userId: id }) },
    "whoCan.objectId": byType("request"),
  },
  queryArguments: {
    explainAccess: { permission: "request.read" },
    whoCan: { permission: "request.read" },
  },
};
