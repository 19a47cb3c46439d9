import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let app: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  app = postgres(weft.database.appUrl, { max: 1, onnotice: () => {} });
});

afterAll(async () => {
  await app.end();
});

const users = "users { user { id } assignedAt }";
const assign = `mutation ($input: BuildingUsersInput!) { assignBuildingUsers(input: $input) { building { version ${users} } } }`;
const remove = `mutation ($input: BuildingUsersInput!) { unassignBuildingUsers(input: $input) { building { version ${users} } } }`;
const createRole = "mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }";
const setUserPermissions = "mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }";

async function building(code: string): Promise<string> {
  const { createBuilding } = await acme.admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: "A house" } },
  );
  return createBuilding.building.id;
}

/** Creates a user with a role of these grants, written as `permission SCOPE`. */
async function userWith(key: string, ...grants: string[]): Promise<TestUser> {
  const permissions = grants.map((each) => ({ permission: each.split(" ")[0], scope: each.split(" ")[1] }));
  await acme.admin.run(createRole, { input: { key, name: key, permissions } });
  return acme.tenant.user(key);
}

const assigned = (...people: { readonly id: string }[]) =>
  people.map(({ id }) => ({ user: { id }, assignedAt: expect.any(String) as string }));

describe("the users of a building", () => {
  test("are assigned and removed as changes of the building, in its audit trail", async () => {
    const buildingId = await building("U-1");
    const [one, two] = [acme.operations, acme.manager];
    expect(await acme.admin.run(assign, { input: { buildingId, userIds: [one.id, one.id], expectedVersion: 1 } })).toEqual({
      assignBuildingUsers: { building: { version: 2, users: assigned(one) } },
    });
    expect(await acme.admin.run(assign, { input: { buildingId, userIds: [two.id, one.id] } })).toEqual({
      assignBuildingUsers: { building: { version: 3, users: assigned(one, two) } },
    });
    expect(await acme.admin.run(remove, { input: { buildingId, userIds: [one.id] } })).toEqual({
      unassignBuildingUsers: { building: { version: 4, users: assigned(two) } },
    });
    const { building: audited } = await acme.admin.run<{ building: { auditTrail: { edges: { node: object }[] } } }>(
      "query ($id: ID!) { building(id: $id) { auditTrail(first: 2) { edges { node { action before after } } } } }",
      { id: buildingId },
    );
    const ids = (...people: TestUser[]) => expect.objectContaining({ userIds: people.map(({ id }) => id) }) as object;
    expect(audited.auditTrail.edges.map(({ node }) => node)).toEqual([
      { action: "building.removeUsers", before: ids(one, two), after: ids(two) },
      { action: "building.assignUsers", before: ids(one), after: ids(one, two) },
    ]);
  });

  test("are active users of the organization, named by a building that exists", async () => {
    const buildingId = await building("U-2");
    const theirs = await weft.tenant();
    for (const stranger of [theirs.admin, acme.vendor.user]) {
      const { message } = await acme.admin.refused(assign, { input: { buildingId, userIds: [acme.manager.id, stranger.id] } });
      expect(message).toBe(`input.userIds.1: No active user of the organization with the ID ${stranger.id} exists.`);
    }
    const absent = await acme.admin.refused(remove, { input: { buildingId, userIds: [acme.manager.id] } });
    expect(absent.message).toBe(`input.userIds.0: ${acme.manager.id} is not assigned to the building.`);
    const none = await acme.admin.refused(assign, { input: { buildingId, userIds: [] } });
    expect(none.message).toBe("input.userIds: Expected 1 to 100 users. The input has 0.");
    expect(await theirs.admin.refusal(assign, { input: { buildingId, userIds: [theirs.admin.id] } })).toBe("NOT_FOUND");
    expect(await acme.operations.refusal(assign, { input: { buildingId, userIds: [acme.operations.id] } })).toBe("FORBIDDEN");
    const stale = await acme.admin.refused(assign, { input: { buildingId, userIds: [acme.manager.id], expectedVersion: 7 } });
    expect(stale.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 1 });
  });

  test("are hidden from users of a vendor", async () => {
    await acme.request("assigned");
    await acme.admin.run(assign, { input: { buildingId: acme.buildingId, userIds: [acme.operations.id] } });
    expect((await acme.vendor.user.send(`query ($id: ID!) { building(id: $id) { ${users} } }`, { id: acme.buildingId })).data).toEqual({
      building: { users: null },
    });
    const seen = await app.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${acme.tenant.id}, true), set_config('app.user_id', ${decodeId("user", acme.vendor.user.id)}, true),
        set_config('app.vendor_id', ${decodeId("vendor", acme.vendor.id)}, true)`;
      return tx`select action from audit.entries where action like 'building.%_users' union all select user_id::text from requests.building_users`;
    });
    expect([...seen]).toEqual([]);
  });
});

describe("the filter of buildings by user", () => {
  const codesWith = async (viewer: TestUser, user: string): Promise<string[]> => {
    const { buildings } = await viewer.run<{ buildings: { totalCount: number; edges: { node: { code: string } }[] } }>(
      `{ buildings(filter: { code: { contains: "F-" }, user: { ${user} } }) { totalCount edges { node { code } } } }`,
    );
    expect(buildings.totalCount).toBe(buildings.edges.length);
    return buildings.edges.map(({ node }) => node.code);
  };

  test("finds the buildings to which a user is assigned, and buildings without a user", async () => {
    const [one, two] = [await building("F-1"), await building("F-2"), await building("F-3")];
    const [ann, bob] = [acme.operations.id, acme.manager.id];
    await acme.admin.run(assign, { input: { buildingId: one, userIds: [ann, bob] } });
    await acme.admin.run(assign, { input: { buildingId: two, userIds: [ann] } });
    expect(await codesWith(acme.admin, `eq: "${ann}"`)).toEqual(["F-1", "F-2"]);
    expect(await codesWith(acme.admin, `eq: "${bob}"`)).toEqual(["F-1"]);
    expect(await codesWith(acme.admin, `in: ["${ann}", "${bob}"]`)).toEqual(["F-1", "F-2"]);
    expect(await codesWith(acme.admin, `ne: "${bob}"`)).toEqual(["F-2", "F-3"]);
    expect(await codesWith(acme.admin, "isNull: true")).toEqual(["F-3"]);
    expect(await codesWith(acme.admin, "isNull: false")).toEqual(["F-1", "F-2"]);
  });

  test("is for users who see all users, and for everybody about themselves", async () => {
    const [own] = [await building("F-4"), await building("F-5")];
    const keeper = await userWith("filtering", "building.read TENANT", "user.read OWN");
    await acme.admin.run(assign, { input: { buildingId: own, userIds: [keeper.id, acme.requester.id] } });
    expect(await codesWith(keeper, `eq: "${keeper.id}"`)).toEqual(["F-4"]);
    const byUser = (condition: string) => `{ buildings(filter: { user: { ${condition} } }) { totalCount } }`;
    for (const condition of [`eq: "${acme.requester.id}"`, `in: ["${keeper.id}"]`, "isNull: true"]) {
      const operator = condition.split(":")[0] ?? "";
      expect((await keeper.refused(byUser(condition))).message).toBe(
        `filter.user.${operator} requires the permission user.read in the scope TENANT, except for your own ID.`,
      );
    }
    const { message } = await acme.vendor.user.refused(byUser(`eq: "${acme.vendor.user.id}"`));
    expect(message).toBe("filter.user.eq is only for users of the organization.");
  });
});

describe("nobody gains access by an assignment", () => {
  const assigning = ["user.update TENANT", "building.update TENANT", "building.read TENANT"];

  test("users who are limited to buildings assign nobody to others", async () => {
    const [own, other] = [await building("G-1"), await building("G-2")];
    const limited = await userWith("limited", ...assigning, "request.read BUILDING");
    await acme.admin.run(assign, { input: { buildingId: own, userIds: [limited.id] } });
    for (const userIds of [[limited.id], [acme.requester.id]]) {
      const { message } = await limited.refused(assign, { input: { buildingId: other, userIds } });
      expect(message).toBe("You can only assign users to your own buildings, because your permission request.read is limited to them.");
    }
    expect(await limited.run(assign, { input: { buildingId: own, userIds: [acme.requester.id] } })).toBeDefined();
  });

  test("users gain no permission in a building that the assigning user does not have in the tenant", async () => {
    const buildingId = await building("G-3");
    const [clerk, keeper] = [await userWith("clerk", ...assigning), await userWith("keeper", "asset.read BUILDING")];
    const { message } = await clerk.refused(assign, { input: { buildingId, userIds: [keeper.id] } });
    expect(message).toBe(
      "You can only assign users to your own buildings if they have asset.read in scope BUILDING, which you do not have in scope TENANT.",
    );
    expect(await acme.admin.run(assign, { input: { buildingId, userIds: [keeper.id] } })).toBeDefined();
  });

  test("a permission in scope BUILDING is granted only by users who have it in the tenant", async () => {
    const input = { key: "deputy", name: "Deputy", permissions: [{ permission: "asset.read", scope: "BUILDING" }] };
    const partial = await userWith("partial", "role.update TENANT", "role.read TENANT", "asset.read BUILDING");
    const { message } = await partial.refused(createRole, { input });
    expect(message).toBe("You cannot grant asset.read in scope BUILDING, because you do not have it yourself.");
  });

  test("leaving a building lifts no denial that the removing user could not lift", async () => {
    const buildingId = await building("G-4");
    const [clerk, denied] = [await userWith("remover", ...assigning), await acme.tenant.user("viewer")];
    await acme.admin.run(setUserPermissions, {
      input: { userId: denied.id, grants: [], denials: [{ permission: "asset.read", scope: "BUILDING" }], reason: "Lives there" },
    });
    await acme.admin.run(assign, { input: { buildingId, userIds: [denied.id] } });
    const { message } = await clerk.refused(remove, { input: { buildingId, userIds: [denied.id] } });
    expect(message).toBe(
      "You cannot remove a user from a building to whom asset.read is denied in scope BUILDING, because you do not have it in scope TENANT.",
    );
    expect(await acme.admin.run(remove, { input: { buildingId, userIds: [denied.id] } })).toBeDefined();
  });
});
