import { decodeId, encodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { aMaintenanceTenant } from "@weft/testkit/tenants/maintenance-tenant";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

interface Entry {
  id: string;
  action: string;
  entityType: string;
  entityId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  address: string | null;
  actor: { id: string; name: string } | null;
  entity: { __typename: string; id: string; name?: string } | null;
}
interface Entries {
  auditEntries: { totalCount: number; edges: { cursor: string; node: Entry }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

interface Nodes {
  edges: { node: Record<string, unknown> }[];
}

const entriesQuery = `query ($filter: AuditEntryFilter, $first: Int, $after: String) {
  auditEntries(filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { cursor node { id action entityType entityId before after address actor { id name } entity { __typename id ... on Building { name } } } }
  }
}`;

const createBuilding = `mutation ($code: String!) { createBuilding(input: { code: $code, name: "House" }) { building { id version } } }`;
const renameBuilding = `mutation ($id: ID!, $name: String!) { updateBuilding(input: { id: $id, name: $name }) { building { id version } } }`;

async function aBuilding(user: Awaited<ReturnType<SharedWeft["tenant"]>>["admin"], code = "B1"): Promise<string> {
  return (await user.run<{ createBuilding: { building: { id: string } } }>(createBuilding, { code })).createBuilding.building.id;
}

test("a change has one entry with the actor, the action, the values before and after, and the current entity", async () => {
  const { admin } = await weft.tenant();
  const id = await aBuilding(admin);
  await admin.run(renameBuilding, { id, name: "Tower" });
  const { auditEntries } = await admin.run<Entries>(entriesQuery, { filter: { entityId: { eq: id } } });
  expect(auditEntries.totalCount).toBe(2);
  expect(auditEntries.edges.map(({ node }) => node)).toMatchObject([
    {
      action: "building.update",
      entityType: "BUILDING",
      entityId: id,
      before: { name: "House", version: 1 },
      after: { name: "Tower", version: 2 },
      actor: { id: admin.id },
      entity: { __typename: "Building", id, name: "Tower" },
    },
    { action: "building.create", before: null, after: { name: "House", code: "B1" } },
  ]);
});

test("each field has the same value selected alone as among all, in lists and in trails", { tags: "slow" }, async () => {
  const { admin } = await weft.tenant();
  const id = await aBuilding(admin);
  await admin.run(renameBuilding, { id, name: "Tower" });
  // Otherwise the entries are sealed meanwhile, and get their places in the chain.
  await weft.weft.worker.idle();
  const { __type } = await admin.run<{ __type: { fields: { name: string; type: { kind: string; ofType: { kind: string } | null } }[] } }>(
    '{ __type(name: "AuditEntry") { fields { name type { kind ofType { kind } } } } }',
  );
  const isObject = (kind: string): boolean => ["OBJECT", "INTERFACE", "UNION"].includes(kind);
  const fields = __type.fields.map(({ name, type }) => (isObject(type.ofType?.kind ?? type.kind) ? `${name} { __typename id }` : name));
  const valuesOf = async (selection: string): Promise<Record<string, unknown>[]> => {
    const { auditEntries, building } = await admin.run<{ auditEntries: Nodes; building: { auditTrail: Nodes } }>(
      `query ($id: ID!) {
        auditEntries(first: 5) { edges { node { ${selection} } } }
        building(id: $id) { auditTrail(first: 5) { edges { node { ${selection} } } } }
      }`,
      { id },
    );
    return [auditEntries, building.auditTrail].flatMap(({ edges }) => edges.map(({ node }) => node));
  };
  const all = await valuesOf(fields.join(" "));
  expect(all.length).toBeGreaterThan(4);
  expect(all.some((entry) => entry["address"] === "127.0.0.1")).toBe(true);
  for (const field of fields) {
    const [name = ""] = field.split(" ");
    expect(await valuesOf(field)).toEqual(all.map((entry) => ({ [name]: entry[name] })));
  }
});

test("entries are filtered by entity, actor, action and time, and paginated newest first", async () => {
  const acme = await weft.tenant();
  const olga = await acme.user("operations");
  const ids = [await aBuilding(acme.admin, "A"), await aBuilding(olga, "B"), await aBuilding(olga, "C")];
  const of = async (filter: object) =>
    (await acme.admin.run<Entries>(entriesQuery, { filter })).auditEntries.edges.map(({ node }) => node.entityId);
  expect(await of({ action: { eq: "building.create" } })).toEqual(ids.toReversed());
  expect(await of({ actorId: { eq: olga.id }, action: { eq: "building.create" } })).toEqual([ids[2], ids[1]]);
  expect(await of({ entityType: { eq: "BUILDING" }, entityId: { in: ids.slice(0, 2) } })).toEqual([ids[1], ids[0]]);
  expect(await of({ action: { eq: "building.create" }, at: { lt: "2000-01-01T00:00:00Z" } })).toEqual([]);
  const filter = { action: { eq: "building.create" } };
  const first = (await acme.admin.run<Entries>(entriesQuery, { filter, first: 2 })).auditEntries;
  const second = (await acme.admin.run<Entries>(entriesQuery, { filter, first: 2, after: first.pageInfo.endCursor })).auditEntries;
  expect([...first.edges, ...second.edges].map(({ node }) => node.entityId)).toEqual(ids.toReversed());
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
});

test("entries of a period are paginated newest first, forwards and backwards", async () => {
  const { admin } = await weft.tenant();
  const ids: string[] = [];
  for (const code of ["A", "B", "C", "D", "E"]) ids.push(await aBuilding(admin, code));
  const query = `query ($first: Int, $after: String, $last: Int, $before: String) {
    auditEntries(first: $first, after: $after, last: $last, before: $before, filter: { action: { eq: "building.create" }, at: { gte: "2000-01-01T00:00:00Z" } }) {
      totalCount pageInfo { startCursor endCursor } edges { node { entityId } } } }`;
  interface Periods {
    auditEntries: { totalCount: number; pageInfo: { startCursor: string; endCursor: string }; edges: { node: { entityId: string } }[] };
  }
  const page = async (args: Readonly<Record<string, string | number>>) => {
    const { auditEntries } = await admin.run<Periods>(query, args);
    expect(auditEntries.totalCount).toBe(5);
    return { ...auditEntries.pageInfo, ids: auditEntries.edges.map(({ node }) => node.entityId) };
  };
  const first = await page({ first: 2 });
  const second = await page({ first: 3, after: first.endCursor });
  expect([...first.ids, ...second.ids]).toEqual(ids.toReversed());
  expect((await page({ last: 2, before: second.startCursor })).ids).toEqual(first.ids);
  expect((await page({ last: 3 })).ids).toEqual(second.ids);
});

test("personal values are readable for users with the permission, and gone once the person's key is destroyed", async () => {
  const acme = await weft.tenant();
  const bob = await acme.user("requester", { name: "Marker Bob" });
  const read = async () =>
    (await acme.admin.run<Entries>(entriesQuery, { filter: { entityId: { eq: bob.id }, action: { eq: "user.create" } } })).auditEntries
      .edges[0]?.node;
  expect(await read()).toMatchObject({ after: { name: "Marker Bob", email: bob.login }, address: "127.0.0.1" });
  const { databases, keyring } = weft.weft.services;
  await asTenant(databases.app, { tenantId: acme.id }, "write", (tx) => keyring.destroy(tx, acme.id, decodeId("user", bob.id)));
  expect(await read()).toMatchObject({ after: { name: "[erased]", email: "[erased]" } });
});

test(
  "each entity has its audit trail, with pages; twenty entities take the same number of statements as one",
  { tags: "slow" },
  async () => {
    const { admin } = await weft.tenant();
    const ids: string[] = [];
    for (let n = 0; n < 20; n++) ids.push(await aBuilding(admin, `B${n}`));
    const [one = ""] = ids;
    for (const name of ["One", "Two", "Three"]) await admin.run(renameBuilding, { id: one, name });
    const trail = `query ($id: ID!, $after: String) { building(id: $id) { auditTrail(first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { action after } } } } }`;
    interface Trail {
      building: {
        auditTrail: {
          totalCount: number;
          pageInfo: { endCursor: string; hasNextPage: boolean };
          edges: { node: { action: string; after: { name: string } } }[];
        };
      };
    }
    const first = (await admin.run<Trail>(trail, { id: one })).building.auditTrail;
    expect(first.totalCount).toBe(4);
    expect(first.edges.map(({ node }) => node.after.name)).toEqual(["Three", "Two"]);
    const second = (await admin.run<Trail>(trail, { id: one, after: first.pageInfo.endCursor })).building.auditTrail;
    expect(second.edges.map(({ node }) => node.after.name)).toEqual(["One", "House"]);
    expect(second.pageInfo.hasNextPage).toBe(false);

    const list = `query ($first: Int) { buildings(first: $first) { edges { node { id auditTrail(first: 3) { totalCount edges { node { action actor { name } } } } } } } }`;
    const count = (items: number) => weft.statementCount(() => admin.run(list, { first: items }));
    expect(await count(20)).toBe(await count(1));
  },
);

test("the trail of a request includes its workflow: submission, decisions and data, in words and with the IDs of the API", async () => {
  const acme = await aMaintenanceTenant(weft);
  const { buildingId } = acme;
  const request = await acme.request("approved");
  interface Trail {
    request: {
      auditTrail: {
        totalCount: number;
        pageInfo: { endCursor: string; hasNextPage: boolean };
        edges: { node: { action: string; summary: string; entityType: string; after: Record<string, unknown> | null } }[];
      };
    };
  }
  const trail = `query ($id: ID!, $first: Int, $after: String) { request(id: $id) { auditTrail(first: $first, after: $after) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { action summary entityType after } } } } }`;
  const read = async (variables: object) => (await acme.admin.run<Trail>(trail, { id: request.id, ...variables })).request.auditTrail;
  const all = await read({ first: 50 });
  const entries = all.edges.map(({ node }) => node);
  expect(new Set(entries.map(({ entityType }) => entityType))).toEqual(new Set(["REQUEST", "INSTANCE"]));
  expect(entries.map(({ action }) => action)).toEqual(expect.arrayContaining(["request.create", "workflow.start", "workflow.fire"]));
  expect(entries.find(({ action }) => action === "workflow.fire")?.summary).toMatch(/^Moved from "\w+" to "\w+"\./);
  expect(entries.find(({ action }) => action === "request.create")?.summary).toBe("Created the request.");
  expect(entries.find(({ action }) => action === "request.create")?.after).toMatchObject({ id: request.id, buildingId });
  expect(entries.find(({ action }) => action === "workflow.start")?.after).toMatchObject({
    subjectId: request.id,
    ownerId: acme.requester.id,
  });
  expect(JSON.stringify(entries.map(({ after }) => ({ ...after, doneBy: null })))).not.toMatch(/"[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(all.totalCount).toBe(entries.length);
  const pages: unknown[] = [];
  for (let after: string | undefined, more = true; more;) {
    const { edges, pageInfo } = await read({ first: 2, after });
    pages.push(...edges.map(({ node }) => node));
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  expect(pages).toEqual(entries);
});

test("an action has one spelling, and is found under it and under the one in which it is stored", async () => {
  const { admin } = await weft.tenant();
  const id = await aBuilding(admin);
  await admin.run(
    "mutation ($id: ID!, $userId: ID!) { assignBuildingUsers(input: { buildingId: $id, userIds: [$userId] }) { building { id } } }",
    { id, userId: admin.id },
  );
  const actionsBy = async (action: object) =>
    (await admin.run<Entries>(entriesQuery, { filter: { action } })).auditEntries.edges.map(({ node }) => node.action);
  expect(await actionsBy({ eq: "building.assignUsers" })).toEqual(["building.assignUsers"]);
  expect(await actionsBy({ in: ["building.assign_users", "building.none"] })).toEqual(["building.assignUsers"]);
  expect(await actionsBy({ contains: "assignUsers" })).toEqual(["building.assignUsers"]);
  expect(await actionsBy({ ne: "building.assignUsers" })).not.toContain("building.assignUsers");
});

describe("another tenant, and users without the permission", () => {
  test("entries and trails of another tenant are not found", async () => {
    const [acme, globex] = [await weft.tenant(), await weft.tenant()];
    const id = await aBuilding(acme.admin);
    const { auditEntries } = await globex.admin.run<Entries>(entriesQuery, { filter: { entityId: { eq: id } } });
    expect(auditEntries).toMatchObject({ totalCount: 0, edges: [] });
    const all = await globex.admin.run<Entries>(entriesQuery, { first: 100 });
    expect(all.auditEntries.edges.some(({ node }) => node.entityId === id)).toBe(false);
    const mine = await acme.admin.run<Entries>(entriesQuery, { first: 1 });
    expect(await globex.admin.refusal(entriesQuery, { after: mine.auditEntries.edges[0]?.cursor })).toBe("BAD_USER_INPUT");
  });

  test("a requester and a vendor's user are refused", async () => {
    const acme = await weft.tenant();
    const id = await aBuilding(acme.admin);
    const requester = await acme.user("requester");
    const { user: vendorUser } = await acme.vendor();
    for (const user of [requester, vendorUser]) {
      expect(await user.refusal(entriesQuery)).toBe("FORBIDDEN");
    }
    expect(await requester.refusal(`query ($id: ID!) { building(id: $id) { auditTrail { totalCount } } }`, { id })).toBe("FORBIDDEN");
  });

  test("invalid IDs and IDs of types that are not audited are refused with their path", async () => {
    const { admin } = await weft.tenant();
    for (const eq of ["nonsense", encodeId("event", newId())]) {
      expect(await admin.refused(entriesQuery, { filter: { entityId: { eq } } })).toMatchObject({
        extensions: { code: "BAD_USER_INPUT", problems: [{ path: "filter.entityId.eq" }] },
      });
    }
  });
});
