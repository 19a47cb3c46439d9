import { ServiceUnavailable } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { asTenant, openDatabases } from "@weft/platform/db";
import { readEvents } from "@weft/platform/events";
import { brokenInvariants, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { triggerConsumer } from "./act/trigger.consumer.js";
import { pastTriggerRuns } from "./runs/past-runs.js";
import { inspection, parcel } from "./trigger.fixture.js";

const fields = `id name eventType isActive stopReason version actsAs { id }`;
const create = `mutation ($input: CreateTriggerInput!) { createTrigger(input: $input) { trigger { ${fields} } } }`;
const start = `mutation ($input: StartWorkflowInput!) { startWorkflow(input: $input) { instance { id } } }`;
const fire = `mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { id } } }`;
const listRuns = `query ($filter: TriggerRunFilter) { triggerRuns(filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) { edges { node {
  id outcome message correlationKey attempts eventId eventType trigger { id } instance { id state data } instances { outcome message instance { id state } } } } } }`;
const instances = `query ($filter: WorkflowInstanceFilter) { workflowInstances(filter: $filter, orderBy: { field: CREATED_AT, direction: ASC }) {
  edges { node { id state data owner { id } history { kind comment } } } } }`;
const explain = `query ($eventId: ID!) { explainTriggers(eventId: $eventId) { trigger { id name } isMatch reasons run { outcome } } }`;
const tryOut = `query ($input: TestTriggerInput!, $eventId: ID, $payload: JSON) { testTrigger(input: $input, eventId: $eventId, payload: $payload) { isMatch reasons outcome message data correlationKey instances { outcome message instance { id } } } }`;
const retry = `mutation ($id: ID!) { retryTriggerRun(input: { id: $id }) { run { outcome message attempts instance { id data } } } }`;

type Trigger = { id: string; version: number; isActive: boolean; stopReason: string | null; actsAs: { id: string } };
type Run = {
  id: string;
  outcome: string;
  message: string | null;
  correlationKey: string | null;
  attempts: number;
  eventId: string;
  instance: { id: string; state: string; data: Record<string, unknown> } | null;
  instances: { outcome: string; message: string | null; instance: { id: string; state: string } }[];
};
type Instance = { id: string; state: string; data: Record<string, unknown>; history: { kind: string; comment: string | null }[] };

let weft: TestWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
  await weft.stop();
});

async function aTenant(): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(parcel);
  await tenant.definition(inspection);
  return tenant;
}

const trigger = async (who: TestUser, input: object): Promise<Trigger> =>
  (await who.run<{ createTrigger: { trigger: Trigger } }>(create, { input: { name: "Trigger", ...input } })).createTrigger.trigger;
const aParcel = async (who: TestUser, data: object): Promise<string> =>
  (await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { input: { definitionKey: "parcel", data } })).startWorkflow
    .instance.id;
const receive = (who: TestUser, instanceId: string, weight = 3) =>
  who.run(fire, { input: { instanceId, transition: "receive", input: { weight } } });
const idle = (): Promise<void> => weft.weft.worker.idle();
const runsOf = async ({ admin }: TestTenant, filter: object = {}): Promise<Run[]> =>
  (await admin.run<{ triggerRuns: { edges: { node: Run }[] } }>(listRuns, { filter })).triggerRuns.edges.map(({ node }) => node);
const instancesOf = async ({ admin }: TestTenant, definitionKey: string): Promise<Instance[]> =>
  (
    await admin.run<{ workflowInstances: { edges: { node: Instance }[] } }>(instances, { filter: { definitionKey: { eq: definitionKey } } })
  ).workflowInstances.edges.map(({ node }) => node);
const problemsOf = async (who: TestUser, input: object) =>
  (await who.refused(create, { input: { name: "Trigger", ...input } })).extensions?.["problems"] as { path: string; message: string }[];

const inspects = {
  eventType: "workflow.emitted",
  eventName: "parcel.received",
  condition: "payload.payload.weight > 2",
  action: "START",
  definitionKey: "inspection",
  data: { parcel: "payload.payload.number", weight: "payload.payload.weight", source: "'trigger'" },
};

