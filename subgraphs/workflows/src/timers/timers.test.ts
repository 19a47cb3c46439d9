import { changeInstanceData } from "@weft/engine";
import { decodeId, newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import { advanceClock, fireTransition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const offer = `weft: 1
key: offer
name: Offer
data: { properties: { neededBy: { type: string }, nudged: { type: number }, big: { type: boolean } } }
initial: open
states:
  open:
    title: Waiting for an answer
    task: { title: Answer the offer, candidates: { roles: [operations] } }
    timers:
      nudge: { after: P1D, every: P1D, times: 3, remind: [candidates, assignee, owner] }
      note: { after: P2D, actions: [ set: { data.nudged: 2 } ] }
      expire: { after: P5D, fire: expire }
      late: { at: data.neededBy, fire: escalate }
    transitions:
      accept: { to: done, allow: { roles: [operations] } }
      expire: { to: expired, auto: timer, when: "!has(data.big)" }
      escalate: { to: urgent }
      again: { to: open }
  urgent:
    timers: { last: { after: PT1H, fire: accept } }
    transitions: { accept: { to: done, allow: { roles: [operations] } }, calm: { to: open } }
  done: { final: completed }
  expired: { final: rejected }
`;

const start = `mutation ($data: JSON) { startWorkflow(input: { definitionKey: "offer", data: $data }) { instance { id } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state status version data
  history { kind transition timer isAutomatic actor { id } input } tasks { status } } }`;

interface Instance {
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly data: Record<string, unknown>;
  readonly history: {
    readonly kind: string;
    readonly transition: string | null;
    readonly timer: string | null;
    readonly actor: object | null;
  }[];
}

let weft: SharedWeft;
let owner: postgres.Sql;
beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await owner.end();
});

async function aTenant(definition = offer): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(definition);
  return tenant;
}
async function started(who: TestUser, data: object = {}): Promise<string> {
  return (await who.run<{ startWorkflow: { instance: { id: string } } }>(start, { data })).startWorkflow.instance.id;
}
const seen = async (who: TestUser, id: string): Promise<Instance> =>
  (await who.run<{ workflowInstance: Instance }>(read, { id })).workflowInstance;
const rows = (tenant: TestTenant): Promise<{ name: string; status: string; reason: string | null; hours: number }[]> =>
  owner`select name, status, reason, round(extract(epoch from due_at - created_at) / 3600)::int as hours from workflows.timers
    where tenant_id = ${tenant.id} order by created_at, id`;
const statuses = async (tenant: TestTenant): Promise<string[]> =>
  (await rows(tenant)).map(({ name, status }) => `${name} ${status}`).toSorted();

test("timers of a state are set on entering it, fire in order at their times, and are cleared on leaving it", async () => {
  const acme = await aTenant();
  const id = await started(acme.admin);
  expect(await statuses(acme)).toEqual(["expire ARMED", "note ARMED", "nudge ARMED"]);
  await advanceClock(weft, acme, { days: 4, hours: 23 });
  const before = await seen(acme.admin, id);
  expect(before).toMatchObject({ state: "open", status: "RUNNING", data: { nudged: 2 } });
  await advanceClock(weft, acme, { hours: 1 });
  const instance = await seen(acme.admin, id);
  expect(instance).toMatchObject({ state: "expired", status: "COMPLETED", version: 3, tasks: [{ status: "CLOSED" }] });
  expect(instance.history).toMatchObject([
    { kind: "START", timer: null, isAutomatic: false },
    { kind: "TIMER", transition: null, timer: "note", isAutomatic: true, actor: null },
    { kind: "TRANSITION", transition: "expire", timer: "expire", isAutomatic: true, actor: null, input: { timer: "expire" } },
  ]);
  expect((await statuses(acme)).filter((one) => one.endsWith("ARMED"))).toEqual([]);
  expect(await statuses(acme)).toContain("expire FIRED");
});

