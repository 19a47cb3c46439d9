import { decodeId } from "@weft/shared/ids";
import {
  brokenInvariants,
  loadExampleDefinition,
  newContract,
  setClock,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { until } from "@weft/testkit/until";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let owner: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;
let buildingId: string;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 2, onnotice: () => undefined });
  acme = await weft.tenant();
  ({ admin } = acme);
  ({ buildingId } = await acme.maintenance());
  for (const name of ["asset-decommission", "inspection"]) await acme.definition(await loadExampleDefinition(name));
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

const createTrigger = "mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { id } } }";
const deactivate = "mutation ($id: ID!) { deactivateTrigger(input: { id: $id }) { trigger { id } } }";
const cancel = "mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id }) { instance { id } } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id state } } }";
const node = "definitionKey state subject { __typename id } tasks { title }";
const workflowsOf = `query ($id: ID!) { asset(id: $id) { status workflow { id } workflows { totalCount edges { node { id ${node} } } } } }`;

interface Listed {
  readonly id: string;
  readonly definitionKey: string;
  readonly state: string;
  readonly tasks: readonly { readonly title: string }[];
}
interface AssetOf {
  readonly status: string;
  readonly workflow: { readonly id: string } | null;
  readonly workflows: { readonly totalCount: number; readonly edges: readonly { readonly node: Listed }[] };
}

let made = 0;
async function newAsset(given: object = {}): Promise<string> {
  made += 1;
  const input = { buildingId, tag: `WF-${made}`, name: `Pump ${made}`, type: "pump", ...given };
  const { createAsset } = await admin.run<{ createAsset: { asset: { id: string } } }>(
    "mutation ($input: CreateAssetInput!) { createAsset(input: $input) { asset { id } } }",
    { input },
  );
  return createAsset.asset.id;
}

/** Runs something while a trigger starts a workflow with the data for each event of the type. */
async function whileTriggered(trigger: { eventType: string; definitionKey: string; data: object }, run: () => Promise<unknown>) {
  const input = { name: `${trigger.eventType} ${made}`, action: "START", ...trigger };
  const { createTrigger: created } = await admin.run<{ createTrigger: { trigger: { id: string } } }>(createTrigger, { input });
  await run();
  await weft.weft.worker.idle();
  await admin.run(deactivate, created.trigger);
}
const ofCreation = { eventType: "asset.created", definitionKey: "inspection", data: { tag: "payload.tag", name: "payload.name" } };
const seenOf = async (id: string, user = admin) => (await user.run<{ asset: AssetOf }>(workflowsOf, { id })).asset;

test("an asset lists the workflows about it, newest first, with filter, order, pages and count", { tags: "slow" }, async () => {
  let id = "";
  const inspected = async () => void (id = await newAsset());
  await whileTriggered(ofCreation, inspected);
  const decommission = { eventType: "asset.updated", definitionKey: "asset-decommission", data: { name: "'Pump'" } };
  const rename = () =>
    admin.run("mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }", { input: { id, model: "X1" } });
  await whileTriggered(decommission, rename);
  const { workflow, workflows } = await seenOf(id);
  expect(workflow).toBeNull();
  const subject = { __typename: "Asset", id };
  expect(workflows).toMatchObject({
    totalCount: 2,
    edges: [{ node: { definitionKey: "asset-decommission", subject } }, { node: { definitionKey: "inspection", subject } }],
  });
  const query = `query ($id: ID!, $filter: WorkflowInstanceFilter, $after: String) { asset(id: $id) {
    old: workflows(first: 1, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node { definitionKey } } pageInfo { hasNextPage endCursor } }
    workflows(filter: $filter) { totalCount edges { node { definitionKey } } } } }`;
  type Paged = { asset: { old: { pageInfo: { endCursor: string } }; workflows: object } };
  const first = await admin.run<Paged>(query, { id, filter: { state: { eq: "in_use" } } });
  expect(first.asset).toMatchObject({
    old: { edges: [{ node: { definitionKey: "inspection" } }], pageInfo: { hasNextPage: true } },
    workflows: { totalCount: 1, edges: [{ node: { definitionKey: "asset-decommission" } }] },
  });
  const next = await admin.run<Paged>(query, { id, after: first.asset.old.pageInfo.endCursor });
  expect(next.asset.old).toMatchObject({ edges: [{ node: { definitionKey: "asset-decommission" } }], pageInfo: { hasNextPage: false } });
  const { extensions } = await admin.refused(query, { id, filter: { data: [{ field: "nothing", eq: "x" }] } });
  expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "filter.data.0.field" }] });
});

