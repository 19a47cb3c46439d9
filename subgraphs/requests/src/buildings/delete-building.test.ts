import { decodeId } from "@weft/shared/ids";
import { aMaintenanceTenant, type MaintenanceTenant, sharedWeft, type SharedWeft } from "@weft/testkit";
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

const create = "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }";
const update = "mutation ($input: UpdateBuildingInput!) { updateBuilding(input: $input) { building { code status } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteBuilding(input: $input) { id } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreBuilding(input: $input) { building { code status version } } }";
const read = "query ($id: ID!) { building(id: $id) { code } }";
const list = "query ($filter: BuildingFilter) { buildings(filter: $filter, first: 100) { totalCount edges { node { code } } } }";
const createAsset = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
const updateAsset = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id building { id } } } }";
const createRequest = "mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }";
const cancel = "mutation ($input: CancelRequestInput!) { cancelRequest(input: $input) { request { id building { id } } } }";

async function building(code: string, { admin }: Pick<MaintenanceTenant, "admin"> = acme): Promise<string> {
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(create, {
    input: { code, name: "A house" },
  });
  return createBuilding.building.id;
}

async function asset(buildingId: string, tag: string): Promise<string> {
  const input = { buildingId, tag, name: "Boiler", type: "boiler" };
  return (await acme.admin.run<{ createAsset: { asset: { id: string } } }>(createAsset, { input })).createAsset.asset.id;
}

const requestIn = (place: object) => ({ input: { typeKey: "maintenance", data: { summary: "A noise", estimate: 1 }, ...place } });

