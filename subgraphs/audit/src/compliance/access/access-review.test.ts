import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { beforeAll, expect, test } from "vitest";
import { figureOf, madeReport, rowsOf } from "@weft/testkit/tenants/made-report";
import { isUseRecorded, permissionsUsedBy } from "./uses-of-permissions.js";

let weft: SharedWeft;
let acme: MaintenanceTenant;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
});

const updateBuilding = "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { id } } }";

test("an access review shows by which chain of roles each user has a permission", async () => {
  const document = await madeReport(weft, acme.admin, { kind: "ACCESS_REVIEW", permissions: ["building.update", "audit.read"] });
  const { whoCan } = await acme.admin.run<{ whoCan: { edges: { node: { user: { id: string } } }[] } }>(
    '{ whoCan(permission: "building.update", first: 100) { edges { node { user { id } } } } }',
  );
  const found = rowsOf(document, "grants").filter(({ permission }) => permission === "building.update");
  expect(new Set(found.map(({ userId }) => userId))).toEqual(new Set(whoCan.edges.map(({ node }) => node.user.id)));
  expect(found).toContainEqual(
    expect.objectContaining({ userId: acme.operations.id, scope: "TENANT", grantedBy: "operations", chain: "operations" }),
  );
});

test("an access review shows the day on which each user, role and permission was used last", async () => {
  await acme.operations.run(updateBuilding, { input: { id: acme.buildingId, name: "Used" } });
  const idle = await acme.tenant.user("operations");
  const document = await madeReport(weft, acme.admin, {
    kind: "ACCESS_REVIEW",
    permissions: ["building.update", "vendor.approve", "audit.read"],
    timeZone: "UTC",
  });
  const today = document.snapshotAt.slice(0, 10);
  const ofUser = (id: string): unknown =>
    rowsOf(document, "grants").find(({ userId, permission }) => userId === id && permission === "building.update")?.["lastUsedOn"];
  expect([ofUser(acme.operations.id), ofUser(idle.id)]).toEqual([today, null]);
  const roles = rowsOf(document, "usedRoles");
  expect(roles).toContainEqual({ role: "operations", holders: 2, users: 1, lastUsedOn: today });
  const permissions = rowsOf(document, "usedPermissions");
  expect(permissions).toContainEqual(expect.objectContaining({ permission: "building.update", users: 1, lastUsedOn: today }));
  expect(permissions).toContainEqual(expect.objectContaining({ permission: "vendor.approve", users: 0, lastUsedOn: null }));
  expect(permissions).toContainEqual(expect.objectContaining({ permission: "audit.read", users: null, lastUsedOn: "not recorded" }));
  expect(figureOf(document, "unusedPermissions")).toBe(1);
});

test("neither failed logins nor work in the background count as activity of a user", async () => {
  const globex = await weft.tenant();
  const sleeper = await globex.user("viewer");
  const failed = { login: sleeper.login, password: "not the password" };
  await sleeper.send("mutation ($input: LoginInput!) { login(input: $input) { accessToken } }", { input: failed });
  const actions = async (): Promise<string[]> =>
    (
      await globex.admin.run<{ auditEntries: { edges: { node: { action: string; at: string } }[] } }>(
        "query ($id: ID!) { auditEntries(filter: { actorId: { eq: $id } }) { edges { node { action at } } } }",
        { id: sleeper.id },
      )
    ).auditEntries.edges.map(({ node }) => node.action);
  await until(async () => (await actions()).includes("session.loginFailed"), { what: "the failed login is audited" });
  const { auditEntries } = await globex.admin.run<{ auditEntries: { edges: { node: { at: string } }[] } }>(
    'query ($id: ID!) { auditEntries(filter: { actorId: { eq: $id }, action: { eq: "session.login" } }, first: 1) { edges { node { at } } } }',
    { id: sleeper.id },
  );
  const document = await madeReport(weft, globex.admin, { kind: "ACCESS_REVIEW", permissions: ["audit.read"] });
  const lastActivity = rowsOf(document, "users").find(({ userId }) => userId === sleeper.id)?.["lastActivityAt"];
  expect(Date.parse(String(lastActivity))).toBe(Date.parse(auditEntries.edges[0]?.node.at ?? ""));
});

test("an action is attributed to the permissions that it needs", () => {
  expect(permissionsUsedBy("building.assignUsers")).toEqual(["user.update", "building.update"]);
  expect(permissionsUsedBy("webhook.discardDeliveries")).toEqual(["webhook.manage"]);
  expect(permissionsUsedBy("session.login")).toEqual([]);
  expect([isUseRecorded("webhook.manage"), isUseRecorded("audit.read")]).toEqual([true, false]);
});
