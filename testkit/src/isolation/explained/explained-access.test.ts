import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawn, sized } from "../../sizes.js";
import type { TestUser } from "../../test-user.js";
import { differences, explanationOf, giveWork, isAnswered, makePeople } from "./explained-access.js";
import { startTwoTenants, type TwoTenants } from "../two-tenants.js";
import { draftRequest, neverIssued, type Fixture } from "../fixture.js";

// Explanations of access match the actual access: the same predicates decide, evaluated for a different user.

const whoCan = `query ($permission: String!, $objectId: ID, $first: Int, $after: String, $last: Int) {
  whoCan(permission: $permission, objectId: $objectId, first: $first, after: $after, last: $last) {
    totalCount edges { node { user { id name } steps { kind holds } } } pageInfo { hasNextPage endCursor }
  }
}`;
interface Holders {
  readonly whoCan: {
    readonly totalCount: number;
    readonly edges: readonly { readonly node: { readonly user: { readonly id: string; readonly name: string } } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
const runs = sized({ sample: 60, part: 300, whole: 4_000 });
const seed = Math.floor(Math.random() * 1_000_000);

let tenants: TwoTenants;
let acme: Fixture;
let people: TestUser[];
let work: string[];

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ acme } = tenants);
  people = await makePeople(acme, seed, sized({ part: 16, whole: 60 }));
  work = await giveWork(acme, people);
});

afterAll(() => tenants.stop());

test(`explainAccess agrees with the call for random users, permissions, and objects (seed ${seed})`, async () => {
  const { wrong, allowed } = await differences(acme, people, work, { seed, runs });
  expect(wrong).toEqual([]);
  expect(allowed).toBeGreaterThan(runs / 20);
  expect(allowed).toBeLessThan(runs - runs / 20);
});

test("whoCan returns the users that the call admits, page by page", { timeout: 600_000 }, async () => {
  const ids = new Set(people.map(({ id }) => id));
  const first = (type: Parameters<Fixture["ids"]["get"]>[0]): string => acme.ids.get(type)?.[0] ?? "";
  const places = [
    ["request.read", "request", acme.given.requestId],
    ["request.read", "request", work[0] ?? ""],
    ["workflow.read", "workflowInstance", acme.hidden.instanceId],
    ["task.read", "task", first("task")],
    ["definition.read", "definition", acme.definitionId],
    ["requestType.read", "requestType", acme.requestTypeId],
    ["building.read", "building", acme.hidden.buildingId],
    ["asset.read", "asset", acme.assetId],
    ["vendor.read", "vendor", acme.vendorId],
    ["project.read", "project", acme.projectId],
    ["project.read", "project", work.at(-1) ?? ""],
    ["user.read", "user", acme.vendorUser.id],
    // A user who shares a team and a vendor with another user.
    ["user.read", "user", people[8]?.id ?? ""],
  ] as const;
  for (const [permission, field, objectId] of drawn(places, { of: 3 })) {
    const answered: string[] = [];
    for (const user of people) if (await isAnswered({ user, permission, field, objectId })) answered.push(user.id);
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page: Holders = await acme.admin.run<Holders>(whoCan, { permission, objectId, first: 5, after });
      found.push(...page.whoCan.edges.map(({ node }) => node.user.id));
      after = page.whoCan.pageInfo.hasNextPage ? page.whoCan.pageInfo.endCursor : null;
    } while (after !== null);
    const all = await acme.admin.run<Holders>(whoCan, { permission, objectId, last: 100 });
    expect(all.whoCan.totalCount, permission).toBe(found.length);
    expect(all.whoCan.edges.map(({ node }) => node.user.id)).toEqual(found);
    expect(found.filter((id) => ids.has(id)).toSorted(), `${permission} ${objectId}`).toEqual(answered.toSorted());
  }
});

