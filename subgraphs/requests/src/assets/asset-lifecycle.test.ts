import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const equipment = `weft: 1
key: equipment
name: Equipment
data: { type: object, properties: { tag: { type: string }, name: { type: string } } }
initial: storage
states:
  storage: { transitions: { commission: { to: running }, scrap: { to: scrapped } } }
  running: { transitions: { inspect: { to: inspection }, fail: { to: broken } } }
  inspection: { transitions: { pass: { to: running } } }
  broken: { transitions: { repair: { to: running }, scrap: { to: scrapped } } }
  scrapped: { final: completed }
`;
const statuses = [
  { state: "storage", status: "OUT_OF_SERVICE" },
  { state: "running", status: "OPERATIONAL" },
  { state: "inspection", status: "MAINTENANCE" },
  { state: "scrapped", status: "DECOMMISSIONED" },
];
const lifecycle = { definitionKey: "equipment", statuses };

const create = "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id status version workflow { id } } } }";
const createType =
  "mutation ($input: CreateAssetTypeInput!) { createAssetType(input: $input) { assetType { id lifecycle { definitionKey statuses { state status } } } } }";
const updateType =
  "mutation ($input: UpdateAssetTypeInput!) { updateAssetType(input: $input) { assetType { id lifecycle { definitionKey } } } }";
const start =
  "mutation ($input: KeyedVersionedIdInput!) { startAssetLifecycle(input: $input) { asset { id status version workflow { id state } } } }";
const update = "mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { status } } }";
const remove = "mutation ($input: VersionedIdInput!) { deleteAsset(input: $input) { id } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }";
const read = "query ($id: ID!) { asset(id: $id) { status version workflow { state data subject { id } } } }";

interface Made {
  readonly id: string;
  readonly status: string;
  readonly version: number;
  readonly workflow: { readonly id: string } | null;
}

let weft: TestWeft;
let acme: TestTenant;
let olga: TestUser;
let buildingId: string;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  acme = await weft.tenant("Acme");
  ({ buildingId } = await acme.maintenance());
  await acme.definition(equipment);
  olga = await acme.user("operations");
});

afterAll(() => weft.stop());

let made = 0;

/** Creates a type, with the lifecycle unless it is null, and returns its ID and key. */
async function newType(given: object | null = lifecycle): Promise<{ id: string; key: string }> {
  const key = `kind-${(made += 1)}`;
  const input = { key, name: "Equipment", ...(given !== null && { lifecycle: given }) };
  const { createAssetType } = await olga.run<{ createAssetType: { assetType: { id: string } } }>(createType, { input });
  return { id: createAssetType.assetType.id, key };
}

async function newAsset(type: string): Promise<Made> {
  const input = { buildingId, tag: `LC-${(made += 1)}`, name: "Press", type };
  return (await olga.run<{ createAsset: { asset: Made } }>(create, { input })).createAsset.asset;
}

const move = (asset: Made, transition: string, user = acme.admin) =>
  user.run(fire, { input: { instanceId: asset.workflow?.id, transition } });

const statusOf = async ({ id }: Made): Promise<string> => (await olga.run<{ asset: { status: string } }>(read, { id })).asset.status;

test("the status of an asset follows the state of its workflow, and stays in states without one", async () => {
  const asset = await newAsset((await newType()).key);
  expect(asset).toMatchObject({ status: "OUT_OF_SERVICE", version: 1 });
  const seen: string[] = [];
  for (const transition of ["commission", "inspect", "pass", "fail", "scrap"]) {
    await move(asset, transition);
    seen.push(await statusOf(asset));
  }
  expect(seen).toEqual(["OPERATIONAL", "MAINTENANCE", "OPERATIONAL", "OPERATIONAL", "DECOMMISSIONED"]);
  expect(await acme.admin.run(read, { id: asset.id })).toMatchObject({
    asset: { version: 5, workflow: { state: "scrapped", data: { name: "Press" }, subject: { id: asset.id } } },
  });
});

