import { decodeId } from "@weft/shared/ids";
import { setClock, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { dueAssetDates } from "./due-dates.js";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let buildingId: string;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});
beforeEach(async () => {
  acme = await weft.tenant();
  ({ admin } = acme);
  await goTo("2026-03-02T08:00:00Z");
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    'mutation { createBuilding(input: { code: "HQ", name: "Headquarters", timeZone: "America/New_York" }) { building { id } } }',
  );
  buildingId = createBuilding.building.id;
});

/** Sets the tenant's clock, and waits for what is due then. */
async function goTo(at: string): Promise<void> {
  await setClock(sql, acme, at);
  await weft.weft.worker.idle();
}

let tags = 0;
async function asset(dates: object): Promise<string> {
  const input = { buildingId, tag: `EL-${++tags}`, name: "Elevator", type: "elevator", ...dates };
  const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(
    "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
    { input },
  );
  return createAsset.asset.id;
}
const updateAsset = (id: string, changes: object) =>
  admin.run("mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { inspectionDueOn warrantyUntil } } }", {
    input: { id, ...changes },
  });
async function updateType(changes: object): Promise<object> {
  const { assetTypes } = await admin.run<{ assetTypes: { edges: { node: { id: string } }[] } }>(
    '{ assetTypes(filter: { key: { eq: "elevator" } }) { edges { node { id } } } }',
  );
  return admin.run(
    "mutation ($input: UpdateAssetTypeInput!) { updateAssetType(input: $input) { assetType { warrantyNoticeDays inspectionNoticeDays } } }",
    { input: { id: assetTypes.edges[0]?.node.id, ...changes } },
  );
}

/** Announced dates of an asset, in order. */
async function announced(id: string): Promise<string[]> {
  await weft.weft.worker.idle();
  const rows = await sql<{ type: string; date: string }[]>`
    select l.type, l.payload->>'date' as date from events.log l
     where l.tenant_id = ${acme.id} and l.subject_id = ${decodeId("asset", id)} and l.payload ? 'date' order by l.occurred_at, l.type`;
  return rows.map(({ type, date }) => `${type} ${date}`);
}

test("the end of a warranty and an inspection are announced once, as many days before as the type says, in the building's time zone", async () => {
  const id = await asset({ warrantyUntil: "2026-05-01", inspectionDueOn: "2026-04-15" });
  await goTo("2026-04-01T03:59:00Z");
  expect(await announced(id)).toEqual([]);
  // Midnight in New York, 30 days before the one date, and 14 before the other.
  await goTo("2026-04-01T04:00:10Z");
  expect(await announced(id)).toEqual(["asset.inspection_due 2026-04-15", "asset.warranty_ending 2026-05-01"]);
  await goTo("2026-04-20T04:00:10Z");
  await updateAsset(id, { name: "Passenger elevator" });
  expect(await announced(id)).toHaveLength(2);
});

test(
  "a new date is announced again, the same one is not, and none is announced for an asset that is deleted or out of use",
  { tags: "slow" },
  async () => {
    const id = await asset({ inspectionDueOn: "2026-03-10" });
    expect(await announced(id)).toEqual(["asset.inspection_due 2026-03-10"]);
    await updateAsset(id, { inspectionDueOn: null });
    expect(await updateAsset(id, { inspectionDueOn: "2026-03-10" })).toEqual({
      updateAsset: { asset: { inspectionDueOn: "2026-03-10", warrantyUntil: null } },
    });
    expect(await announced(id)).toHaveLength(1);
    await updateAsset(id, { inspectionDueOn: "2027-03-10" });
    await goTo("2027-03-01T08:00:00Z");
    expect(await announced(id)).toEqual(["asset.inspection_due 2026-03-10", "asset.inspection_due 2027-03-10"]);

    const [deleted, unused] = [await asset({ inspectionDueOn: "2027-04-01" }), await asset({ inspectionDueOn: "2027-04-01" })];
    await admin.run("mutation ($id: ID!) { deleteAsset(input: { id: $id }) { id } }", { id: deleted });
    await updateAsset(unused, { status: "DECOMMISSIONED" });
    await goTo("2027-03-30T08:00:00Z");
    expect([await announced(deleted), await announced(unused)]).toEqual([[], []]);
    await admin.run("mutation ($id: ID!) { restoreAsset(input: { id: $id }) { asset { id } } }", { id: deleted });
    expect(await announced(deleted)).toEqual(["asset.inspection_due 2027-04-01"]);
  },
);

test("a warranty that had ended when it was recorded is not announced", async () => {
  const id = await asset({ warrantyUntil: "2026-02-01", inspectionDueOn: "2026-02-01" });
  expect(await announced(id)).toEqual(["asset.inspection_due 2026-02-01"]);
});

test("a change of the type's notice applies to the dates that are not announced", async () => {
  const id = await asset({ warrantyUntil: "2026-05-01" });
  expect(await updateType({ warrantyNoticeDays: 60, inspectionNoticeDays: 0 })).toEqual({
    updateAssetType: { assetType: { warrantyNoticeDays: 60, inspectionNoticeDays: 0 } },
  });
  expect(await announced(id)).toEqual(["asset.warranty_ending 2026-05-01"]);
  await updateType({ warrantyNoticeDays: 10 });
  expect(await announced(id)).toHaveLength(1);
});

test("several workers at the same time announce each date once", async () => {
  const ids = [await asset({ inspectionDueOn: "2026-04-01" }), await asset({ inspectionDueOn: "2026-04-01" })];
  const { databases, pubsub, keyring, log } = weft.weft.services;
  const sources = Array.from({ length: 4 }, () => dueAssetDates({ databases, pubsub, keyring, log }));
  await sql`update identity.tenants set clock_offset_ms = clock_offset_ms + 20 * 86400000 where tenant_id = ${acme.id}`;
  await Promise.all(sources.map((source) => source.run(acme.id, 10, new AbortController().signal)));
  for (const id of ids) expect(await announced(id)).toEqual(["asset.inspection_due 2026-04-01"]);
});

test("a trigger starts a workflow for an inspection that is due", async () => {
  await acme.definition(`weft: 1
key: inspect
name: Inspect
data: { type: object, properties: { date: { type: string }, asset: { type: string } } }
initial: open
states: { open: { transitions: { close: { to: closed } } }, closed: { final: completed } }
`);
  const input = {
    name: "Inspections",
    eventType: "asset.inspection_due",
    action: "START",
    definitionKey: "inspect",
    data: { date: "payload.date", asset: "payload.name" },
    correlationKey: "payload.date",
  };
  await admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", { input });
  const id = await asset({ inspectionDueOn: "2026-03-05" });
  await weft.weft.worker.idle();
  expect(
    await admin.run('{ workflowInstances(filter: { definitionKey: { eq: "inspect" } }) { edges { node { state data subject { id } } } } }'),
  ).toEqual({
    workflowInstances: {
      edges: [{ node: { state: "open", data: { date: "2026-03-05", asset: expect.any(String) as string }, subject: { id } } }],
    },
  });
});
