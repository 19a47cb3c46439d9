import { brokenInvariants, fireTransition, setClock, startTestWeft, type TestTenant, type TestUser, type TestWeft } from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = `weft: 1
key: ticket
name: Ticket
data:
  type: object
  properties: { priority: { type: string }, note: { type: string } }
initial: open
slas:
  resolution:
    target:
      - { when: "data.priority == 'urgent'", target: 2 working hours }
      - { target: 8 working hours }
    pause: { states: [waiting], waitingForInformation: true }
    stop: { states: [solved] }
    warn: [50%, 1 working hour]
  reply: { target: PT1H, start: { states: [waiting] }, stop: { states: [open] }, reset: { when: "data.note == 'again'" } }
states:
  open:
    sla: 4 working hours
    task: { title: Solve it, candidates: { roles: [operations] }, sla: PT30M }
    transitions: { prioritize: { to: open, input: { properties: { priority: { type: string } } } }, wait: { to: waiting }, solve: { to: solved }, drop: { to: dropped } }
  waiting: { transitions: { answer: { to: open }, note: { to: waiting, input: { properties: { note: { type: string } } } } } }
  solved: { transitions: { close: { to: closed }, reopen: { to: open } } }
  closed: { final: completed }
  dropped: { final: cancelled }
`;

const clock =
  "id name title status isBreached isPausedByHand pausedFor targetSeconds consumedSeconds remainingSeconds startedAt dueAt breachedAt endedAt task { id }";
const ofInstance = `query ($id: ID!) { workflowInstance(id: $id) { slaStatus { ${clock} } tasks { id slaStatus { ${clock} } } } }`;
const explain = `query ($id: ID!) { slaExplain(id: $id) { isRecounted clock { consumedSeconds } intervals { from to isRunning cause seconds targetSeconds actor { id } reason } } }`;
const pause = `mutation ($input: SlaClockInput!) { pauseSla(input: $input) { clock { ${clock} } } }`;
const resume = `mutation ($input: SlaClockInput!) { resumeSla(input: $input) { clock { ${clock} } } }`;
const timers = `query ($filter: SlaClockFilter) { slaTimers(filter: $filter) { totalCount edges { node { id name status } } } }`;
const breaches = `query ($filter: SlaClockFilter) { slaBreaches(filter: $filter) { totalCount edges { node { id name status } } } }`;

type Clock = { id: string; name: string; status: string; consumedSeconds: number; remainingSeconds: number; task: { id: string } | null };

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

/** A tenant with its own clock, which begins on a Monday at 09:00 UTC. */
async function aTenant(): Promise<{ tenant: TestTenant; admin: TestUser; goTo: (time: string) => Promise<void> }> {
  const tenant = await weft.tenant();
  const goTo = (time: string): Promise<void> => setClock(owner, tenant, time);
  await goTo("2030-03-04T09:00:02Z");
  await tenant.definition(source);
  return { tenant, admin: tenant.admin, goTo };
}

async function start(who: TestUser, data: object = {}): Promise<string> {
  const { startWorkflow } = await who.run<{ startWorkflow: { instance: { id: string } } }>(
    `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id } } }`,
    { data },
  );
  return startWorkflow.instance.id;
}

const fire = (who: TestUser, instanceId: string, transition: string, input?: object) =>
  who.run(fireTransition, { input: { instanceId, transition, ...(input && { input }) } });

async function clocks(who: TestUser, id: string): Promise<Record<string, Clock>> {
  const { workflowInstance } = await who.run<{ workflowInstance: { slaStatus: Clock[] } }>(ofInstance, { id });
  return Object.fromEntries(workflowInstance.slaStatus.map((one) => [one.task ? `task ${one.name}` : one.name, one]));
}

/** A text with this in it. */
const containing = (part: string): unknown => expect.stringContaining(part);

/** Seconds that pass while the test runs do not count. */
const about = (seconds: number): unknown => expect.closeTo(seconds, -2.1);

test("clocks of the instance, the state, and the task run in working time, warn, and stop", { tags: "slow" }, async () => {
  const { admin, goTo } = await aTenant();
  const id = await start(admin);
  expect(await clocks(admin, id)).toMatchObject({
    resolution: { status: "ON_TRACK", targetSeconds: 8 * 3600, consumedSeconds: about(0), isBreached: false, endedAt: null },
    open: { status: "ON_TRACK", targetSeconds: 4 * 3600 },
    "task open": { status: "ON_TRACK", targetSeconds: 1800, dueAt: containing("2030-03-04T09:3") },
  });
  await goTo("2030-03-04T09:40:00Z");
  expect(await clocks(admin, id)).toMatchObject({ "task open": { status: "BREACHED", remainingSeconds: about(-600), isBreached: true } });
  // The night does not count.
  await goTo("2030-03-05T09:10:00Z");
  expect(await clocks(admin, id)).toMatchObject({
    resolution: { status: "BREACHED", consumedSeconds: about(8 * 3600 + 600) },
    open: { status: "BREACHED", remainingSeconds: about(-4 * 3600 - 600) },
  });
  await fire(admin, id, "solve");
  expect(await clocks(admin, id)).toMatchObject({
    resolution: { status: "MISSED", endedAt: containing("2030") },
    open: { status: "MISSED", breachedAt: containing("2030-03-04T13:0") },
    "task open": { status: "MISSED" },
  });
  const quick = await start(admin);
  await goTo("2030-03-05T12:10:00Z");
  await fire(admin, quick, "solve");
  expect(await clocks(admin, quick)).toMatchObject({
    resolution: { status: "MET", consumedSeconds: about(3 * 3600), remainingSeconds: about(5 * 3600), dueAt: null },
  });
});