describe("a deleted building", () => {
  test(
    "is gone from lists, counts, search, and reading by ID, and its references are null, until it is restored",
    { tags: "slow" },
    async () => {
      const id = await building("GONE");
      const assetId = await asset(id, "GONE-1");
      const made = await acme.requester.run<{ createRequest: { request: { id: string } } }>(createRequest, requestIn({ buildingId: id }));
      const requestId = made.createRequest.request.id;
      await acme.requester.run(cancel, { input: { id: requestId, comment: "Nothing" } });
      await acme.admin.run(updateAsset, { input: { id: assetId, status: "DECOMMISSIONED" } });
      const references = () =>
        acme.admin.run<object>(
          "query ($r: ID!, $a: ID!, $b: ID!) { request(id: $r) { building { code } } asset(id: $a) { building { code } } node(id: $b) { id } }",
          { r: requestId, a: assetId, b: id },
        );
      const found = () => acme.admin.run<object>(list, { filter: { search: { contains: "gone" } } });
      const present = [
        { request: { building: { code: "GONE" } }, asset: { building: { code: "GONE" } }, node: { id } },
        { buildings: { totalCount: 1, edges: [{ node: { code: "GONE" } }] } },
      ];
      expect([await references(), await found()]).toEqual(present);

      expect(await acme.admin.run(remove, { input: { id, expectedVersion: 1 } })).toEqual({ deleteBuilding: { id: id } });
      expect(await acme.admin.refusal(read, { id })).toBe("NOT_FOUND");
      expect(await acme.admin.refusal(update, { input: { id, name: "Back" } })).toBe("NOT_FOUND");
      expect(await acme.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
      const { data } = await acme.admin.send<{ request: object; asset: object; node: null }>(
        "query ($r: ID!, $a: ID!, $b: ID!) { request(id: $r) { building { code } } asset(id: $a) { building { code } } node(id: $b) { id } }",
        { r: requestId, a: assetId, b: id },
      );
      expect(data).toEqual({ request: { building: null }, asset: { building: null }, node: null });
      expect(await found()).toEqual({ buildings: { totalCount: 0, edges: [] } });

      expect(await acme.admin.run(restore, { input: { id, expectedVersion: 2 } })).toEqual({
        restoreBuilding: { building: { code: "GONE", status: "ACTIVE", version: 3 } },
      });
      expect([await references(), await found()]).toEqual(present);
      expect(await acme.admin.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
      const { building: audited } = await acme.admin.run<{ building: { auditTrail: { edges: { node: { action: string } }[] } } }>(
        "query ($id: ID!) { building(id: $id) { auditTrail(first: 3) { edges { node { action } } } } }",
        { id },
      );
      expect(audited.auditTrail.edges.map(({ node }) => node.action)).toEqual(["building.restore", "building.delete", "building.create"]);
    },
  );

  test("makes its code available, and is restored once no other building has it", async () => {
    const id = await building("CODE");
    await acme.admin.run(remove, { input: { id } });
    const successor = await building("CODE");
    const error = await acme.admin.refused(restore, { input: { id } });
    expect(error.extensions?.["problems"]).toEqual([
      {
        path: "input.id",
        message: 'Another building has the code "CODE" now. Change its code with updateBuilding, and then restore this building.',
      },
    ]);
    await acme.admin.run(update, { input: { id: successor, code: "CODE-2" } });
    await acme.admin.run(restore, { input: { id } });
  });

  test("takes no request and no asset that are created while it is being deleted: they wait, and are refused", async () => {
    const id = await building("RACE");
    const uuid = decodeId("building", id);
    const writing = await owner.begin(async (sql) => {
      // Same as in deleteBuilding: the row is locked first.
      await sql`select from requests.buildings where id = ${uuid} for update`;
      await sql`update requests.buildings set deleted_at = now() where id = ${uuid}`;
      const answers = [
        acme.requester.send(createRequest, requestIn({ buildingId: id })),
        acme.admin.send(createAsset, { input: { buildingId: id, tag: "RACE-1", name: "Boiler", type: "boiler" } }),
      ];
      const areWaiting = async (): Promise<boolean> =>
        (
          await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%keepBuilding%' and pid <> pg_backend_pid()`
        ).length === 2;
      await until(areWaiting, { what: "both wait for the building", deadlineMs: 4_000 });
      return { answers };
    });
    for (const { errors } of await Promise.all(writing.answers)) {
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.buildingId" }] });
    }
  });
});

describe("deleting a building", () => {
  test("is refused while it is in use, with everything that uses it", async () => {
    const id = await building("BUSY");
    await asset(id, "BUSY-1");
    const used = await asset(id, "BUSY-2");
    await acme.requester.run(createRequest, requestIn({ assetId: used }));
    const error = await acme.admin.refused(remove, { input: { id } });
    expect(error.message).toBe(
      'The building "BUSY" cannot be deleted while it has 1 open request, 2 assets that are not decommissioned. Close, move, pause, cancel, or delete them first, or set the building\'s status to INACTIVE so that nothing new is added.',
    );
    expect(error.extensions).toMatchObject({ code: "CONFLICT", dependents: { openRequests: 1, assets: 2 } });
    expect(await acme.admin.run(read, { id })).toEqual({ building: { code: "BUSY" } });
  });

  test("reports a conflict for an old version, and requires building.delete", async () => {
    const id = await building("GUARDED");
    const conflict = await acme.admin.refused(remove, { input: { id, expectedVersion: 7 } });
    expect(conflict.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 1 });
    expect(await acme.requester.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
    await acme.operations.run(remove, { input: { id } });
    expect(await acme.manager.refusal(restore, { input: { id } })).toBe("FORBIDDEN");
    await acme.operations.run(restore, { input: { id } });
  });
});

describe("an inactive building", () => {
  test("takes no new requests, by itself or by its assets, and keeps those that it has", async () => {
    const id = await building("SHUT");
    const assetId = await asset(id, "SHUT-1");
    const created = await acme.requester.run<{ createRequest: { request: { id: string } } }>(createRequest, requestIn({ buildingId: id }));
    await acme.admin.run(update, { input: { id, status: "INACTIVE" } });
    const byBuilding = await acme.requester.refused(createRequest, requestIn({ buildingId: id }));
    expect(byBuilding.message).toBe(
      'input.buildingId: The building "SHUT" is inactive. Choose another one, or activate it with updateBuilding.',
    );
    const byAsset = await acme.requester.refused(createRequest, requestIn({ assetId }));
    expect(byAsset.message).toBe("input.assetId: The building of this asset is inactive or deleted.");
    const move = "mutation ($input: UpdateRequestInput!) { updateRequest(input: $input) { request { asset { tag } } } }";
    const elsewhere = await acme.requester.run<{ createRequest: { request: { id: string } } }>(createRequest, requestIn({}));
    expect(await acme.requester.refusal(move, { input: { id: elsewhere.createRequest.request.id, buildingId: id } })).toBe(
      "BAD_USER_INPUT",
    );
    expect(await acme.requester.run(move, { input: { id: created.createRequest.request.id, assetId } })).toEqual({
      updateRequest: { request: { asset: { tag: "SHUT-1" } } },
    });
  });
});

describe("another tenant", () => {
  test("neither deletes nor restores a building", async () => {
    const theirs = await weft.tenant();
    const id = await building("OURS");
    expect(await theirs.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    await acme.admin.run(remove, { input: { id } });
    expect(await theirs.admin.refusal(restore, { input: { id } })).toBe("NOT_FOUND");
    await acme.admin.run(restore, { input: { id } });
  });
});
