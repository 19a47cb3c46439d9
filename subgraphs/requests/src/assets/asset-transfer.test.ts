import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let olga: TestUser;
let home: string;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant("Acme");
  ({ buildingId: home } = await acme.maintenance());
  olga = await acme.user("operations");
});

const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }";
const transfer = "mutation ($input: TransferAssetInput!) { transferAsset(input: $input) { asset { id version building { id } } } }";
const history = `query ($id: ID!) { asset(id: $id) { building { id } transfers { totalCount edges { node {
  reason from { id } to { id } movedWith { id } transferredBy { id } } } } } }`;

let made = 0;
async function asset(values: object = {}): Promise<string> {
  const input = { buildingId: home, tag: `TR-${(made += 1)}`, name: "Pump", type: "pump", ...values };
  return (await olga.run<{ createAsset: { asset: { id: string } } }>(create, { input })).createAsset.asset.id;
}

async function building(): Promise<string> {
  const input = { code: `B-${(made += 1)}`, name: "Another building" };
  const { createBuilding } = await olga.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input },
  );
  return createBuilding.building.id;
}

const historyOf = (id: string) =>
  olga.run<{ asset: { building: object; transfers: { totalCount: number; edges: { node: object }[] } } }>(history, { id });

describe("transfers of assets", () => {
  test("keep where an asset was, when, by whom and why", async () => {
    const [id, second, third] = [await asset(), await building(), await building()];
    await olga.run(transfer, { input: { id, buildingId: second, reason: "Needed there" } });
    await acme.admin.run("mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }", {
      input: { id, buildingId: third },
    });
    const { asset: found } = await historyOf(id);
    expect(found.building).toEqual({ id: third });
    expect(found.transfers.edges.map(({ node }) => node)).toEqual([
      { reason: null, from: { id: second }, to: { id: third }, movedWith: null, transferredBy: { id: acme.admin.id } },
      { reason: "Needed there", from: { id: home }, to: { id: second }, movedWith: null, transferredBy: { id: olga.id } },
    ]);
  });

  test("move the parts that are in the same building, unless they are to stay", async () => {
    const [target, elsewhere] = [await building(), await building()];
    const whole = await asset();
    const part = await asset({ parentId: whole });
    const deeper = await asset({ parentId: part });
    const lent = await asset({ parentId: whole, buildingId: elsewhere });
    await olga.run(transfer, { input: { id: whole, buildingId: target } });
    for (const id of [part, deeper]) {
      const { asset: found } = await historyOf(id);
      expect(found).toMatchObject({ building: { id: target }, transfers: { edges: [{ node: { movedWith: { id: whole } } }] } });
    }
    expect((await historyOf(lent)).asset).toMatchObject({ building: { id: elsewhere }, transfers: { totalCount: 0 } });
    await olga.run(transfer, { input: { id: whole, buildingId: home, includesChildren: false } });
    expect((await historyOf(part)).asset).toMatchObject({ building: { id: target }, transfers: { totalCount: 1 } });
  });

  test("have one winner: others who transfer the asset at the same time get a conflict", async () => {
    const [id, ...targets] = [await asset(), await building(), await building(), await building()];
    const input = { id, expectedVersion: 1 };
    const answers = await Promise.all(targets.map((buildingId) => olga.send(transfer, { input: { ...input, buildingId } })));
    const refusals = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code));
    expect(refusals).toEqual(["CONFLICT", "CONFLICT"]);
    expect((await historyOf(id)).asset.transfers.totalCount).toBe(1);
  });

  test("are refused to an inactive building, and to the one where the asset is", async () => {
    const [id, closed] = [await asset(), await building()];
    await olga.run("mutation ($id: ID!) { updateBuilding(input: { id: $id, status: INACTIVE }) { building { id } } }", { id: closed });
    for (const buildingId of [closed, home]) {
      const error = await olga.refused(transfer, { input: { id, buildingId } });
      expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.buildingId" }] });
    }
  });

  test("cannot be made by another tenant, nor to a building of another tenant", async () => {
    const id = await asset();
    const globex = await weft.tenant("Globex");
    const { buildingId } = await globex.maintenance();
    expect(await globex.admin.refusal(transfer, { input: { id, buildingId } })).toBe("NOT_FOUND");
    expect(await olga.refusal(transfer, { input: { id, buildingId } })).toBe("BAD_USER_INPUT");
    const requester = await acme.user("requester");
    expect(await requester.refusal(transfer, { input: { id, buildingId: await building() } })).toBe("FORBIDDEN");
  });
});
