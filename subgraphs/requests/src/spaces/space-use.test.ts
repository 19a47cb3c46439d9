import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type TestUser, type SharedWeft } from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: MaintenanceTenant;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aMaintenanceTenant(weft);
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => {} });
});

afterAll(async () => {
  await owner.end();
});

const createRequest = `mutation ($input: CreateRequestInput!) {
  createRequest(input: $input) { request { id building { code } asset { tag } space { code } } } }`;
const updateRequest = `mutation ($input: UpdateRequestInput!) {
  updateRequest(input: $input) { request { building { code } asset { tag } space { code } } } }`;
const cancel = "mutation ($id: ID!) { cancelRequest(input: { id: $id }) { request { id } } }";
const createAsset = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id space { code } } } }";
const updateAsset = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { building { code } space { code } } } }";
const deleteSpace = "mutation ($id: ID!) { deleteSpace(input: { id: $id }) { id } }";

async function building(code: string, { admin }: Pick<MaintenanceTenant, "admin"> = acme): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code, name: "A house" } },
  );
  return createBuilding.building.id;
}

async function room(buildingId: string, code: string, admin: TestUser = acme.admin): Promise<string> {
  const { createSpace } = await admin.run<{ createSpace: { space: { id: string } } }>(
    "mutation ($input: CreateSpaceInput!) { createSpace(input: $input) { space { id } } }",
    { input: { buildingId, kind: "ROOM", code, name: "A room" } },
  );
  return createSpace.space.id;
}

async function asset(buildingId: string, tag: string, spaceId: string | null = null): Promise<string> {
  const input = { buildingId, tag, name: "Boiler", type: "boiler", spaceId };
  return (await acme.admin.run<{ createAsset: { asset: { id: string } } }>(createAsset, { input })).createAsset.asset.id;
}

interface Made {
  readonly id: string;
  readonly building: { code: string } | null;
  readonly space: { code: string } | null;
}

const requestInput = (place: object) => ({ input: { typeKey: "maintenance", data: { summary: "A noise", estimate: 1 }, ...place } });

const request = async (place: object): Promise<Made> =>
  (await acme.requester.run<{ createRequest: { request: Made } }>(createRequest, requestInput(place))).createRequest.request;

const placeOf = async (input: object) =>
  (await acme.requester.run<{ updateRequest: { request: Omit<Made, "id"> } }>(updateRequest, { input })).updateRequest.request;

describe("a request", () => {
  test("is about a space, which implies its building, and is found by it", async () => {
    const buildingId = await building("REQ");
    const spaceId = await room(buildingId, "R1");
    const made = await request({ spaceId });
    expect(made).toMatchObject({ building: { code: "REQ" }, asset: null, space: { code: "R1" } });
    await request({ buildingId });
    const found = await acme.admin.run(
      "query ($id: ID!) { requests(filter: { space: { eq: $id } }) { totalCount edges { node { id } } } }",
      { id: spaceId },
    );
    expect(found).toEqual({ requests: { totalCount: 1, edges: [{ node: { id: made.id } }] } });
  });

  test("about an asset is about the asset's space, unless another one is given", async () => {
    const buildingId = await building("ASSET");
    const [here, there] = [await room(buildingId, "HERE"), await room(buildingId, "THERE")];
    const assetId = await asset(buildingId, "ASSET-1", here);
    expect((await request({ assetId })).space).toEqual({ code: "HERE" });
    expect((await request({ assetId, spaceId: there })).space).toEqual({ code: "THERE" });
    expect((await request({ assetId, spaceId: null })).space).toBeNull();
  });

  test("keeps its space until its building changes or another space is given", async () => {
    const [first, second] = [await building("KEEP-1"), await building("KEEP-2")];
    const [spaceId, other] = [await room(first, "A"), await room(first, "B")];
    const { id } = await request({ spaceId });
    expect((await placeOf({ id, assetId: await asset(first, "KEEP-A") })).space).toEqual({ code: "A" });
    expect((await placeOf({ id, spaceId: other })).space).toEqual({ code: "B" });
    expect((await placeOf({ id, assetId: await asset(first, "KEEP-B", spaceId) })).space).toEqual({ code: "A" });
    expect((await placeOf({ id, spaceId: null })).space).toBeNull();
    await placeOf({ id, spaceId });
    expect(await placeOf({ id, buildingId: second, assetId: null })).toEqual({ building: { code: "KEEP-2" }, asset: null, space: null });
  });

  test("cannot be about a space of another building, of an inactive one, or of another tenant", { tags: "slow" }, async () => {
    const [here, shut] = [await building("HERE"), await building("SHUT")];
    const [elsewhere, closed] = [await room(await building("ELSEWHERE"), "E1"), await room(shut, "S1")];
    await acme.admin.run("mutation ($id: ID!) { updateBuilding(input: { id: $id, status: INACTIVE }) { building { id } } }", { id: shut });
    const theirs = await aMaintenanceTenant(weft);
    const foreign = await room(theirs.buildingId, "F1", theirs.admin);
    const message = async (place: object) => (await acme.requester.refused(createRequest, requestInput(place))).message;
    expect(await message({ buildingId: here, spaceId: elsewhere })).toBe('input.spaceId: The space "E1" is not in that building.');
    expect(await message({ spaceId: closed })).toBe(
      'input.spaceId: The building "SHUT" is inactive. Choose another one, or activate it with updateBuilding.',
    );
    expect(await message({ spaceId: foreign })).toBe(`input.spaceId: No space with the ID ${foreign} exists.`);
  });
});