test("a timer that is not due does not fire together with another one of its instance", async () => {
  const acme = await aTenant();
  const id = await started(acme.admin);
  await advanceClock(weft, acme, { days: 1 });
  expect(await statuses(acme)).toEqual(["expire ARMED", "note ARMED", "nudge ARMED", "nudge FIRED"]);
  expect((await seen(acme.admin, id)).data).not.toHaveProperty("nudged");
});

test("a person who acts first clears the timers, and the neighbor's clock stands still", async () => {
  const [acme, globex] = [await aTenant(), await aTenant()];
  const ids = [await started(acme.admin), await started(globex.admin)] as const;
  await (await acme.user("operations")).run(fireTransition, { input: { instanceId: ids[0], transition: "accept" } });
  expect(await statuses(acme)).toEqual(["expire CLEARED", "note CLEARED", "nudge CLEARED"]);
  await advanceClock(weft, acme, { days: 30 });
  expect(await seen(acme.admin, ids[0])).toMatchObject({ state: "done", version: 2 });
  expect(await seen(globex.admin, ids[1])).toMatchObject({ state: "open", version: 1 });
  expect(await statuses(globex)).toEqual(["expire ARMED", "note ARMED", "nudge ARMED"]);
});

test("the events of timers that are due together are in the order in which they fired", async () => {
  const acme = await aTenant();
  const id = decodeId("instance", await started(acme.admin));
  await advanceClock(weft, acme, { days: 6 });
  const events =
    await owner`select l.type, l.subject_version as version from events.positions p join events.log l on l.tenant_id = p.tenant_id and l.id = p.event_id
    where l.subject_id = ${id} order by p.position`;
  expect(events).toEqual([
    { type: "workflow.started", version: 1 },
    { type: "workflow.reminded", version: 1 },
    { type: "workflow.timer_fired", version: 2 },
    { type: "workflow.transitioned", version: 3 },
  ]);
});

test("users cannot fire a transition that is for timers, and its condition counts for timers too", async () => {
  const acme = await aTenant();
  const id = await started(acme.admin, { big: true });
  expect(await acme.admin.refusal(fireTransition, { input: { instanceId: id, transition: "expire" } })).toBe("TRANSITION_REJECTED");
  await advanceClock(weft, acme, { days: 6 });
  expect(await seen(acme.admin, id)).toMatchObject({ state: "open" });
  expect((await rows(acme)).find(({ name }) => name === "expire")).toMatchObject({
    status: "SKIPPED",
    reason: expect.stringContaining("Big has a value") as unknown,
  });
});

test("a timer at a time in the data moves with it, and is skipped with a reason if it is no time", async () => {
  const acme = await aTenant();
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = new Date(Date.now() + 10 * 3_600_000).toISOString();
  const id = await started(acme.admin, { neededBy: soon });
  const { databases, keyring } = weft.weft.services;
  const meta = {
    tenantId: acme.id,
    actorId: newId(),
    onBehalfOf: null,
    requestId: "test",
    sessionId: null,
    address: null,
    traceId: null,
    keyring,
  };
  await asTenant(databases.app, { tenantId: acme.id }, "write", (tx) =>
    changeInstanceData(tx, meta, { id: decodeId("instance", id, "id"), patch: { neededBy: later } }),
  );
  await advanceClock(weft, acme, { hours: 2 });
  expect(await seen(acme.admin, id)).toMatchObject({ state: "open" });
  await advanceClock(weft, acme, { hours: 9 });
  await advanceClock(weft, acme, { hours: 1 });
  expect(await seen(acme.admin, id)).toMatchObject({
    state: "done",
    history: [{}, { kind: "DATA" }, { transition: "escalate" }, { transition: "accept" }],
  });
  const other = await started(acme.admin, { neededBy: "soon" });
  expect(await seen(acme.admin, other)).toMatchObject({ state: "open" });
  expect((await rows(acme)).findLast(({ name }) => name === "late")).toMatchObject({
    status: "SKIPPED",
    reason: expect.stringContaining("soon") as unknown,
  });
});