test("a status that follows the workflow is in the audit trail, and starts triggers, once for each change", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  await tenant.definition(equipment);
  await tenant.definition(
    "weft: 1\nkey: review\nname: Review\ndata: { type: object }\ninitial: open\nstates: { open: { transitions: { end: { to: done } } }, done: { final: completed } }",
  );
  const { buildingId: building } = await tenant.maintenance();
  const { admin } = tenant;
  await admin.run(createType, { input: { key: "press", name: "Press", lifecycle } });
  const input = { buildingId: building, tag: "P-1", name: "Press", type: "press" };
  const { asset } = (await admin.run<{ createAsset: { asset: Made } }>(create, { input })).createAsset;
  await admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", {
    input: { name: "Review", eventType: "asset.updated", action: "START", definitionKey: "review" },
  });
  for (const transition of ["commission", "fail"]) await move(asset, transition, admin);
  await weft.weft.worker.idle();
  const trail = await admin.run<{ asset: { auditTrail: { edges: { node: { action: string } }[] } } }>(
    "query ($id: ID!) { asset(id: $id) { auditTrail(first: 10) { edges { node { action actor { id } before after requestId } } } } }",
    { id: asset.id },
  );
  // The transition to a state without a status changes nothing.
  const entries = trail.asset.auditTrail.edges.map(({ node }) => node);
  // The trail also has the entries of the workflow.
  expect(entries.filter(({ action }) => action.startsWith("asset."))).toMatchObject([
    {
      action: "asset.update",
      actor: { id: admin.id },
      before: { status: "OUT_OF_SERVICE", version: 1 },
      after: { status: "OPERATIONAL", version: 2 },
      requestId: expect.stringMatching(/./) as string,
    },
    { action: "asset.create" },
  ]);
  const reviews = '{ workflowInstances(filter: { definitionKey: { eq: "review" } }) { totalCount } }';
  expect(await admin.run(reviews)).toEqual({ workflowInstances: { totalCount: 1 } });
});

test("nobody sets the status or the type of an asset whose workflow runs; afterwards they can", async () => {
  const { key } = await newType();
  const asset = await newAsset(key);
  for (const change of [{ status: "MAINTENANCE" }, { type: "pump" }]) {
    const error = await olga.refused(update, { input: { id: asset.id, ...change } });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: `input.${Object.keys(change)[0]}` }] });
  }
  expect(await olga.run(update, { input: { id: asset.id, status: "OUT_OF_SERVICE", name: "Same status" } })).toBeTruthy();
  expect((await olga.refused(remove, { input: { id: asset.id } })).extensions).toMatchObject({ dependents: { runningWorkflows: 1 } });
  await move(asset, "scrap");
  expect(await olga.run(update, { input: { id: asset.id, status: "MAINTENANCE" } })).toEqual({
    updateAsset: { asset: { status: "MAINTENANCE" } },
  });
  expect(await olga.run(remove, { input: { id: asset.id } })).toEqual({ deleteAsset: { id: asset.id } });
});