describe("an asset", () => {
  test("is in a space of its building, and leaves it when it moves to another building", async () => {
    const [first, second] = [await building("MOVE-1"), await building("MOVE-2")];
    const [here, there] = [await room(first, "A"), await room(second, "B")];
    const id = await asset(first, "MOVE-A", here);
    const found = await acme.admin.run("query ($id: ID!) { assets(filter: { space: { eq: $id } }) { edges { node { tag } } } }", {
      id: here,
    });
    expect(found).toEqual({ assets: { edges: [{ node: { tag: "MOVE-A" } }] } });
    const wrong = await acme.admin.refused(updateAsset, { input: { id, spaceId: there } });
    expect(wrong.message).toBe('input.spaceId: The space "B" is not in that building.');
    const moved = (input: object) => acme.admin.run(updateAsset, { input: { id, ...input } });
    expect(await moved({ buildingId: second })).toEqual({ updateAsset: { asset: { building: { code: "MOVE-2" }, space: null } } });
    expect(await moved({ spaceId: there })).toEqual({ updateAsset: { asset: { building: { code: "MOVE-2" }, space: { code: "B" } } } });
    expect(await moved({ spaceId: null })).toEqual({ updateAsset: { asset: { building: { code: "MOVE-2" }, space: null } } });
  });

  test("leaves its space when it is transferred, as do its parts", async () => {
    const [first, second] = [await building("TRANSFER-1"), await building("TRANSFER-2")];
    const spaceId = await room(first, "A");
    const id = await asset(first, "TRANSFER-A", spaceId);
    const part = await asset(first, "TRANSFER-B", spaceId);
    await acme.admin.run(updateAsset, { input: { id: part, parentId: id } });
    const transfer = "mutation ($input: TransferAssetInput!) { transferAsset(input: $input) { asset { id } } }";
    await acme.admin.run(transfer, { input: { id, buildingId: second } });
    const places =
      "query ($a: ID!, $b: ID!) { a: asset(id: $a) { building { code } space { code } } b: asset(id: $b) { building { code } space { code } } }";
    const place = { building: { code: "TRANSFER-2" }, space: null };
    expect(await acme.admin.run(places, { a: id, b: part })).toEqual({ a: place, b: place });
  });
});

describe("a space in use", () => {
  test("is not deleted while an open request is about it or an asset in service is in it", async () => {
    const buildingId = await building("USED");
    const spaceId = await room(buildingId, "U1");
    const assetId = await asset(buildingId, "USED-1", spaceId);
    const { id } = await request({ spaceId });
    const error = await acme.admin.refused(deleteSpace, { id: spaceId });
    expect(error.message).toBe(
      'The space "U1" cannot be deleted while it has 1 open request, 1 asset that is not decommissioned. Close, move, pause, or delete them first.',
    );
    expect(error.extensions).toMatchObject({ code: "CONFLICT", dependents: { openRequests: 1, assets: 1 } });
    await acme.requester.run(cancel, { id });
    await acme.admin.run(updateAsset, { input: { id: assetId, status: "DECOMMISSIONED" } });
    await acme.admin.run(deleteSpace, { id: spaceId });
    const read = await acme.admin.run("query ($r: ID!, $a: ID!) { request(id: $r) { space { code } } asset(id: $a) { space { code } } }", {
      r: id,
      a: assetId,
    });
    expect(read).toEqual({ request: { space: null }, asset: { space: null } });
  });

  test("takes no request and no asset that are created while it is being deleted: they wait, and are refused", async () => {
    const buildingId = await building("RACE");
    const spaceId = await room(buildingId, "R1");
    const uuid = decodeId("space", spaceId);
    const writing = await owner.begin(async (sql) => {
      // Same as in deleteSpace: the row is locked first.
      await sql`select from requests.spaces where id = ${uuid} for update`;
      await sql`update requests.spaces set deleted_at = now() where id = ${uuid}`;
      const answers = [
        acme.requester.send(createRequest, requestInput({ spaceId })),
        acme.admin.send(createAsset, { input: { buildingId, spaceId, tag: "RACE-1", name: "Boiler", type: "boiler" } }),
      ];
      const areWaiting = async (): Promise<boolean> =>
        (await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%keepSpace%' and pid <> pg_backend_pid()`)
          .length === 2;
      await until(areWaiting, { what: "both wait for the space", deadlineMs: 4_000 });
      return { answers };
    });
    for (const { errors } of await Promise.all(writing.answers)) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.spaceId" }] });
    }
  });
});

describe("a vendor's user", () => {
  test("sees the space of a request that is assigned to the vendor, and of no other", async () => {
    const { id } = await acme.request("assigned");
    const spaceId = await room(acme.buildingId, "V1");
    await acme.admin.run(updateRequest, { input: { id, spaceId } });
    const seen = await acme.vendor.user.run("{ requests { edges { node { space { code } } } } }");
    expect(seen).toEqual({ requests: { edges: [{ node: { space: { code: "V1" } } }] } });
    const hidden = await room(await building("HIDDEN"), "H1");
    await request({ spaceId: hidden });
    const listed = await acme.vendor.user.run("query ($id: ID!) { requests(filter: { space: { eq: $id } }) { totalCount } }", {
      id: hidden,
    });
    expect(listed).toEqual({ requests: { totalCount: 0 } });
  });
});
