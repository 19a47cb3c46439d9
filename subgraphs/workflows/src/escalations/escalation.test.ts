import {
  advanceClock,
  brokenInvariants,
  fireTransition,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const source = `weft: 1
key: claim
name: Claim
data: { properties: { amount: { type: number }, priority: { type: string, enum: [low, normal, urgent] }, summary: { type: string } } }
initial: review
slas:
  resolution: { target: PT10H, warn: 50%, pause: { states: [waiting] }, stop: { states: [done] }, reset: { when: "data.summary == 'again'" } }
escalations:
  slow-review:
    title: Slow review
    on: { state: review }
    levels:
      - { after: PT1H, notify: { owner: true, roles: [operations] }, priority: high }
      - { after: PT2H, when: "data.amount > 1000", reassign: { roles: [workflow_manager] }, raise: { field: data.priority, to: urgent } }
      - { after: PT3H, start: { definition: audit, data: { summary: data.summary } } }
      - { after: PT4H, fire: escalate }
  stuck-task:
    on: { task: check }
    when: "data.amount > 1"
    levels: [{ after: PT30M, notify: { candidates: true } }]
  at-risk:
    on: { sla: resolution, at: warning }
    levels: [{ notify: { owner: true } }, { after: PT1H, priority: urgent }]
  late:
    on: { sla: resolution, at: breach }
    levels: [{ fire: blocked }, { after: PT1H, notify: { owner: true } }]
states:
  review:
    tasks: { check: { title: Check it, candidates: { roles: [operations] }, priority: normal } }
    transitions:
      escalate: { to: second }
      wait: { to: waiting }
      again: { to: review }
      edit: { to: review, input: { properties: { summary: { type: string } } } }
      blocked: { to: done, when: "data.amount < 0" }
      finish: { to: done }
  second: { tasks: { decide: { title: Decide, candidates: { roles: [workflow_manager] } } }, transitions: { finish: { to: done }, blocked: { to: done, when: "data.amount < 0" } } }
  waiting: { transitions: { resume: { to: review } } }
  done: { final: completed }
`;
const audit = `weft: 1
key: audit
name: Audit
data: { properties: { summary: { type: string } }, required: [summary] }
initial: open
states: { open: { transitions: { close: { to: closed } } }, closed: { final: completed } }
`;

const levels = `query ($filter: EscalationFilter) { escalations(filter: $filter, orderBy: { field: OCCURRED_AT, direction: ASC }) { totalCount edges { node {
  id name title level anchor taskId outcome reason dueAt occurredAt actions { kind reason from to taskId userIds roles previousIds instanceId } instance { id } } } } }`;
const read = `query ($id: ID!) { workflowInstance(id: $id) { state status version data tasks { id status priority candidateRoles assignee { id } }
  history { kind timer transition actor { id } input } escalations { name level outcome } timers { kind name } } }`;

type Level = {
  id: string;
  name: string;
  level: number;
  outcome: string;
  reason: string | null;
  dueAt: string;
  occurredAt: string;
  actions: { kind: string; instanceId: string | null }[];
};

let weft: TestWeft;
beforeAll(async () => {
  weft = await startTestWeft({ alone: "It checks the invariants of all tenants." });
});
afterAll(() => weft.stop());

async function aTenant(text = source): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(audit);
  await tenant.definition(text);
  return tenant;
}