describe("the lifecycle of a type", () => {
  test("needs a published definition with these states, and no other data than assets have", async () => {
    await acme.definition(
      equipment
        .replace("key: equipment", "key: ordered")
        .replace("properties: {", "required: [order], properties: { order: { type: string },"),
    );
    const refused = async (given: object) => (await olga.refused(createType, { input: { key: "x", name: "X", lifecycle: given } })).message;
    expect(await refused({ definitionKey: "nowhere", statuses: [] })).toContain('No published definition with the key "nowhere" exists.');
    expect(await refused({ definitionKey: "ordered", statuses: [] })).toContain('The definition requires "order".');
    const wrong = { definitionKey: "equipment", statuses: [{ state: "flying", status: "OPERATIONAL" }, statuses[0], statuses[0]] };
    const { extensions } = await olga.refused(createType, { input: { key: "x", name: "X", lifecycle: wrong } });
    expect(extensions?.["problems"]).toEqual([
      { path: "input.lifecycle.statuses.0.state", message: 'The definition "equipment" has no state "flying".' },
      { path: "input.lifecycle.statuses.2.state", message: 'The state "storage" occurs twice.' },
    ]);
  });

  test("applies to existing assets when they start it, once", async () => {
    const type = await newType(null);
    const asset = await newAsset(type.key);
    expect(asset).toMatchObject({ status: "OPERATIONAL", workflow: null });
    expect((await olga.refused(start, { input: { id: asset.id } })).message).toContain("has no lifecycle");
    await olga.run(updateType, { input: { id: type.id, lifecycle } });
    expect(await acme.admin.run(start, { input: { id: asset.id } })).toMatchObject({
      startAssetLifecycle: { asset: { status: "OUT_OF_SERVICE", version: 2, workflow: { state: "storage" } } },
    });
    expect(await olga.refusal(start, { input: { id: asset.id } })).toBe("CONFLICT");
  });

  test("changes the statuses of assets whose workflow runs, also while they change their states", async () => {
    const type = await newType();
    const assets = await Promise.all(Array.from({ length: 6 }, () => newAsset(type.key)));
    const others = statuses.map(({ state }) => ({ state, status: state === "running" ? "MAINTENANCE" : "OUT_OF_SERVICE" }));
    await Promise.all([
      ...assets.slice(1).map((asset) => move(asset, "commission")),
      olga.run(updateType, { input: { id: type.id, lifecycle: { ...lifecycle, statuses: others } } }),
    ]);
    expect(await Promise.all(assets.map(statusOf))).toEqual(["OUT_OF_SERVICE", ...Array.from({ length: 5 }, () => "MAINTENANCE")]);
    await olga.run(updateType, { input: { id: type.id, lifecycle: null } });
    const [first] = assets;
    expect(await olga.run(update, { input: { id: first?.id, status: "OPERATIONAL" } })).toBeTruthy();
  });

  test("is only for users of the organization", async () => {
    const type = await newType();
    const vendor = await acme.vendor("Kone");
    const query = "query ($id: ID!) { assetType(id: $id) { key lifecycle { definitionKey } } }";
    const { errors = [] } = await vendor.user.send(query, { id: type.id });
    expect(errors.map(({ extensions }) => extensions?.["code"])).toEqual(["FORBIDDEN"]);
    const requester = await acme.user("requester");
    expect(await requester.refusal(start, { input: { id: (await newAsset(type.key)).id } })).toBe("FORBIDDEN");
  });
});

test("a threshold of a meter fires a transition of the asset's workflow by a trigger, and so changes its status", async () => {
  const asset = await newAsset((await newType()).key);
  await move(asset, "commission");
  await acme.admin.run("mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }", {
    input: { name: "Inspect", eventType: "meter.threshold_reached", action: "FIRE", transition: "inspect" },
  });
  const { createMeter } = await olga.run<{ createMeter: { meter: { id: string } } }>(
    "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
    { input: { assetId: asset.id, name: "Hours", unit: "h", kind: "CUMULATIVE", every: "500" } },
  );
  for (const reading of [{ value: "499", readAt: new Date(Date.now() - 86_400_000).toISOString() }, { value: "501" }])
    await olga.run("mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }", {
      input: { meterId: createMeter.meter.id, ...reading },
    });
  await weft.weft.worker.idle();
  expect(await statusOf(asset)).toBe("MAINTENANCE");
});

test("another tenant starts no lifecycle", async () => {
  const asset = await newAsset((await newType()).key);
  const { admin } = await weft.tenant("Globex");
  expect(await admin.refusal(start, { input: { id: asset.id } })).toBe("NOT_FOUND");
});

test("afterwards, every status is that of the state of the workflow", async () => {
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});