test("a page of assets reads and counts their workflows in as many statements as one asset", async () => {
  const ids: string[] = [];
  await whileTriggered(ofCreation, async () => {
    for (let count = 0; count < 3; count++) ids.push(await newAsset({ type: "valve" }));
  });
  const list = `query ($first: Int!, $filter: WorkflowInstanceFilter) { assets(first: $first, filter: { type: { eq: "valve" } }) { edges { node { id
    workflows(first: 2, filter: $filter) { totalCount edges { node { state } } } } } } }`;
  const filter = { data: [{ field: "name", startsWith: "Pump" }] };
  const statementsOf = async (first: number) => {
    const names = (await weft.statements(() => admin.run(list, { first, filter }))).map((text) => /^\/\* (\w+)/.exec(text)?.[1] ?? "");
    return names.filter((name) => /Subjects|Unindexed/.test(name)).toSorted();
  };
  expect(await statementsOf(1)).toEqual(["countInstancesOfSubjects", "selectInstancesOfSubjects", "selectUnindexed"]);
  expect(await statementsOf(3)).toEqual(await statementsOf(1));
  const { assets } = await admin.run<{ assets: { edges: { node: AssetOf }[] } }>(list, { first: 3, filter });
  expect(assets.edges.map(({ node: { workflows } }) => [workflows.totalCount, workflows.edges.length])).toEqual(ids.map(() => [1, 1]));
});

test("a workflow that a user cannot see is neither in the list nor in the count; without the permission, the list is refused", async () => {
  let id = "";
  await whileTriggered(ofCreation, async () => void (id = await newAsset()));
  const role = (key: string, permissions: object[]) =>
    admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key, name: key, permissions },
    });
  const seesAssets = { permission: "asset.read", scope: "TENANT" };
  await role("own_flows", [seesAssets, { permission: "workflow.read", scope: "OWN" }]);
  await role("assets_only", [seesAssets]);
  expect(await seenOf(id, await acme.user("own_flows"))).toMatchObject({ workflows: { totalCount: 0, edges: [] } });
  const { data, errors = [] } = await (
    await acme.user("assets_only")
  ).send("query ($id: ID!) { asset(id: $id) { id workflows { totalCount } } }", {
    id,
  });
  expect(data).toEqual({ asset: { id, workflows: null } });
  expect(errors.map(({ extensions }) => extensions?.["code"])).toEqual(["FORBIDDEN"]);
  const vendor = await acme.vendor("Kone");
  expect((await vendor.user.send(workflowsOf, { id })).data).toEqual({ asset: null });
  expect(await (await weft.tenant("Globex")).admin.refusal(workflowsOf, { id })).toBe("NOT_FOUND");
});