test("an event that meets the condition starts an instance with data of the event, once", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const early = await aParcel(admin, { number: "P0" });
  await receive(admin, early);
  await idle();
  const { id } = await trigger(admin, inspects);
  const [heavy, light] = [await aParcel(admin, { number: "P1" }), await aParcel(admin, { number: "P2" })];
  await receive(admin, heavy, 3);
  await receive(admin, light, 1);
  await idle();
  const runs = await runsOf(tenant, { triggerId: { eq: id } });
  expect(runs).toMatchObject([
    { outcome: "STARTED", attempts: 1, instance: { state: "waiting", data: { parcel: "P1", weight: 3, source: "trigger" } } },
  ]);
  // The consumer reads all events again, as after a crash before its commit: nothing happens twice.
  await owner`update events.consumer_cursors set position = 0 where tenant_id = ${tenant.id} and consumer = 'triggers'`;
  await aParcel(admin, { number: "P3" });
  await idle();
  expect(await instancesOf(tenant, "inspection")).toHaveLength(1);
  expect(await runsOf(tenant)).toHaveLength(1);
  const [started] = await owner<{ cause_id: string; actor_id: string }[]>`
    select cause_id, actor_id from events.log where tenant_id = ${tenant.id} and type = 'workflow.started' and subject_id = ${decodeId("instance", runs[0]?.instance?.id ?? "")}`;
  expect(started).toEqual({ cause_id: decodeId("event", runs[0]?.eventId ?? ""), actor_id: decodeId("user", admin.id) });
  expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
});

test("an event of a request starts an instance that is not about the asset of the request", async () => {
  const tenant = await weft.tenant();
  const { buildingId, assetId } = await tenant.maintenance();
  await tenant.definition(inspection);
  const starts = { eventType: "request.created", action: "START", definitionKey: "inspection", data: { parcel: "'P1'" } };
  const { id } = await trigger(tenant.admin, starts);
  await tenant.admin.run("mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request { id } } }", {
    input: { typeKey: "maintenance", data: { summary: "Noise", estimate: 100 }, buildingId, assetId },
  });
  await idle();
  const [run] = await runsOf(tenant, { triggerId: { eq: id } });
  expect(run?.outcome).toBe("STARTED");
  expect(await tenant.admin.run("query ($id: ID!) { workflowInstance(id: $id) { subject { id } } }", { id: run?.instance?.id })).toEqual({
    workflowInstance: { subject: null },
  });
});

test("an event that is handled by several processes at once has one effect", async () => {
  const tenant = await aTenant();
  await trigger(tenant.admin, inspects);
  // Without its cursor, the consumer of this process does not run.
  await owner`delete from events.consumer_cursors where tenant_id = ${tenant.id} and consumer = 'triggers'`;
  await idle();
  await receive(tenant.admin, await aParcel(tenant.admin, { number: "P1" }));
  await idle();
  const { databases, keyring, log } = weft.weft.services;
  const consumer = triggerConsumer({ databases, keyring, log });
  const handleAll = () =>
    asTenant(databases.app, { tenantId: tenant.id }, "write", async (tx) => {
      for (const event of await readEvents(tx, { afterPosition: 0, limit: 100 })) await consumer.handle(tx, event);
    });
  await Promise.all([handleAll(), handleAll(), handleAll()]);
  expect(await runsOf(tenant)).toMatchObject([{ outcome: "STARTED" }]);
  expect(await instancesOf(tenant, "inspection")).toHaveLength(1);
});

test("with a correlation key, no second instance is started while the first has not ended", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await trigger(admin, { ...inspects, condition: null, correlationKey: "payload.payload.number" });
  const receiveOne = async () => {
    await receive(admin, await aParcel(admin, { number: "SAME" }));
    await idle();
  };
  await receiveOne();
  await receiveOne();
  const [first, second] = await runsOf(tenant);
  expect(first).toMatchObject({ outcome: "STARTED", correlationKey: "SAME" });
  expect(second).toMatchObject({ outcome: "DUPLICATE", instance: { id: first?.instance?.id } });
  await admin.run(fire, { input: { instanceId: first?.instance?.id, transition: "pass" } });
  await receiveOne();
  expect((await runsOf(tenant)).map(({ outcome }) => outcome)).toEqual(["STARTED", "DUPLICATE", "STARTED"]);
});