test("reminders are sent as often as the definition says, at most once after a time in which nothing ran", async () => {
  const acme = await aTenant();
  const operations = await acme.user("operations");
  await started(acme.admin, { big: true });
  const titles = async (who: TestUser) =>
    (
      await who.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(
        "{ notifications(first: 50) { edges { node { kind title } } } }",
      )
    ).notifications.edges
      .map(({ node }) => node)
      .filter(({ kind }) => kind === "REMINDER");
  await advanceClock(weft, acme, { days: 1 });
  expect(await titles(operations)).toEqual([{ kind: "REMINDER", title: "Reminder: Offer: Waiting for an answer" }]);
  expect(await titles(acme.admin)).toHaveLength(1);
  await advanceClock(weft, acme, { days: 1 });
  expect(await titles(operations)).toHaveLength(2);
  await advanceClock(weft, acme, { days: 30 });
  expect(await titles(operations)).toHaveLength(3);
  expect((await statuses(acme)).filter((one) => one.startsWith("nudge"))).toEqual(["nudge FIRED", "nudge FIRED", "nudge FIRED"]);
});

test("nothing fires while the instance or its tenant is suspended; what is due fires afterwards", async () => {
  const acme = await aTenant();
  const id = await started(acme.admin);
  const act = (name: string) =>
    acme.admin.run(`mutation ($input: ${name}WorkflowInput!) { ${name.toLowerCase()}Workflow(input: $input) { instance { id } } }`, {
      input: { instanceId: id, reason: "Wait" },
    });
  await act("Suspend");
  await advanceClock(weft, acme, { days: 6 });
  expect(await seen(acme.admin, id)).toMatchObject({ state: "open", status: "SUSPENDED", version: 2 });
  await owner`update identity.tenants set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
  await owner`update workflows.timers set is_held = false where tenant_id = ${acme.id} and status = 'ARMED'`;
  await owner`update workflows.instances set status = 'RUNNING' where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  expect((await statuses(acme)).filter((one) => one.includes("FIRED"))).toEqual([]);
  await owner`update workflows.instances set status = 'SUSPENDED' where tenant_id = ${acme.id}`;
  await owner`update identity.tenants set status = 'ACTIVE' where tenant_id = ${acme.id}`;
  await weft.weft.worker.idle();
  await act("Resume");
  await weft.weft.worker.idle();
  expect(await seen(acme.admin, id)).toMatchObject({ state: "expired", version: 5 });
});

test("entering the state again sets its timers anew, and a rollback sets those of the state that it returns to", async () => {
  const acme = await aTenant();
  const manager = await acme.user("workflow_manager");
  const id = await started(acme.admin);
  await advanceClock(weft, acme, { days: 3 });
  await acme.admin.run(fireTransition, { input: { instanceId: id, transition: "again" } });
  await advanceClock(weft, acme, { days: 3 });
  expect(await seen(acme.admin, id)).toMatchObject({ state: "open" });
  await acme.admin.run(fireTransition, { input: { instanceId: id, transition: "escalate" } });
  expect((await statuses(acme)).filter((one) => one.endsWith("ARMED"))).toEqual(["last ARMED"]);
  const rollback = "mutation ($input: RollbackWorkflowInput!) { rollbackWorkflow(input: $input) { instance { state } } }";
  await manager.run(rollback, { input: { instanceId: id, toVersion: 1, data: "CURRENT", reason: "Mistake" } });
  expect((await statuses(acme)).filter((one) => one.endsWith("ARMED"))).toEqual(["expire ARMED", "note ARMED", "nudge ARMED"]);
});