test("triggers start the templates about the asset of each event, with tasks that name it", async () => {
  const at = async (iso: string) => {
    await setClock(owner, acme, iso);
    await weft.weft.worker.idle();
  };
  await at("2026-03-02T08:00:00Z");
  let id = "";
  const due = { ...ofCreation, eventType: "asset.inspection_due" };
  await whileTriggered(due, async () => void (id = await newAsset({ name: "Boiler", inspectionDueOn: "2026-03-05" })));
  const reached = {
    eventType: "meter.threshold_reached",
    definitionKey: "asset-decommission",
    data: { tag: "payload.assetTag", name: "payload.assetName" },
  };
  await whileTriggered(reached, async () => {
    const { createMeter } = await admin.run<{ createMeter: { meter: { id: string } } }>(
      "mutation ($input: CreateMeterInput!) { createMeter(input: $input) { meter { id } } }",
      { input: { assetId: id, name: "Hours", unit: "h", kind: "CUMULATIVE", above: "100" } },
    );
    for (const reading of [{ value: "1", readAt: "2026-03-01T08:00:00Z" }, { value: "101" }])
      await admin.run("mutation ($input: RecordMeterReadingInput!) { recordMeterReading(input: $input) { reading { id } } }", {
        input: { meterId: createMeter.meter.id, ...reading },
      });
  });
  const [started] = (await seenOf(id)).workflows.edges;
  expect(started?.node).toMatchObject({ definitionKey: "asset-decommission", state: "in_use", subject: { id }, tasks: [] });
  await admin.run(fire, { input: { instanceId: started?.node.id, transition: "propose", input: { reason: "unsafe" } } });
  expect((await seenOf(id)).workflows.edges.map(({ node: { definitionKey, tasks } }) => [definitionKey, tasks[0]?.title])).toEqual([
    ["asset-decommission", "Inspect Boiler"],
    ["inspection", "Inspect Boiler"],
  ]);
});

test("both templates are lifecycles of assets, whose status follows their state", async () => {
  const type = (key: string, definitionKey: string, statuses: object[]) =>
    admin.run("mutation ($input: CreateAssetTypeInput!) { createAssetType(input: $input) { assetType { id } } }", {
      input: { key, name: key, lifecycle: { definitionKey, statuses } },
    });
  await type("compressor", "asset-decommission", [
    { state: "in_use", status: "OPERATIONAL" },
    { state: "proposed", status: "MAINTENANCE" },
  ]);
  await type("ladder", "inspection", [
    { state: "open", status: "MAINTENANCE" },
    { state: "skipped", status: "OPERATIONAL" },
  ]);
  const transitions = [
    { key: "compressor", transition: "propose", with: { input: { reason: "replaced" } }, statuses: ["OPERATIONAL", "MAINTENANCE"] },
    { key: "ladder", transition: "skip", with: { comment: "It is new" }, statuses: ["MAINTENANCE", "OPERATIONAL"] },
  ];
  const operations = await acme.user("operations");
  for (const { key, transition, with: given, statuses } of transitions) {
    const id = await newAsset({ type: key, name: `New ${key}` });
    const before = await seenOf(id);
    const instanceId = before.workflow?.id;
    expect(before.workflows.edges.map(({ node }) => node.id)).toEqual([instanceId]);
    await operations.run(fire, { input: { instanceId, transition, ...given } });
    const after = await seenOf(id);
    expect([before.status, after.status]).toEqual(statuses);
    const titles = [...before.workflows.edges, ...after.workflows.edges].flatMap(({ node }) => node.tasks.map(({ title }) => title));
    expect(new Set(titles)).toEqual(new Set([`Inspect New ${key}`]));
    if (key === "compressor") await admin.run(cancel, { id: instanceId });
  }
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("no workflow is started about an object while it is being deleted: the start waits, and is refused", async () => {
  const start = "mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }";
  const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
    "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
    { input: { code: "RACE", name: "Race" } },
  );
  const vendor = await acme.vendor("Otis");
  const by = decodeId("user", admin.id);
  // Each as its deletion does it: the lock comes before the count of workflows, and the change after it.
  const deletions = [
    {
      type: "asset",
      id: await newAsset(),
      lock: (sql: postgres.TransactionSql, id: string) => sql`select pg_advisory_xact_lock(hashtextextended(${`weft.asset.${id}`}, 0))`,
      change: (sql: postgres.TransactionSql, id: string) =>
        sql`update requests.assets set deleted_at = now(), deleted_by = ${by} where id = ${id}`,
    },
    {
      type: "building",
      id: createBuilding.building.id,
      lock: (sql: postgres.TransactionSql, id: string) => sql`select from requests.buildings where id = ${id} for update`,
      change: (sql: postgres.TransactionSql, id: string) => sql`update requests.buildings set deleted_at = now() where id = ${id}`,
    },
    {
      type: "contract",
      id: await newContract(admin, { vendorId: vendor.id }),
      lock: (sql: postgres.TransactionSql, id: string) => sql`select from vendors.contracts where id = ${id} for no key update`,
      change: (sql: postgres.TransactionSql, id: string) =>
        sql`update vendors.contracts set deleted_at = now(), deleted_by = ${by} where id = ${id}`,
    },
  ] as const;
  for (const { type, id, lock, change } of deletions) {
    const uuid = decodeId(type, id);
    const { starting } = await owner.begin(async (sql) => {
      await lock(sql, uuid);
      const begun = admin.send(start, { input: { definitionKey: "inspection", data: { name: "Roof" }, subjectId: id } });
      const isWaiting = async () =>
        (await owner`select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'lockSubject|keepAssetUse'`).length === 1;
      await until(isWaiting, { what: `the start waits for the deletion of the ${type}`, deadlineMs: 4_000 });
      await change(sql, uuid);
      return { starting: begun };
    });
    const { errors } = await starting;
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      problems: [{ path: "input.subjectId", message: `No ${type} with this ID exists.` }],
    });
  }
});