test("old runs are deleted, except those whose workflow with a correlation key has not ended", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await trigger(admin, { ...inspects, condition: null, correlationKey: "payload.payload.number" });
  await trigger(admin, { ...inspects, condition: null });
  await receive(admin, await aParcel(admin, { number: "OLD" }));
  await idle();
  const { worker } = weft.weft.services.databases;
  const chore = pastTriggerRuns(() => Promise.resolve(90));
  const clean = () => asTenant(worker, { tenantId: tenant.id }, "write", (tx) => chore.deleteSome(tx, 10, tenant.id));
  expect(await clean()).toBe(0);
  await owner`update workflows.trigger_runs set created_at = created_at - interval '91 days' where tenant_id = ${tenant.id}`;
  expect(await clean()).toBe(1);
  const [kept] = await runsOf(tenant);
  expect(kept).toMatchObject({ outcome: "STARTED", correlationKey: "OLD" });
  await admin.run(fire, { input: { instanceId: kept?.instance?.id, transition: "pass" } });
  expect(await clean()).toBe(1);
  expect(await runsOf(tenant)).toEqual([]);
});

test("fires a transition of the instance that the event is about", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await trigger(admin, {
    name: "Opens",
    eventType: "workflow.transitioned",
    condition: `payload.definitionKey == "parcel" && payload.to == "received"`,
    action: "FIRE",
    transition: "open",
  });
  const id = await aParcel(admin, { number: "P1" });
  await receive(admin, id);
  await idle();
  expect(await runsOf(tenant)).toMatchObject([{ outcome: "FIRED", instances: [{ outcome: "FIRED", instance: { id, state: "opened" } }] }]);
  const [one] = await instancesOf(tenant, "parcel");
  expect(one?.history.at(-1)).toMatchObject({ kind: "TRANSITION", comment: 'Trigger "Opens"' });
});

test(
  "fires a transition of the instances whose field has a value of the event; what is rejected or ambiguous is recorded",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const passes = {
      eventType: "workflow.emitted",
      action: "FIRE",
      definitionKey: "inspection",
      transition: "pass",
      correlation: "FIELD",
      correlationField: "parcel",
      correlationValue: "payload.payload.number",
      maxMatches: 2,
    };
    const { id } = await trigger(admin, passes);
    const failing = await trigger(admin, { ...passes, name: "Without a weight", transition: "weigh" });
    const inspect = (number: string) => admin.run(start, { input: { definitionKey: "inspection", data: { parcel: number } } });
    const outcomes = async (number: string, triggerId: string) => {
      await receive(admin, await aParcel(admin, { number }));
      await idle();
      return (await runsOf(tenant, { triggerId: { eq: triggerId } })).at(-1);
    };
    expect(await outcomes("none", id)).toMatchObject({ outcome: "IGNORED", message: expect.stringContaining("no instance") as string });
    await inspect("one");
    await inspect("two");
    await inspect("two");
    expect(await outcomes("two", id)).toMatchObject({ outcome: "FIRED", instances: [{ outcome: "FIRED" }, { outcome: "FIRED" }] });
    for (let count = 0; count < 3; count++) await inspect("many");
    expect(await outcomes("many", id)).toMatchObject({ outcome: "FAILED", message: expect.stringContaining("more than 2") as string });
    // The inspections have no weight. The trigger that was created first has already passed it.
    await admin.run(`mutation { deactivateTrigger(input: { id: "${id}" }) { trigger { isActive } } }`);
    expect(await outcomes("one", failing.id)).toMatchObject({
      outcome: "REJECTED",
      instances: [{ outcome: "REJECTED", instance: { state: "waiting" } }],
    });
    await admin.run(
      `mutation { updateTrigger(input: { id: "${failing.id}", transition: "pass", onNoMatch: START, data: { parcel: "payload.payload.number" } }) { trigger { id } } }`,
    );
    expect(await outcomes("new", failing.id)).toMatchObject({ outcome: "STARTED", instance: { data: { parcel: "new" } } });
    expect(await brokenInvariants({ ownerUrl: weft.database.ownerUrl })).toEqual([]);
  },
);