async function start(who: TestUser, data: object = { amount: 5000, summary: "Roof" }): Promise<string> {
  const started = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "claim", data: $data }) { instance { id } } }`,
    { data },
  );
  return started.startWorkflow.instance.id;
}

const fire = (who: TestUser, instanceId: string, transition: string, input?: object) =>
  who.run(fireTransition, { input: { instanceId, transition, ...(input && { input }) } });
const occurred = async (who: TestUser, filter: object = {}): Promise<Level[]> =>
  (await who.run<{ escalations: { edges: { node: Level }[] } }>(levels, { filter })).escalations.edges.map(({ node }) => node);
const short = async (who: TestUser, name: string): Promise<string[]> =>
  (await occurred(who, { name: { eq: name } })).map(({ level, outcome }) => `${level} ${outcome}`);

test("the levels of a state's chain occur once each, in order, at their times, and each does what it says", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const id = await start(admin);
  await advanceClock(weft, tenant, { minutes: 59 });
  expect(await short(admin, "slow-review")).toEqual([]);
  await advanceClock(weft, tenant, { minutes: 1 });
  expect(await short(admin, "slow-review")).toEqual(["1 DONE"]);
  expect(await admin.run(read, { id })).toMatchObject({ workflowInstance: { state: "review", tasks: [{ priority: "HIGH" }] } });
  await advanceClock(weft, tenant, { hours: 1 });
  expect(await admin.run(read, { id })).toMatchObject({
    workflowInstance: { data: { priority: "urgent" }, tasks: [{ candidateRoles: ["workflow_manager"], status: "OPEN" }] },
  });
  await advanceClock(weft, tenant, { hours: 5 });
  const all = await occurred(admin, { name: { eq: "slow-review" } });
  expect(all).toMatchObject([
    {
      level: 1,
      title: "Slow review",
      anchor: "STATE",
      actions: [
        { kind: "PRIORITY", from: "normal", to: "high" },
        { kind: "NOTIFY", roles: ["operations"] },
      ],
    },
    {
      level: 2,
      actions: [
        { kind: "REASSIGN", roles: ["workflow_manager"] },
        { kind: "RAISE", from: null, to: "urgent" },
      ],
    },
    { level: 3, actions: [{ kind: "START", to: "audit" }] },
    { level: 4, actions: [{ kind: "FIRE", to: "escalate", reason: null }] },
  ]);
  expect(all.every((one) => one.outcome === "DONE" && one.occurredAt >= one.dueAt)).toBe(true);
  expect(await admin.run(read, { id })).toMatchObject({
    workflowInstance: {
      state: "second",
      history: [
        { kind: "START" },
        { kind: "TIMER", timer: "stuck-task", actor: null, input: { level: 1 } },
        { kind: "TIMER", timer: "slow-review", input: { level: 1 } },
        { kind: "TIMER", timer: "slow-review", input: { level: 2 } },
        { kind: "TIMER", timer: "slow-review", input: { level: 3 } },
        { kind: "TRANSITION", transition: "escalate", timer: "slow-review", actor: null, input: { level: 4 } },
        { kind: "TIMER", timer: "at-risk", input: { level: 1 } },
        { kind: "TIMER", timer: "at-risk", input: { level: 2 } },
      ],
      escalations: expect.arrayContaining([{ name: "slow-review", level: 4, outcome: "DONE" }]) as unknown,
    },
  });
  const instanceId = all[2]?.actions[0]?.instanceId;
  expect(await admin.run(read, { id: instanceId })).toMatchObject({ workflowInstance: { state: "open", data: { summary: "Roof" } } });
  expect(await occurred(admin, { startedInstanceId: { eq: instanceId } })).toMatchObject([{ level: 3 }]);
});

test("people who are referenced are notified, and the live feed shows the level", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const operations = await tenant.user("operations");
  const feed = await operations.subscribe<{ escalation: { name: string; level: number } }>(
    "escalationOccurred",
    `subscription { escalationOccurred { cursor escalation { name level outcome } occurredAt } }`,
  );
  await start(tenant.admin);
  await advanceClock(weft, tenant, { hours: 1 });
  await feed.until((seen) => seen.some(({ escalation }) => escalation.name === "slow-review" && escalation.level === 1));
  await feed.stop();
  await weft.weft.worker.idle();
  const mine = `{ notifications { edges { node { kind title params } } } }`;
  const { notifications } = await operations.run<{ notifications: { edges: { node: { kind: string; title: string } }[] } }>(mine);
  const escalations = notifications.edges.map(({ node }) => node).filter(({ kind }) => kind === "ESCALATION");
  expect(escalations).toMatchObject([
    { title: "Slow review (level 1): Claim: Review", params: { escalation: "slow-review", level: "1", outcome: "DONE" } },
    { title: "Stuck task (level 1): Check it" },
  ]);
});

test(
  "a level whose condition fails is skipped, and one whose transition is refused fails, each with its reason; the chain continues",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const id = await start(admin, { amount: 1, summary: "Door" });
    await advanceClock(weft, tenant, { hours: 3 });
    expect(await occurred(admin, { outcome: { eq: "SKIPPED" } })).toMatchObject([
      { name: "stuck-task", reason: expect.stringContaining("data.amount is 1") as unknown, actions: [] },
      { name: "slow-review", level: 2, reason: expect.stringContaining("1000") as unknown },
    ]);
    await advanceClock(weft, tenant, { hours: 8 });
    expect(await short(admin, "late")).toEqual(["1 FAILED", "2 DONE"]);
    const [failed] = await occurred(admin, { outcome: { eq: "FAILED" } });
    expect(failed).toMatchObject({
      name: "late",
      actions: [{ kind: "FIRE", to: "blocked", reason: expect.stringContaining("Amount is 1") as unknown }],
    });
    expect(await admin.run(read, { id })).toMatchObject({ workflowInstance: { state: "second", status: "RUNNING" } });
  },
);

test("a workflow that cannot be started is the reason of the level, and leaves nothing", async () => {
  const tenant = await aTenant();
  await start(tenant.admin, { amount: 5000 });
  await advanceClock(weft, tenant, { hours: 3 });
  const [failed] = await occurred(tenant.admin, { outcome: { eq: "FAILED" } });
  expect(failed).toMatchObject({ level: 3, actions: [{ kind: "START", instanceId: null, reason: expect.any(String) as unknown }] });
  expect(await tenant.admin.run(`{ workflowInstances { totalCount } }`)).toEqual({ workflowInstances: { totalCount: 1 } });
});

test(
  "leaving the state ends the chain, entering it again begins another, and closing the task ends that of the task",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const id = await start(admin);
    await advanceClock(weft, tenant, { minutes: 40 });
    expect(await short(admin, "stuck-task")).toEqual(["1 DONE"]);
    await fire(admin, id, "wait");
    await advanceClock(weft, tenant, { hours: 3 });
    expect(await short(admin, "slow-review")).toEqual([]);
    await fire(admin, id, "resume");
    await advanceClock(weft, tenant, { minutes: 61 });
    expect(await short(admin, "slow-review")).toEqual(["1 DONE"]);
    expect(await short(admin, "stuck-task")).toEqual(["1 DONE", "1 DONE"]);
    await fire(admin, id, "again");
    await advanceClock(weft, tenant, { minutes: 61 });
    expect(await short(admin, "slow-review")).toEqual(["1 DONE", "1 DONE"]);
    await fire(admin, id, "finish");
    await advanceClock(weft, tenant, { days: 5 });
    expect(await short(admin, "slow-review")).toHaveLength(2);
    const { workflowInstance } = await admin.run<{ workflowInstance: { timers: object[] } }>(read, { id });
    expect(workflowInstance.timers).toEqual([]);
  },
);

test(
  "paused time of the clock does not count for its chain, and a clock that starts again begins another chain",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const id = await start(admin, { amount: 0, summary: "Wall" });
    await advanceClock(weft, tenant, { hours: 2 });
    await fire(admin, id, "wait");
    await advanceClock(weft, tenant, { days: 3 });
    expect(await short(admin, "at-risk")).toEqual([]);
    await fire(admin, id, "resume");
    await advanceClock(weft, tenant, { hours: 2, minutes: 59 });
    expect(await short(admin, "at-risk")).toEqual([]);
    await advanceClock(weft, tenant, { minutes: 2 });
    expect(await short(admin, "at-risk")).toEqual(["1 DONE"]);
    await fire(admin, id, "edit", { summary: "again" });
    await advanceClock(weft, tenant, { hours: 4 });
    expect(await short(admin, "at-risk")).toEqual(["1 DONE"]);
    await advanceClock(weft, tenant, { hours: 2, minutes: 1 });
    expect(await short(admin, "at-risk")).toEqual(["1 DONE", "1 DONE", "2 DONE"]);
  },
);

test("nothing occurs while the instance is suspended; what was due then occurs afterwards", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const id = await start(admin);
  await admin.run(`mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Later" }) { instance { id } } }`, { id });
  await advanceClock(weft, tenant, { hours: 20 });
  expect(await occurred(admin)).toEqual([]);
  await admin.run(`mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }`, { id });
  await advanceClock(weft, tenant, { minutes: 1 });
  expect(await short(admin, "slow-review")).toEqual(["1 DONE", "2 DONE", "3 DONE", "4 DONE"]);
  expect(await short(admin, "at-risk")).toEqual([]);
});

