import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AsOfKit,
  between,
  change,
  make,
  newRequest,
  readAgain,
  startAsOfKit,
  stopAsOfKit,
  tellStory,
} from "@weft/testkit/as-of/as-of-story";

let kit: AsOfKit;

beforeAll(async () => {
  kit = await startAsOfKit();
});

afterAll(() => stopAsOfKit(kit));

test("a request and an asset as of any time are what was read then", { tags: "slow" }, async () => {
  const told = await tellStory(kit, 11);
  const states = told.snapshots.map(({ seen }) => (seen as { request: { state: string; status: string } }).request);
  expect(new Set(told.snapshots.map(({ seen }) => JSON.stringify(seen))).size).toBeGreaterThan(30);
  expect(new Set(states.map(({ state }) => state)).size).toBeGreaterThan(4);
  expect(new Set(states.map(({ status }) => status))).toContain("SUSPENDED");
  const { past, known } = await readAgain(kit, told, { times: 60, seed: 1 });
  expect(past).toEqual(known);
});

test("the time of a change includes the change", async () => {
  const id = await newRequest(kit);
  await change(kit.rita, "submitRequest", { id });
  const { request } = await kit.rita.run<{ request: { updatedAt: string } }>("query ($id: ID!) { request(id: $id) { updatedAt } }", { id });
  expect(
    await kit.rita.run("query ($id: ID!, $asOf: DateTime) { request(id: $id, asOf: $asOf) { state updatedAt } }", {
      id,
      asOf: request.updatedAt,
    }),
  ).toEqual({
    request: { state: "triage", updatedAt: request.updatedAt },
  });
});

test("of changes that commit in another order than they began, no time shows a row that nobody could read", async () => {
  const id = await make(kit.acme.admin, "createBuilding", "building", { code: "RACE", name: "0" });
  const [row] = await kit.owner<{ id: string }[]>`select id from requests.buildings where code = 'RACE' and tenant_id = ${kit.acme.id}`;
  const write = (tx: postgres.TransactionSql, name: string) =>
    tx`update requests.buildings set name = ${name}, version = version + 1 where id = ${row?.id ?? ""}`;
  const other = postgres(kit.weft.database.ownerUrl, { max: 1 });
  const before = new Date(await between(kit)).toISOString();
  await kit.owner.begin(async (early) => {
    await early`select set_config('app.tenant_id', ${kit.acme.id}, true)`;
    await other.begin(async (late) => {
      await late`select set_config('app.tenant_id', ${kit.acme.id}, true)`;
      await write(late, "1");
    });
    await write(early, "2");
  });
  await other.end();
  const asset = await make(kit.acme.admin, "createAsset", "asset", { buildingId: id, tag: "RACE", name: "A", type: "a" });
  await kit.owner`update requests.assets set created_at = created_at - interval '1 hour' where tenant_id = ${kit.acme.id} and tag = 'RACE'`;
  const query = "query ($asset: ID!, $asOf: DateTime) { asset(id: $asset, asOf: $asOf) { building { name } } }";
  expect(await kit.acme.admin.run(query, { asset, asOf: before })).toEqual({ asset: { building: { name: "0" } } });
});

test("a time in the future or before the creation is refused, with what is wrong", async () => {
  const id = await newRequest(kit);
  for (const [asOf, message] of [
    ["2999-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z is in the future."],
    ["2000-01-01T00:00:00.000Z", "was created at"],
  ] as const) {
    for (const query of ["request", "asset"]) {
      const answer = await kit.rita.send(`query ($id: ID!, $asOf: DateTime) { ${query}(id: $id, asOf: $asOf) { id } }`, {
        id: query === "request" ? id : kit.places.assetId,
        asOf,
      });
      expect(answer.errors).toEqual([
        expect.objectContaining({
          message: expect.stringContaining(message) as string,
          extensions: expect.objectContaining({ code: "BAD_USER_INPUT" }) as object,
        }),
      ]);
    }
  }
});

test("what somebody cannot see now was not visible to them then, either", async () => {
  const id = await newRequest(kit);
  const [stranger, globex] = [await kit.acme.user("requester"), await kit.weft.tenant("Globex")];
  const asOf = new Date(await between(kit)).toISOString();
  for (const user of [stranger, globex.admin]) {
    const answer = await user.send("query ($id: ID!, $asOf: DateTime) { request(id: $id, asOf: $asOf) { id } }", { id, asOf });
    expect(answer.errors?.map(({ extensions }) => extensions?.code)).toEqual(["NOT_FOUND"]);
  }
});

test("users of a vendor are not told who had the request before them, and see no building that they cannot see now", async () => {
  const id = await newRequest(kit);
  await change(kit.rita, "submitRequest", { id });
  const approve = async () => {
    const { request } = await kit.olga.run<{ request: { workflow: { id: string } } }>(
      "query ($id: ID!) { request(id: $id) { workflow { id } } }",
      { id },
    );
    return change(kit.olga, "fireTransition", { instanceId: request.workflow.id, transition: "approve" });
  };
  await approve();
  await change(kit.olga, "assignRequest", { id, assignee: { userId: kit.tom.id } });
  const before = new Date(await between(kit)).toISOString();
  const { id: vendorId, user } = await kit.acme.vendor("Kone");
  await change(kit.olga, "assignRequest", { id, assignee: { vendorId } });
  const query = "query ($id: ID!, $asOf: DateTime) { request(id: $id, asOf: $asOf) { state assignee { __typename } building { name } } }";
  expect(await user.run(query, { id, asOf: before })).toEqual({
    request: { state: "assigned", assignee: null, building: expect.any(Object) as object },
  });
  expect(await kit.olga.run(query, { id, asOf: before })).toMatchObject({ request: { assignee: { __typename: "User" } } });
});