test("acts with the current rights of the user who saved it; a failure leaves nothing, affects no other trigger, and can be retried", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const manager = await tenant.user("workflow_manager");
  const made = await trigger(manager, { ...inspects, name: "The manager's" });
  expect(made.actsAs.id).toBe(manager.id);
  await trigger(admin, { ...inspects, name: "Too heavy", data: { ...inspects.data, weight: "payload.payload.weight * 1000" } });
  await trigger(admin, { ...inspects, name: "Fine" });
  await owner`update identity.users set status = 'DISABLED' where id = ${decodeId("user", manager.id)}`;
  await receive(admin, await aParcel(admin, { number: "P1" }));
  await idle();
  const [gone, heavy, fine] = await runsOf(tenant);
  expect(gone).toMatchObject({ outcome: "FAILED", message: expect.stringContaining("not active") as string, instance: null });
  expect(heavy).toMatchObject({ outcome: "FAILED", message: expect.stringContaining("1000") as string, instance: null });
  expect(fine).toMatchObject({ outcome: "STARTED" });
  expect(await instancesOf(tenant, "inspection")).toHaveLength(1);
  expect(await admin.refusal(retry, { id: fine?.id })).toBe("CONFLICT");
  await owner`update identity.users set status = 'ACTIVE' where id = ${decodeId("user", manager.id)}`;
  expect(await admin.run(retry, { id: gone?.id })).toMatchObject({ retryTriggerRun: { run: { outcome: "STARTED", attempts: 2 } } });
  expect(await admin.run(retry, { id: heavy?.id })).toMatchObject({ retryTriggerRun: { run: { outcome: "FAILED", attempts: 2 } } });
  expect(await instancesOf(tenant, "inspection")).toHaveLength(2);
});

test("an instance that is locked for too long is no failure of the trigger: the event is handled again", async () => {
  const tenant = await aTenant();
  await trigger(tenant.admin, { eventType: "workflow.transitioned", eventName: null, action: "FIRE", transition: "open" });
  // Without its cursor, the consumer of this process does not run.
  await owner`delete from events.consumer_cursors where tenant_id = ${tenant.id} and consumer = 'triggers'`;
  await idle();
  const id = await aParcel(tenant.admin, { number: "P1" });
  await receive(tenant.admin, id);
  await idle();
  const { keyring, log } = weft.weft.services;
  const databases = await openDatabases({ ...weft.database, lockTimeoutMs: 50 });
  const consumer = triggerConsumer({ databases, keyring, log });
  const handleAll = () =>
    asTenant(databases.app, { tenantId: tenant.id }, "write", async (tx) => {
      for (const event of await readEvents(tx, { afterPosition: 0, limit: 100 })) await consumer.handle(tx, event);
    });
  await owner.begin(async (tx) => {
    await tx`select from workflows.instances where id = ${decodeId("instance", id)} for update`;
    await expect(handleAll()).rejects.toBeInstanceOf(ServiceUnavailable);
  });
  expect(await runsOf(tenant)).toEqual([]);
  await handleAll();
  await databases.close();
  expect(await runsOf(tenant)).toMatchObject([{ outcome: "FIRED", instances: [{ instance: { state: "opened" } }] }]);
});

test("a limit of the plan is named as the reason why nothing was started", async () => {
  const tenant = await aTenant();
  await trigger(tenant.admin, inspects);
  const id = await aParcel(tenant.admin, { number: "P1" });
  await owner`insert into app.configurations (tenant_id, level, subject_id, version, document, author_id, message)
    values (${tenant.id}, 'CONTRACT', ${tenant.id}, 1, ${owner.json({ limits: { runningInstances: 1 } })}, ${decodeId("user", tenant.admin.id)}, 'm')`;
  await receive(tenant.admin, id);
  await idle();
  expect(await runsOf(tenant)).toMatchObject([
    { outcome: "FAILED", message: "The limit runningInstances is reached: 1 of 1 used.", instance: null },
  ]);
});