describe("a building", () => {
  const startAbout = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { subject { __typename id } instance { id ${node} subjectType } } }`;
  const listed = `query ($id: ID!) { building(id: $id) { workflows { totalCount edges { node { id ${node} } } } } }`;
  interface Started {
    readonly startWorkflow: { readonly instance: Listed };
  }
  interface OfBuilding {
    readonly building: Pick<AssetOf, "workflows">;
  }
  async function newBuilding(code: string): Promise<string> {
    const { createBuilding } = await admin.run<{ createBuilding: { building: { id: string } } }>(
      "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
      { input: { code, name: `Tower ${code}` } },
    );
    return createBuilding.building.id;
  }
  const ofNewBuilding = { eventType: "building.created", definitionKey: "inspection", data: { tag: "payload.code", name: "payload.name" } };
  const inspect = (subjectId: string) => ({ input: { definitionKey: "inspection", data: { name: "Roof" }, subjectId } });

  test("is the subject of workflows that triggers and users start, and cannot be deleted while they run", async () => {
    let id = "";
    await whileTriggered(ofNewBuilding, async () => void (id = await newBuilding("B1")));
    const subject = { __typename: "Building", id };
    const { startWorkflow } = await admin.run<Started>(startAbout, inspect(id));
    expect(startWorkflow).toMatchObject({ subject, instance: { subject, subjectType: "building" } });
    const { building } = await admin.run<OfBuilding>(listed, { id });
    expect(building.workflows).toMatchObject({
      totalCount: 2,
      edges: [
        { node: { id: startWorkflow.instance.id, subject, tasks: [{ title: "Inspect Roof" }] } },
        { node: { subject, tasks: [{ title: "Inspect Tower B1" }] } },
      ],
    });
    const remove = "mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }";
    const { message, extensions } = await admin.refused(remove, { id });
    expect(message).toContain('The building "B1" cannot be deleted while it has 2 running workflows.');
    expect(extensions).toMatchObject({ code: "CONFLICT", dependents: { runningWorkflows: 2 } });
    for (const { node: instance } of building.workflows.edges) await admin.run(cancel, { id: instance.id });
    expect(await admin.run(remove, { id })).toEqual({ deleteBuilding: { id: id } });
    expect(await admin.refusal(startAbout, inspect(id))).toBe("BAD_USER_INPUT");
  });

  test("that is deleted gets no workflow from a trigger that acts afterwards; a workflow for its deletion is about nothing", async () => {
    const tenant = await weft.tenant();
    await tenant.definition(await loadExampleDefinition("inspection"));
    const { createBuilding } = await tenant.admin.run<{ createBuilding: { building: { id: string } } }>(
      "mutation ($input: CreateBuildingInput!) { createBuilding(input: $input) { building { id } } }",
      { input: { code: "B5", name: "Gone" } },
    );
    await tenant.admin.run("mutation ($id: ID!) { deleteBuilding(input: { id: $id }) { id } }", createBuilding.building);
    const period = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 3_600_000).toISOString() };
    for (const eventType of ["building.created", "building.deleted"]) {
      const { createTrigger: created } = await tenant.admin.run<{ createTrigger: { trigger: { id: string } } }>(createTrigger, {
        input: { name: eventType, action: "START", eventType, definitionKey: "inspection", data: { name: "'Site'" } },
      });
      await tenant.admin.run("mutation ($input: ReplayEventsToTriggerInput!) { replayEventsToTrigger(input: $input) { replay { id } } }", {
        input: { triggerId: created.trigger.id, ...period },
      });
      await weft.weft.worker.idle();
    }
    const runs = await owner`select r.event_type as type, r.outcome, r.message, i.subject_id is null as "isAboutNothing"
      from workflows.trigger_runs r left join workflows.instances i on i.tenant_id = r.tenant_id and i.id = r.instance_id
      where r.tenant_id = ${tenant.id} order by r.id`;
    const message = "The building that the workflow would be about has been deleted.";
    expect([...runs]).toEqual([
      { type: "building.created", outcome: "IGNORED", message, isAboutNothing: true },
      { type: "building.deleted", outcome: "STARTED", message: null, isAboutNothing: true },
    ]);
  });

  test("shows its workflows in the scope BUILDING to its users only", async () => {
    const [mine, other] = [await newBuilding("B2"), await newBuilding("B3")];
    const { startWorkflow } = await admin.run<Started>(startAbout, inspect(mine));
    await admin.run(startAbout, inspect(other));
    const permissions = ["building.read", "workflow.read"].map((permission) => ({ permission, scope: "BUILDING" }));
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
      input: { key: "warden", name: "Warden", permissions },
    });
    const warden = await acme.user("warden");
    await admin.run("mutation ($input: BuildingUsersInput!) { assignBuildingUsers(input: $input) { building { id } } }", {
      input: { buildingId: mine, userIds: [warden.id] },
    });
    const all = "{ workflowInstances { totalCount edges { node { id subject { id } } } } }";
    const own = { totalCount: 1, edges: [{ node: { id: startWorkflow.instance.id, subject: { id: mine } } }] };
    expect(await warden.run(all)).toEqual({ workflowInstances: own });
    expect((await warden.run<OfBuilding>(listed, { id: mine })).building.workflows).toMatchObject(own);
    expect(
      await warden.run("query ($id: ID!) { workflowInstance(id: $id) { subject { id } } }", { id: startWorkflow.instance.id }),
    ).toEqual({
      workflowInstance: { subject: { id: mine } },
    });
    expect(await warden.refusal(listed, { id: other })).toBe("NOT_FOUND");
  });

  test("of another tenant, an object that the user cannot read, or one of another type is refused as a subject, by its path", async () => {
    const id = await newBuilding("B4");
    const globex = await weft.tenant();
    await globex.definition(await loadExampleDefinition("inspection"));
    const role = { key: "starter", name: "Starter", permissions: [{ permission: "workflow.start", scope: "TENANT" }] };
    await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
    const none = "No building with this ID exists.";
    const refused: [TestUser, string, string][] = [
      [globex.admin, id, none],
      [await acme.user("starter"), id, none],
      [admin, admin.id, `"${admin.id}" is the ID of a user. Give the ID of an asset, a building, a project, a vendor or a contract.`],
      [admin, "HQ", '"HQ" is not a valid ID. Give the ID of an asset, a building, a project, a vendor or a contract.'],
    ];
    for (const [user, subjectId, message] of refused) {
      const { extensions } = await user.refused(startAbout, inspect(subjectId));
      expect(extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.subjectId", message }] });
    }
  });
});