describe("an explanation", () => {
  test("contains the role, the scope, and what decided", async () => {
    const { requester, otherRequester, vendorUser, admin, given, hidden } = acme;
    const own = await explanationOf(requester, { user: requester, permission: "request.read", objectId: given.requestId });
    expect(own).toMatchObject({
      isAllowed: true,
      decidedBy: "SCOPE",
      steps: [
        { kind: "USER_STATUS", holds: true },
        { kind: "ROLE_GRANT", holds: true, message: "The role requester grants request.read in scope OWN." },
        { kind: "SCOPE", holds: true },
      ],
    });
    const others = await explanationOf(admin, { user: otherRequester, permission: "request.read", objectId: given.requestId });
    expect(others).toMatchObject({ isAllowed: false, decidedBy: "SCOPE" });
    const building = await explanationOf(admin, { user: vendorUser, permission: "building.read", objectId: hidden.buildingId });
    expect(building).toMatchObject({ isAllowed: false, decidedBy: "VENDOR_LIMIT" });
    const none = await explanationOf(admin, { user: requester, permission: "vendor.read", objectId: acme.vendorId });
    expect(none).toMatchObject({ isAllowed: false, decidedBy: "NO_GRANT" });
  });

  test("contains the path by which a role inherits, and the grants and denials of one user", async () => {
    const { admin, tenant, given, vendorId } = acme;
    const input = { key: "night_desk", name: "Night desk", permissions: [], parentKeys: ["operations"] };
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input });
    const user = await tenant.user("night_desk", { roles: ["requester"] });
    const own = await draftRequest(user);
    const of = (permission: string, scope: string) => ({ permission, scope });
    const said = {
      grants: [of("project.read", "TENANT")],
      denials: [of("request.read", "OWN"), of("vendor.read", "TENANT"), of("asset.read", "OWN")],
      reason: "Nobody works on his own requests.",
    };
    await admin.run("mutation ($input: SetUserPermissionsInput!) { setUserPermissions(input: $input) { user { id } } }", {
      input: { userId: user.id, ...said },
    });
    const ofOwn = await explanationOf(admin, { user, permission: "request.read", objectId: own.requestId });
    expect(ofOwn).toMatchObject({
      isAllowed: false,
      decidedBy: "USER_DENIAL",
      steps: [
        { kind: "USER_STATUS" },
        {
          kind: "ROLE_GRANT",
          via: ["night_desk", "operations"],
          message:
            "The role operations, which the user has through inheritance (night_desk → operations), grants request.read in scope TENANT.",
        },
        { kind: "ROLE_GRANT", via: [] },
        { kind: "SCOPE", holds: true },
        { kind: "SCOPE", holds: true },
        {
          kind: "USER_DENIAL",
          holds: false,
          message: "request.read is denied to the user in scope OWN, which includes the Request. Reason: Nobody works on his own requests.",
        },
      ],
    });
    const others = await explanationOf(admin, { user, permission: "request.read", objectId: given.requestId });
    expect([others.isAllowed, others.decidedBy, others.steps.at(-1)]).toMatchObject([true, "SCOPE", { kind: "USER_DENIAL", holds: true }]);
    const vendor = await explanationOf(admin, { user, permission: "vendor.read", objectId: vendorId });
    expect([vendor.isAllowed, vendor.decidedBy]).toEqual([false, "USER_DENIAL"]);
    const project = await explanationOf(admin, { user, permission: "project.read", objectId: acme.projectId });
    expect(project.isAllowed).toBe(true);
    expect(project.steps).toContainEqual(expect.objectContaining({ kind: "USER_GRANT", holds: true }));
    const { whoCan: holders } = await admin.run<Holders>(whoCan, { permission: "vendor.read", first: 100 });
    expect(holders.edges.map(({ node }) => node.user.id)).not.toContain(user.id);
  });

  test("without an object says whether the permission can be used at all, and nothing for a disabled user", async () => {
    const { admin, requester, tenant } = acme;
    const ask = (userId: string, permission: string) =>
      admin.run<{ explainAccess: { isAllowed: boolean; decidedBy: string } }>(
        "query ($userId: ID!, $permission: String!) { explainAccess(userId: $userId, permission: $permission) { isAllowed decidedBy } }",
        { userId, permission },
      );
    expect(await ask(requester.id, "request.create")).toEqual({ explainAccess: { isAllowed: true, decidedBy: "ROLE_GRANT" } });
    expect(await ask(requester.id, "user.create")).toEqual({ explainAccess: { isAllowed: false, decidedBy: "NO_GRANT" } });
    const leaving = await tenant.user("viewer");
    await admin.run("mutation ($id: ID!) { deactivateUser(input: { id: $id }) { user { id } } }", { id: leaving.id });
    expect(await ask(leaving.id, "request.read")).toEqual({ explainAccess: { isAllowed: false, decidedBy: "USER_STATUS" } });
    const { whoCan: readers } = await admin.run<Holders>(whoCan, { permission: "request.read", first: 100 });
    expect(readers.edges.map(({ node }) => node.user.id)).not.toContain(leaving.id);
  });

  test("is available for the user's own account and visible objects, and for others if the user can see all users and roles", async () => {
    const { admin, requester, operations, vendorUser, given, hidden, buildingId } = acme;
    const ask =
      "query ($userId: ID!, $permission: String!, $objectId: ID) { explainAccess(userId: $userId, permission: $permission, objectId: $objectId) { isAllowed } }";
    const about = (userId: string, objectId: string, permission = "request.read") => ({ userId, permission, objectId });
    expect(await requester.refusal(ask, about(operations.id, given.requestId))).toBe("FORBIDDEN");
    expect(await vendorUser.refusal(ask, about(requester.id, given.requestId))).toBe("FORBIDDEN");
    expect(await requester.refusal(whoCan, { permission: "request.read" })).toBe("FORBIDDEN");
    expect(await requester.refusal(ask, about(requester.id, hidden.requestId))).toBe("NOT_FOUND");
    expect(await vendorUser.refusal(ask, about(vendorUser.id, hidden.requestId))).toBe("NOT_FOUND");
    expect(await vendorUser.run(ask, about(vendorUser.id, given.requestId))).toEqual({ explainAccess: { isAllowed: true } });
    expect(await admin.refusal(ask, about(requester.id, tenants.globex.given.requestId))).toBe("NOT_FOUND");
    expect(await admin.refusal(ask, about(tenants.globex.requester.id, given.requestId))).toBe("NOT_FOUND");
    expect(await admin.refusal(ask, about(requester.id, neverIssued(given.requestId)))).toBe("NOT_FOUND");
    expect(await admin.refusal(ask, about(requester.id, buildingId))).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(ask, about(requester.id, buildingId, "building.create"))).toBe("BAD_USER_INPUT");
  });

  test("of an unknown permission suggests the intended one", async () => {
    const { message, extensions } = await acme.admin.refused(whoCan, { permission: "request.raed" });
    expect(extensions?.code).toBe("BAD_USER_INPUT");
    expect(message).toContain('Did you mean "request.read"');
  });
});
