import { encodeId, newId } from "@weft/shared/ids";
import { sharedWeft, type SharedWeft } from "@weft/testkit";
import { openLive } from "@weft/testkit/live/live-client";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
beforeAll(async () => {
  weft = await sharedWeft();
});

const nodeQuery = `query ($id: ID!) { node(id: $id) { __typename id ... on Building { name auditTrail { totalCount } } ... on User { name } ... on AuditEntry { action } } }`;
const nodesQuery = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }`;

test("every entity is found by its ID alone, through the subgraph that owns it", async () => {
  const acme = await weft.tenant();
  const { buildingId, assetId, typeId, definitionId } = await acme.maintenance();
  expect(await acme.admin.run(nodeQuery, { id: buildingId })).toEqual({
    node: { __typename: "Building", id: buildingId, name: "Headquarters", auditTrail: { totalCount: 1 } },
  });
  const ids = [assetId, acme.admin.id, typeId, definitionId, encodeId("tenant", acme.id)];
  const { nodes } = await acme.admin.run<{ nodes: { __typename: string; id: string }[] }>(nodesQuery, { ids });
  expect(nodes).toEqual(["Asset", "User", "RequestType", "Definition", "Tenant"].map((__typename, at) => ({ __typename, id: ids[at] })));
});

test("entries and notifications of the audit subgraph are nodes as well", async () => {
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

test("A3: ids of another tenant, hidden ids and ids never issued are NOT_FOUND in the same words; forged and other ids are refused", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const { buildingId } = await acme.maintenance();
  const asked = [buildingId, acme.admin.id, encodeId("building", newId()), encodeId("notification", newId())];
  for (const id of asked) {
    const { data, errors } = await globex.admin.send(nodeQuery, { id });
    expect(data?.["node"]).toBeNull();
    expect(errors?.map(({ message, path, extensions }) => [message, path, extensions?.code])).toEqual([
      [`No Node with the ID "${id}" exists.`, ["node"], "NOT_FOUND"],
    ]);
  }
  const { user: vendorUser } = await acme.vendor();
  expect(await vendorUser.refusal(nodeQuery, { id: buildingId })).toBe("NOT_FOUND");
  const { nodes } = await globex.admin.run<{ nodes: unknown[] }>(nodesQuery, { ids: [buildingId, globex.admin.id] });
  expect(nodes).toEqual([null, { __typename: "User", id: globex.admin.id }]);
  for (const id of ["", "x", `${buildingId}0`, "bld_", "a".repeat(10_000), encodeId("session", newId())]) {
    expect(await globex.admin.refusal(nodeQuery, { id }), id.slice(0, 50)).toBe("BAD_USER_INPUT");
  }
  expect(await globex.admin.refusal(nodesQuery, { ids: Array.from({ length: 101 }, () => buildingId) })).toBe("BAD_USER_INPUT");
});

test("A3: each of several nodes is reported separately, through aliases, fragments and literals", async () => {
  const [acme, globex] = [await weft.tenant(), await weft.tenant()];
  const { buildingId, assetId } = await acme.maintenance();
  const query = `query ($b: ID!, $own: ID!, $no: Boolean!) {
    own: node(id: $own) { id } ...others ... { skipped: node(id: $b) @include(if: $no) { id } } nodes(ids: [$b, $own]) { id }
  } fragment others on Query { b: node(id: $b) { id } a: node(id: "${assetId}") { ... on Asset { name } } }`;
  const { data, errors = [] } = await globex.admin.send(query, { b: buildingId, own: globex.admin.id, no: false });
  expect(data).toEqual({ own: { id: globex.admin.id }, b: null, a: null, nodes: [null, { id: globex.admin.id }] });
  expect(errors.map(({ path, extensions }) => [path, extensions?.code])).toEqual([
    [["b"], "NOT_FOUND"],
    [["a"], "NOT_FOUND"],
  ]);
});

test("A3: the answers over WebSocket are the same as over HTTP", async () => {
  const { admin } = await weft.tenant();
  const live = await openLive(weft.url, { token: admin.token });
  const id = encodeId("building", newId());
  live.send({ id: "1", type: "subscribe", payload: { query: nodeQuery, variables: { id } } });
  const { payload } = await live.message(({ type }) => type === "next");
  expect(payload).toMatchObject({ data: { node: null }, errors: [{ path: ["node"], extensions: { code: "NOT_FOUND" } }] });
  live.close();
});

test("the target of an entry is hidden from users who cannot see it, but the entry is not", async () => {
  const acme = await weft.tenant();
  const { buildingId } = await acme.maintenance();
  const query = `query ($id: ID!) { auditEntries(filter: { entityId: { eq: $id } }) { edges { node { entity { id } actor { id } } } } }`;
  expect(await acme.admin.run(query, { id: buildingId })).toEqual({
    auditEntries: { edges: [{ node: { entity: { id: buildingId }, actor: { id: acme.admin.id } } }] },
  });
});