test("a migration keeps the time of a timer that both versions have, and sets and clears the others", async () => {
  const acme = await aTenant();
  const id = await started(acme.admin);
  await acme.definition(offer.replace("note: {", "check: {").replace("expire: { after: P5D", "expire: { after: P50D"));
  const before = (await rows(acme)).find(({ name }) => name === "expire");
  const { definitions } = await acme.admin.run<{ definitions: { edges: { node: { id: string; number: number } }[] } }>(
    '{ definitions(filter: { key: { eq: "offer" } }) { edges { node { id number } } } }',
  );
  const version = (wanted: number) => definitions.edges.find(({ node }) => node.number === wanted)?.node.id;
  const migrate = "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }";
  await acme.admin.run(migrate, { input: { from: version(1), to: version(2), instanceIds: [id] } });
  await weft.weft.worker.idle();
  expect(await statuses(acme)).toEqual(["check ARMED", "expire ARMED", "note CLEARED", "nudge ARMED"]);
  expect((await rows(acme)).find(({ name }) => name === "expire")).toEqual(before);
});

test("a timer that makes the data invalid stops its instance; retrying fires it again", async () => {
  const acme = await aTenant(`weft: 1
key: offer
name: Offer
data: { properties: { count: { type: number }, text: {} } }
initial: open
states:
  open:
    timers: { spoil: { after: P1D, actions: [ set: { data.count: data.text } ] } }
    transitions: { close: { to: done } }
  done: { final: completed }
`);
  const id = await started(acme.admin, { text: "x" });
  await advanceClock(weft, acme, { days: 2 });
  expect(await seen(acme.admin, id)).toMatchObject({ state: "open", status: "FAILED" });
  expect(await rows(acme)).toMatchObject([{ name: "spoil", status: "FAILED" }]);
  const list = "{ incidents { edges { node { id kind place message } } } }";
  const { incidents } = await acme.admin.run<{ incidents: { edges: { node: { id: string } }[] } }>(list);
  expect(incidents.edges).toMatchObject([{ node: { kind: "DATA", place: "states.open.timers.spoil" } }]);
  const resolve = "mutation ($input: ResolveIncidentInput!) { resolveIncident(input: $input) { instance { status } } }";
  await owner`update workflows.instances set data = '{"text": 5}' where tenant_id = ${acme.id}`;
  await acme.admin.run(resolve, { input: { id: incidents.edges[0]?.node.id, action: "RETRY" } });
  await weft.weft.worker.idle();
  expect(await seen(acme.admin, id)).toMatchObject({ status: "RUNNING", data: { count: 5 } });
  expect(await rows(acme)).toMatchObject([{ name: "spoil", status: "FIRED" }]);
});

