import { encodeId, newId } from "@weft/shared";
import { startTestWeft, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft();
});
afterAll(() => weft.stop());

const nodeQuery = `query ($id: ID!) { node(id: $id) { __typename id ... on Building { name auditTrail { totalCount } } ... on User { name } ... on AuditEntry { action } } }`;
const nodesQuery = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`;

test("anything is found by its id alone, through its owner", async () => {
  const acme = await weft.tenant();
  const { buildingId, assetId, typeId, definitionId } = await acme.maintenance();
  expect(await acme.admin.run(nodeQuery, { id: buildingId })).toEqual({
    node: { __typename: "Building", id: buildingId, name: "Headquarters", auditTrail: { totalCount: 1 } },
  });
  const ids = [assetId, acme.admin.id, typeId, definitionId, encodeId("tenant", acme.id)];
  const { nodes } = await acme.admin.run<{ nodes: { __typename: string; id: string }[] }>(nodesQuery, { ids });
  expect(nodes).toEqual(["Asset", "User", "RequestType", "Definition", "Tenant"].map((__typename, at) => ({ __typename, id: ids[at] })));
});

test("entries and notifications of the audit subgraph are nodes too", async () => {
  const { admin } = await weft.tenant();
  const { auditEntries } = await admin.run<{ auditEntries: { edges: { node: { id: string; action: string } }[] } }>(
    "{ auditEntries(first: 1) { edges { node { id action } } } }",
  );
  const entry = auditEntries.edges[0]?.node;
  expect(await admin.run(nodeQuery, { id: entry?.id })).toEqual({
    node: { __typename: "AuditEntry", id: entry?.id, action: entry?.action },
  });
  expect(await admin.refusal(nodeQuery, { id: encodeId("notification", newId()) })).toBe("NOT_FOUND");
});

test("A3: ids of another tenant and ids never issued look alike; forged and other ids are refused", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const { buildingId } = await acme.maintenance();
  const foreign = await globex.admin.send(nodeQuery, { id: buildingId });
  const never = await globex.admin.send(nodeQuery, { id: encodeId("building", newId()) });
  expect(foreign.data).toEqual(never.data);
  expect(foreign.data?.["node"] ?? null).toBeNull();
  expect(foreign.errors?.map((error) => error.extensions?.code)).toEqual(never.errors?.map((error) => error.extensions?.code));
  const { nodes } = await globex.admin.run<{ nodes: unknown[] }>(nodesQuery, { ids: [buildingId, globex.admin.id] });
  expect(nodes).toEqual([null, { __typename: "User", id: globex.admin.id }]);
  for (const id of ["", "x", `${buildingId}0`, "bld_", "a".repeat(10_000), encodeId("session", newId())]) {
    expect(await globex.admin.refusal(nodeQuery, { id }), id.slice(0, 50)).toBe("BAD_USER_INPUT");
  }
  expect(await globex.admin.refusal(nodesQuery, { ids: Array.from({ length: 101 }, () => buildingId) })).toBe("BAD_USER_INPUT");
});

test("what an entry was done to is hidden from who may not see it, though not the entry", async () => {
  const acme = await weft.tenant();
  const { buildingId } = await acme.maintenance();
  const query = `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { entity { id } actor { id } } } } }`;
  expect(await acme.admin.run(query, { id: buildingId })).toEqual({
    auditEntries: { edges: [{ node: { entity: { id: buildingId }, actor: { id: acme.admin.id } } }] },
  });
});