test("explains for each trigger of the event's type why it did or did not act", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  await trigger(admin, { ...inspects, name: "Acts" });
  await trigger(admin, { ...inspects, name: "Lighter", condition: "payload.payload.weight < 2 || payload.payload.fragile" });
  await trigger(admin, { ...inspects, name: "Other name", eventName: "parcel.lost" });
  await trigger(admin, { ...inspects, name: "Inactive", isActive: false });
  await receive(admin, await aParcel(admin, { number: "P1" }));
  await idle();
  const [run] = await runsOf(tenant);
  const { explainTriggers } = await admin.run<{ explainTriggers: object[] }>(explain, { eventId: run?.eventId });
  expect(explainTriggers).toMatchObject([
    { trigger: { name: "Acts" }, isMatch: true, reasons: [], run: { outcome: "STARTED" } },
    {
      trigger: { name: "Lighter" },
      isMatch: false,
      run: null,
      reasons: ["payload.payload.weight is 3, but must be less than 2.", expect.any(String)],
    },
    { trigger: { name: "Other name" }, isMatch: false, reasons: [expect.stringContaining("parcel.received")], run: null },
    { trigger: { name: "Inactive" }, isMatch: false, reasons: ["The trigger is not active."], run: null },
  ]);
  // Events of sessions and rights are shown to nobody.
  const [internal] = await owner<
    { id: string }[]
  >`select id from events.log where tenant_id = ${tenant.id} and type = 'session.created' limit 1`;
  expect(await admin.refusal(explain, { eventId: encodeId("event", internal?.id ?? "") })).toBe("NOT_FOUND");
  expect(await (await aTenant()).admin.refusal(explain, { eventId: run?.eventId })).toBe("NOT_FOUND");
});

test("a test shows what would happen with an event or a sample, and writes nothing", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const payload = (weight: number) => ({
    instanceId: "x",
    definitionKey: "parcel",
    name: "parcel.received",
    payload: { number: "P9", weight },
  });
  const input = { ...inspects, correlationKey: "payload.payload.number" };
  const ask = (sample: object) => admin.run<{ testTrigger: object }>(tryOut, { input, ...sample });
  expect(await ask({ payload: payload(5) })).toMatchObject({
    testTrigger: { isMatch: true, outcome: "STARTED", data: { parcel: "P9", weight: 5, source: "trigger" }, correlationKey: "P9" },
  });
  expect(await ask({ payload: payload(1) })).toMatchObject({
    testTrigger: { isMatch: false, reasons: ["payload.payload.weight is 1, but must be greater than 2."], outcome: null },
  });
  expect(await ask({ payload: payload(5000) })).toMatchObject({
    testTrigger: { outcome: "FAILED", message: expect.stringContaining("1000") as string },
  });
  expect(await instancesOf(tenant, "inspection")).toEqual([]);
  const id = await aParcel(admin, { number: "P1" });
  await receive(admin, id);
  await idle();
  const [event] = await owner<
    { id: string }[]
  >`select id from events.log where tenant_id = ${tenant.id} and type = 'workflow.transitioned'`;
  const opening = { eventType: "workflow.transitioned", action: "FIRE", transition: "open" };
  const eventId = encodeId("event", event?.id ?? "");
  expect(await admin.run(tryOut, { input: opening, eventId })).toMatchObject({
    testTrigger: { outcome: "FIRED", instances: [{ outcome: "FIRED", instance: { id } }] },
  });
  expect((await instancesOf(tenant, "parcel"))[0]?.state).toBe("received");
  expect(await runsOf(tenant)).toEqual([]);
  expect(await admin.refusal(tryOut, { input: opening, payload: {}, eventId })).toBe("BAD_USER_INPUT");
});

test("a trigger that causes itself is deactivated after a few rounds", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const { id } = await trigger(admin, {
    eventType: "workflow.started",
    condition: `payload.definitionKey == "inspection"`,
    action: "START",
    definitionKey: "inspection",
    data: { parcel: "event.id" },
  });
  const other = await trigger(admin, { ...inspects, name: "Not affected" });
  await admin.run(start, { input: { definitionKey: "inspection", data: { parcel: "first" } } });
  await idle();
  expect((await runsOf(tenant)).map(({ outcome }) => outcome)).toEqual(["STARTED", "STARTED", "STARTED", "FAILED"]);
  const read = `query ($id: ID!) { trigger(id: $id) { isActive stopReason } }`;
  expect(await admin.run(read, { id })).toEqual({ trigger: { isActive: false, stopReason: "LOOP" } });
  expect(await admin.run(read, { id: other.id })).toEqual({ trigger: { isActive: true, stopReason: null } });
  expect(await admin.run("{ notifications { edges { node { kind subject { id } } } } }")).toMatchObject({
    notifications: { edges: expect.arrayContaining([{ node: { kind: "TRIGGER_STOPPED", subject: { id } } }]) as unknown },
  });
  const activate = "mutation ($id: ID!) { activateTrigger(input: { id: $id }) { trigger { isActive stopReason } } }";
  expect(await admin.run(activate, { id })).toEqual({ activateTrigger: { trigger: { isActive: true, stopReason: null } } });
});