describe("timers in the API", () => {
  const fields = "id kind name state taskId effect repetition dueAt status isWaiting reason version endedAt";
  const list = `query ($filter: WorkflowTimerFilter) { workflowTimers(filter: $filter) { totalCount edges { node { ${fields} instance { id } } } } }`;
  const ofOne = `query ($id: ID!) { workflowInstance(id: $id) { timers { ${fields} } tasks { timers { name } } } }`;
  const cancel = `mutation ($input: CancelTimerInput!) { cancelTimer(input: $input) { timer { ${fields} } } }`;
  const reschedule = `mutation ($input: RescheduleTimerInput!) { rescheduleTimer(input: $input) { timer { ${fields} } } }`;

  type Timer = { readonly id: string; readonly name: string };
  const setTimers = async (who: TestUser, id: string): Promise<Timer[]> =>
    (await who.run<{ workflowInstance: { timers: Timer[] } }>(ofOne, { id })).workflowInstance.timers;

  test("an instance shows what it waits for, and the list shows what became of it", async () => {
    const acme = await aTenant();
    const id = await started(acme.admin);
    expect(await setTimers(acme.admin, id)).toMatchObject([
      { name: "nudge", kind: "STATE", effect: "REMIND", state: "open", repetition: 1, status: "ARMED", isWaiting: false, taskId: null },
      { name: "note", effect: "ACTIONS" },
      { name: "expire", effect: "FIRE" },
    ]);
    await advanceClock(weft, acme, { days: 6 });
    expect(await setTimers(acme.admin, id)).toEqual([]);
    expect(
      await acme.admin.run(list, { filter: { instanceId: { eq: id }, status: { eq: "FIRED" }, name: { eq: "expire" } } }),
    ).toMatchObject({
      workflowTimers: { totalCount: 1, edges: [{ node: { name: "expire", endedAt: expect.any(String) as unknown, instance: { id } } }] },
    });
  });

  test("a timer can be canceled and rescheduled with a reason, which is audited", async () => {
    const acme = await aTenant();
    const id = await started(acme.admin);
    const [nudge, note, expire] = await setTimers(acme.admin, id);
    const viewer = await acme.user("viewer");
    const input = { id: note?.id, reason: "Not needed", expectedVersion: 1 };
    expect(await viewer.refusal(cancel, { input })).toBe("FORBIDDEN");
    expect(await acme.admin.refusal(cancel, { input: { ...input, expectedVersion: 2 } })).toBe("CONFLICT");
    expect(await acme.admin.refusal(cancel, { input: { ...input, reason: " " } })).toBe("BAD_USER_INPUT");
    expect(await acme.admin.run(cancel, { input })).toMatchObject({
      cancelTimer: { timer: { status: "SKIPPED", reason: "Not needed", version: 2 } },
    });
    expect(await acme.admin.refusal(cancel, { input: { ...input, expectedVersion: null } })).toBe("TRANSITION_REJECTED");
    await acme.admin.run(cancel, { input: { id: nudge?.id, reason: "Quiet" } });
    const dueAt = new Date(Date.now() - 1_000).toISOString();
    await acme.admin.run(reschedule, { input: { id: expire?.id, dueAt, reason: "Sooner" } });
    await weft.weft.worker.idle();
    expect(await seen(acme.admin, id)).toMatchObject({ state: "expired", data: {}, version: 2 });
    const { auditEntries } = await acme.admin.run<{ auditEntries: { edges: { node: { action: string } }[] } }>(
      "{ auditEntries(first: 50) { edges { node { action } } } }",
    );
    const actions = auditEntries.edges.map(({ node }) => node.action);
    expect(actions.filter((one) => one.endsWith("Timer"))).toEqual([
      "workflow.rescheduleTimer",
      "workflow.cancelTimer",
      "workflow.cancelTimer",
    ]);
  });

  test("the event of a changed timer has the current version of its instance", async () => {
    const acme = await aTenant();
    const id = await started(acme.admin);
    const [nudge] = await setTimers(acme.admin, id);
    await acme.admin.run(
      'mutation ($id: ID!) { commentOnWorkflow(input: { instanceId: $id, audience: PUBLIC, comment: "Not yet" }) { instance { id } } }',
      {
        id,
      },
    );
    await acme.admin.run(cancel, { input: { id: nudge?.id, reason: "Quiet" } });
    const [versions] = await owner<{ event: number; instance: number }[]>`
      select l.subject_version as event, i.version as instance from events.log l
        join workflows.instances i on i.tenant_id = l.tenant_id and i.id = l.subject_id
       where l.tenant_id = ${acme.id} and l.type = 'workflow.timer_changed'`;
    expect(versions).toEqual({ event: 2, instance: 2 });
  });

  test("another tenant's timers are neither listed nor changed", async () => {
    const [acme, globex] = [await aTenant(), await aTenant()];
    const id = await started(acme.admin);
    const [timer] = await setTimers(acme.admin, id);
    expect(await globex.admin.run(list, { filter: {} })).toMatchObject({ workflowTimers: { totalCount: 0 } });
    expect(await globex.admin.refusal(cancel, { input: { id: timer?.id, reason: "Mine" } })).toBe("NOT_FOUND");
  });
});