test("a priority that is higher stays, whether of the task or in the data", async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const id = await start(admin, { amount: 5000, priority: "urgent", summary: "Roof" });
  const { workflowInstance } = await admin.run<{ workflowInstance: { tasks: { id: string }[] } }>(read, { id });
  await admin.run(`mutation ($id: ID!) { updateTask(input: { id: $id, priority: URGENT }) { task { id } } }`, {
    id: workflowInstance.tasks[0]?.id,
  });
  await advanceClock(weft, tenant, { hours: 2 });
  expect(await admin.run(read, { id })).toMatchObject({
    workflowInstance: { data: { priority: "urgent" }, tasks: [{ priority: "URGENT" }] },
  });
  expect(await occurred(admin, { name: { eq: "slow-review" } })).toMatchObject([
    { actions: [{ kind: "PRIORITY", from: "urgent", to: "urgent" }, { kind: "NOTIFY" }] },
    { actions: [{ kind: "REASSIGN" }, { kind: "RAISE", from: "urgent", to: "urgent" }] },
  ]);
});

test("escalations that follow each other at once stop with an incident instead of running forever", { tags: "slow" }, async () => {
  const tenant = await aTenant(`weft: 1
key: claim
name: Claim
data: { properties: { amount: { type: number }, summary: { type: string } } }
initial: a
escalations:
  forth: { on: { state: a }, levels: [{ fire: go }] }
  back: { on: { state: b }, levels: [{ fire: go }] }
states: { a: { transitions: { go: { to: b } } }, b: { transitions: { go: { to: a } , end: { to: c } } }, c: { final: completed } }
`);
  const id = await start(tenant.admin);
  await weft.weft.worker.idle();
  expect(await tenant.admin.run(`query ($id: ID!) { workflowInstance(id: $id) { status incident { kind place } } }`, { id })).toMatchObject(
    {
      workflowInstance: { status: "FAILED", incident: { kind: "LOOP" } },
    },
  );
});

describe("another tenant", () => {
  test("sees no escalations", async () => {
    const [acme, globex] = [await aTenant(), await aTenant()];
    const id = await start(acme.admin);
    await advanceClock(weft, acme, { hours: 1 });
    expect(await occurred(acme.admin)).toHaveLength(2);
    expect(await occurred(globex.admin)).toEqual([]);
    expect(await globex.admin.run(levels, { filter: { instanceId: { eq: id } } })).toMatchObject({ escalations: { totalCount: 0 } });
    expect(await globex.admin.refusal(read, { id })).toBe("NOT_FOUND");
  });
});

test("no chain contradicts its record", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