test(
  "events of a tenant without active triggers are not read, and a deactivated trigger is inactive at once",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const cursors = async () =>
      (await owner`select 1 from events.consumer_cursors where tenant_id = ${tenant.id} and consumer = 'triggers'`).length;
    const touched = async (run: () => Promise<unknown>) =>
      (
        await weft.statements(async () => {
          await run();
          await idle();
        })
      ).filter((text) => /lockOptionalCursor|selectActiveTriggers/.test(text)).length;
    const one = async () => receive(admin, await aParcel(admin, { number: "P" }));
    expect(await touched(one)).toBe(0);
    const { id, version } = await trigger(admin, inspects);
    expect(await cursors()).toBe(1);
    expect(await touched(one)).toBeGreaterThan(0);
    const deactivate = `mutation ($input: KeyedVersionedIdInput!) { deactivateTrigger(input: $input) { trigger { isActive } } }`;
    expect(await admin.refusal(deactivate, { input: { id, expectedVersion: version + 1 } })).toBe("CONFLICT");
    await admin.run(deactivate, { input: { id, expectedVersion: version } });
    expect(await cursors()).toBe(0);
    await idle();
    expect(await touched(one)).toBe(0);
    expect(await runsOf(tenant)).toHaveLength(1);
    await admin.run("mutation ($id: ID!) { activateTrigger(input: { id: $id }) { trigger { isActive } } }", { id });
    await one();
    await idle();
    expect(await runsOf(tenant)).toHaveLength(2);
    await admin.run("mutation ($id: ID!) { deleteTrigger(input: { id: $id }) { id } }", { id });
    expect(await cursors()).toBe(0);
    expect(await runsOf(tenant)).toEqual([]);
  },
);

test("problems are named with their path when a trigger is saved", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [{ eventType: "workflow.transitionedd" }, "input.eventType", /Did you mean "workflow.transitioned"/],
    [{ eventType: "session.created" }, "input.eventType", /not an event type/],
    [{ condition: "payload.wight > 2" }, "input.condition", /There is no "payload.wight"/],
    [{ condition: "data.number == 'x'" }, "input.condition", /Only "event" and "payload" can be read/],
    [{ condition: "payload.name > " }, "input.condition", /./],
    [{ condition: "payload.name > 3" }, "input.condition", /cannot be compared/],
    [{ data: { parcel: "payload.payload.number", wight: "1" } }, "input.data.wight", /Did you mean "weight"/],
    [{ data: { parcel: "payload.payload.number", weight: "'x'" } }, "input.data.weight", /cannot be written/],
    [{ data: { weight: "1" } }, "input.data.parcel", /required by the definition/],
    [{ definitionKey: "inspectionn" }, "input.definitionKey", /no published definition/],
    [{ definitionKey: null }, "input.definitionKey", /required to start/],
    [{ transition: "pass" }, "input.transition", /no effect for the action START/],
    [
      {
        eventType: "vendor.created",
        condition: null,
        eventName: null,
        action: "FIRE",
        transition: "x",
        data: null,
        definitionKey: null,
        correlation: "FIELD",
      },
      "input.definitionKey",
      /FIELD/,
    ],
    [
      { eventType: "space.created", condition: null, eventName: null, action: "FIRE", transition: "x", data: null, definitionKey: null },
      "input.correlation",
      /about a space/,
    ],
    [{ action: "FIRE", transition: "pas", data: null }, "input.transition", /Did you mean "pass"/],
    [{ action: "FIRE", transition: "fail", data: null }, "input.transition", /can never fire "fail": This requires the role operations\./],
    [
      { action: "FIRE", transition: "pass", data: null, correlation: "FIELD", correlationField: "parcl", correlationValue: "payload.name" },
      "input.correlationField",
      /Did you mean "parcel"/,
    ],
    [{ maxMatches: 101 }, "input.maxMatches", /1 to 100/],
  ];
  for (const [change, path, message] of cases) {
    const problems = await problemsOf(admin, { ...inspects, ...change });
    expect(problems, JSON.stringify(change)).toContainEqual({ path, message: expect.stringMatching(message) as string });
  }
});