test("pauses consume nothing, another priority keeps what was consumed, and the ledger explains it", async () => {
  const { admin, goTo } = await aTenant();
  const id = await start(admin);
  await goTo("2030-03-04T10:00:00Z");
  await fire(admin, id, "wait");
  await goTo("2030-03-06T11:00:00Z");
  expect(await clocks(admin, id)).toMatchObject({
    resolution: { status: "PAUSED", pausedFor: "PAUSE", consumedSeconds: about(3600), dueAt: null },
    reply: { status: "BREACHED" },
    open: { status: "MET" },
  });
  await fire(admin, id, "answer");
  await goTo("2030-03-06T11:30:00Z");
  await fire(admin, id, "prioritize", { priority: "urgent" });
  const found = await clocks(admin, id);
  expect(found).toMatchObject({
    resolution: { status: "WARNING", targetSeconds: 7200, consumedSeconds: about(5400), remainingSeconds: about(1800) },
    reply: { status: "MISSED" },
  });
  const { slaExplain } = await admin.run<{ slaExplain: { clock: Clock; intervals: { seconds: number }[] } }>(explain, {
    id: found["resolution"]?.id,
  });
  expect(slaExplain).toMatchObject({
    isRecounted: true,
    intervals: [
      { cause: "START", isRunning: true, seconds: about(3600), targetSeconds: 8 * 3600, actor: { id: admin.id } },
      { cause: "PAUSE", isRunning: false, seconds: 0 },
      { cause: "RESUME", isRunning: true, seconds: about(1800) },
      { cause: "PRIORITY_CHANGE", isRunning: true, targetSeconds: 7200, to: null },
    ],
  });
  expect(slaExplain.intervals.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(slaExplain.clock.consumedSeconds);
});

test("a user with the permission pauses and resumes a clock, with a reason that the ledger keeps; others cannot", async () => {
  const { tenant, admin, goTo } = await aTenant();
  const operations = await tenant.user("operations");
  const viewer = await tenant.user("viewer");
  const id = await start(admin);
  const clockId = (await clocks(admin, id))["resolution"]?.id;
  const input = { id: clockId, reason: "Waiting for a spare part" };
  expect(await viewer.refusal(pause, { input })).toBe("FORBIDDEN");
  expect(await operations.refusal(pause, { input })).toBe("FORBIDDEN");
  expect(await admin.refusal(pause, { input: { ...input, reason: " " } })).toBe("BAD_USER_INPUT");
  expect(await admin.refusal(resume, { input })).toBe("TRANSITION_REJECTED");
  const idempotencyKey = "once";
  expect(await admin.run(pause, { input: { ...input, idempotencyKey } })).toMatchObject({
    pauseSla: { clock: { status: "PAUSED", pausedFor: "PAUSE_BY_HAND", isPausedByHand: true } },
  });
  expect(await admin.run(pause, { input: { ...input, idempotencyKey } })).toMatchObject({ pauseSla: { clock: { status: "PAUSED" } } });
  expect(await admin.refusal(pause, { input })).toBe("TRANSITION_REJECTED");
  expect(await viewer.run(timers, { filter: { isPausedByHand: { eq: true } } })).toMatchObject({ slaTimers: { totalCount: 1 } });
  // Neither a condition nor a suspension ends the pause.
  await fire(admin, id, "wait");
  await fire(admin, id, "answer");
  await goTo("2030-03-04T15:00:00Z");
  expect(await clocks(admin, id)).toMatchObject({ resolution: { status: "PAUSED", consumedSeconds: about(0) } });
  expect(await admin.run(resume, { input })).toMatchObject({ resumeSla: { clock: { status: "ON_TRACK", isPausedByHand: false } } });
  expect(await admin.run(explain, { id: clockId })).toMatchObject({
    slaExplain: {
      isRecounted: true,
      intervals: [
        { cause: "START" },
        { cause: "PAUSE_BY_HAND", reason: "Waiting for a spare part", actor: { id: admin.id } },
        { cause: "RESUME_BY_HAND", reason: "Waiting for a spare part" },
      ],
    },
  });
  const other = await weft.tenant();
  expect(await other.admin.refusal(explain, { id: clockId })).toBe("NOT_FOUND");
  expect(await other.admin.refusal(pause, { input })).toBe("NOT_FOUND");
  expect(await other.admin.run(timers)).toMatchObject({ slaTimers: { totalCount: 0 } });
});

test("a suspension and a question about a task pause the clocks, a reset starts a new one, and a cancellation ends them", async () => {
  const { tenant, admin } = await aTenant();
  const operations = await tenant.user("operations");
  const id = await start(admin);
  const suspend = `mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Later" }) { instance { id } } }`;
  const goOn = `mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }`;
  await admin.run(suspend, { id });
  for (const one of Object.values(await clocks(admin, id))) expect(one).toMatchObject({ status: "PAUSED", pausedFor: "SUSPENSION" });
  await admin.run(goOn, { id });
  for (const one of Object.values(await clocks(admin, id))) expect(one).toMatchObject({ status: "ON_TRACK" });
  const taskId = (await clocks(admin, id))["task open"]?.task?.id;
  await operations.run(`mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }`, { id: taskId });
  const ask = `mutation ($input: AskForInformationInput!) { askForInformation(input: $input) { task { id } } }`;
  await operations.run(ask, { input: { id: taskId, askedId: admin.id, text: "Where is it?" } });
  expect(await clocks(admin, id)).toMatchObject({
    resolution: { status: "PAUSED", pausedFor: "WAITING_FOR_INFORMATION" },
    "task open": { status: "ON_TRACK" },
  });
  await admin.run(`mutation ($id: ID!) { answerQuestion(input: { id: $id, text: "Here" }) { task { id } } }`, { id: taskId });
  expect(await clocks(admin, id)).toMatchObject({ resolution: { status: "ON_TRACK", pausedFor: null } });
  await fire(operations, id, "wait");
  await fire(operations, id, "note", { note: "again" });
  const { workflowInstance } = await admin.run<{ workflowInstance: { slaStatus: Clock[] } }>(ofInstance, { id });
  expect(workflowInstance.slaStatus.filter(({ name }) => name === "reply").map(({ status }) => status)).toEqual(["CANCELLED", "ON_TRACK"]);
  await fire(admin, id, "answer");
  await fire(admin, id, "drop");
  expect(await clocks(admin, id)).toMatchObject({ resolution: { status: "CANCELLED" }, open: { status: "CANCELLED" } });
});

test("a warning and a breach are announced once, as live events, and are listed", { tags: "slow" }, async () => {
  const { admin, goTo } = await aTenant();
  const feed = await admin.subscribe<{ change: string; clock: Clock }>(
    "slaChanged",
    `subscription { slaChanged { cursor change clock { name status } } }`,
  );
  await start(admin, { priority: "urgent" });
  await goTo("2030-03-04T10:10:00Z");
  await feed.until((payloads) => payloads.some(({ clock: one }) => one.name === "resolution"));
  expect(await admin.run(timers, { filter: { status: { eq: "WARNING" } } })).toMatchObject({
    slaTimers: { edges: [{ node: { name: "resolution" } }] },
  });
  await goTo("2030-03-04T13:10:00Z");
  const payloads = await feed.until((all) => all.filter(({ change: kind }) => kind === "BREACHED").length === 3);
  expect(payloads.map(({ change: kind, clock: { name } }) => `${kind} ${name}`).toSorted()).toEqual(
    ["BREACHED open", "BREACHED open", "BREACHED resolution", "WARNING resolution"].toSorted(),
  );
  expect(await admin.run(breaches, { filter: { definitionKey: { eq: "ticket" } } })).toMatchObject({ slaBreaches: { totalCount: 3 } });
  await feed.stop();
});

test(
  "a page of instances with their clocks takes a fixed number of statements, and a definition without SLAs none",
  { tags: "slow" },
  async () => {
    const { tenant, admin } = await aTenant();
    const page = `{ workflowInstances { edges { node { id slaStatus { status } } } } }`;
    const read = async (): Promise<string[]> => (await weft.statements(() => admin.run(page))).filter((one) => one.includes("sla_"));
    await start(admin);
    await read();
    const few = await read();
    for (let n = 0; n < 3; n++) await start(admin);
    expect(await read()).toHaveLength(few.length);
    await tenant.definition(
      "weft: 1\nkey: plain\nname: Plain\ninitial: a\nstates: { a: { transitions: { go: { to: b } } }, b: { final: completed } }\n",
    );
    const plain = await weft.statements(async () => {
      const made = await admin.run<{ startWorkflow: { instance: { id: string } } }>(
        `mutation { startWorkflow(input: { definitionKey: "plain", data: {} }) { instance { id } } }`,
      );
      await fire(admin, made.startWorkflow.instance.id, "go");
    });
    expect(plain.filter((one) => one.includes("sla_"))).toEqual([]);
  },
);

test("no ledger contradicts its clock", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