test("reacts to a declared type as eventTypes lists it", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const declare = `mutation ($input: DeclareEventTypeInput!) { declareEventType(input: $input) { eventType { type } } }`;
  const payloadSchema = { type: "object", properties: { number: { type: "string" } } };
  await admin.run(declare, { input: { name: "custom.delivery", description: "A delivery.", payloadSchema } });
  const { eventTypes } = await admin.run<{ eventTypes: { type: string; isCustom: boolean }[] }>("{ eventTypes { type isCustom } }");
  const eventType = eventTypes.find(({ isCustom }) => isCustom)?.type ?? "";
  const input = { ...inspects, condition: null, eventName: null, eventType, data: { parcel: "payload.payload.number" } };
  await trigger(admin, input);
  const [made] = (await admin.run<{ triggers: { edges: { node: object }[] } }>("{ triggers { edges { node { eventType eventName } } } }"))
    .triggers.edges;
  expect(made?.node).toEqual({ eventType: "custom.published", eventName: "custom.delivery" });
  await admin.run(`mutation { publishEvent(input: { type: "custom.delivery", payload: { number: "D1" } }) { eventId } }`);
  await idle();
  expect(await runsOf(tenant)).toMatchObject([{ outcome: "STARTED", instance: { data: { parcel: "D1" } } }]);
  expect(await problemsOf(admin, { ...input, eventType: "custom.deliveri" })).toMatchObject([{ path: "input.eventType" }]);
  expect(await problemsOf(admin, { ...input, eventName: "custom.other" })).toMatchObject([{ path: "input.eventName" }]);
});

test("only users who manage triggers can save them, nobody with rights that they do not have, and other tenants see nothing", async () => {
  const [tenant, other] = [await aTenant(), await aTenant()];
  const { admin } = tenant;
  const made = await trigger(admin, inspects);
  const viewer = await tenant.user("viewer");
  const update = "mutation ($input: UpdateTriggerInput!) { updateTrigger(input: $input) { trigger { version actsAs { id } } } }";
  expect(await viewer.refusal(create, { input: { name: "X", ...inspects } })).toBe("FORBIDDEN");
  expect(await viewer.run("query ($id: ID!) { trigger(id: $id) { id } }", { id: made.id })).toEqual({ trigger: { id: made.id } });
  expect(await (await tenant.user("requester")).refusal("{ triggers { totalCount } }")).toBe("FORBIDDEN");
  expect(await other.admin.refusal(update, { input: { id: made.id, name: "Mine" } })).toBe("NOT_FOUND");
  const role = {
    key: "automator",
    name: "Automator",
    permissions: [
      { permission: "trigger.manage", scope: "TENANT" },
      { permission: "trigger.read", scope: "TENANT" },
    ],
  };
  await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", { input: role });
  const automator = await tenant.user("automator");
  expect(await automator.refusal(create, { input: { name: "X", ...inspects } })).toBe("FORBIDDEN");
  const manager = await tenant.user("workflow_manager");
  expect(await manager.run(update, { input: { id: made.id, name: "Changed", expectedVersion: 1 } })).toEqual({
    updateTrigger: { trigger: { version: 2, actsAs: { id: manager.id } } },
  });
  const { eventTypes } = await admin.run<{ eventTypes: { type: string; isTriggering: boolean; payloadSchema: { properties: object } }[] }>(
    "{ eventTypes { type isTriggering subject related hasInstance payloadSchema } }",
  );
  expect(eventTypes.find(({ type }) => type === "workflow.transitioned")).toMatchObject({
    hasInstance: true,
    payloadSchema: { properties: { to: { type: "string" }, version: { type: "integer" } } },
  });
  expect(eventTypes.some(({ type }) => type.startsWith("session."))).toBe(false);
  expect(eventTypes.some(({ type, isTriggering }) => type.startsWith("trigger.") && isTriggering)).toBe(false);
});
