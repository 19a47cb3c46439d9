import {
  advanceClock,
  brokenInvariants,
  fireTransition,
  memberDefinition,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const HOUR = 3600;

const ticket = (slas: string): string => `weft: 1
key: ticket
name: Ticket
data: { type: object, properties: { parts: { type: array, items: { type: string } }, here: { type: boolean }, there: { type: boolean }, startedAt: { type: string }, now: { type: string } } }
initial: open
slas:
${slas}
states:
  open:
    sla: { target: PT50H, warn: [] }
    task: { title: Solve it, candidates: { roles: [operations] }, sla: { target: PT50H, warn: [] } }
    transitions: { wait: { to: waiting }, again: { to: open, input: { properties: { startedAt: { type: string }, now: { type: string } } } }, split: { to: split }, spin: { to: here }, solve: { to: solved } }
  waiting: { transitions: { answer: { to: open } } }
  split:
    children: { part: { definition: member, for: data.parts, data: { name: item } } }
    join: { then: joined }
    transitions: { joined: { to: solved } }
  here: { transitions: { go: { to: there, auto: true, when: "data.here == true" }, finish: { to: solved } } }
  there: { transitions: { back: { to: here, auto: true, when: "data.there == true" }, finish: { to: solved } } }
  solved: { transitions: { close: { to: closed }, reopen: { to: open } } }
  closed: { final: completed }
`;

const first = `  resolution: { target: PT10H, warn: [], pause: { states: [waiting] }, stop: { states: [solved] } }
  promise: { target: PT10H, warn: [] }
  tight: { target: PT10H, warn: [] }
  former: { target: PT10H, warn: [] }`;
const second = `  resolution: { target: PT10H, warn: [], pause: { states: [waiting] }, stop: { states: [solved] } }
  promise: { target: PT4H, warn: [] }
  tight: { target: PT1H, warn: [] }
  added: { target: PT10H, warn: [] }`;

type Interval = {
  readonly from: string;
  readonly to: string | null;
  readonly isRunning: boolean;
  readonly cause: string;
  readonly seconds: number;
  readonly targetSeconds: number;
};
type Clock = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly consumedSeconds: number;
  readonly startedAt: string;
  readonly breachedAt: string | null;
  readonly task: { readonly id: string } | null;
};
type Explained = { readonly isRecounted: boolean; readonly clock: Clock; readonly intervals: readonly Interval[] };

const FIELDS = "id name status consumedSeconds startedAt breachedAt task { id }";

let weft: TestWeft;
beforeAll(async () => void (weft = await startTestWeft({ alone: "It checks the invariants of all tenants." })));
afterAll(() => weft.stop());

async function aTenant(): Promise<TestTenant> {
  const tenant = await weft.tenant();
  await tenant.definition(memberDefinition);
  await tenant.definition(ticket(first));
  return tenant;
}

const start = async (who: TestUser, data: object = {}): Promise<string> =>
  (
    await who.run<{ startWorkflow: { instance: { id: string } } }>(
      `mutation ($data: JSON!) { startWorkflow(input: { definitionKey: "ticket", data: $data }) { instance { id } } }`,
      { data },
    )
  ).startWorkflow.instance.id;

const fire = (who: TestUser, instanceId: string, transition: string, input?: object) =>
  who.run(fireTransition, { input: { instanceId, transition, ...(input && { input }) } });

const suspend = (who: TestUser, id: string) =>
  who.run(`mutation ($id: ID!) { suspendWorkflow(input: { instanceId: $id, reason: "Later" }) { instance { id } } }`, { id });
const resume = (who: TestUser, id: string) =>
  who.run(`mutation ($id: ID!) { resumeWorkflow(input: { instanceId: $id }) { instance { id } } }`, { id });
const rollback = (who: TestUser, id: string, toVersion: number) =>
  who.run(
    `mutation ($id: ID!, $v: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $v, data: CURRENT, reason: "Back" }) { instance { id } } }`,
    { id, v: toVersion },
  );
const byHand = (who: TestUser, change: "pauseSla" | "resumeSla", id: string) =>
  who.run(`mutation ($input: SlaClockInput!) { ${change}(input: $input) { clock { id } } }`, {
    input: { id, reason: "Spare part" },
  });

const read = async (who: TestUser, id: string) =>
  (
    await who.run<{ workflowInstance: { status: string; version: number; tasks: { id: string; status: string }[]; slaStatus: Clock[] } }>(
      `query ($id: ID!) { workflowInstance(id: $id) { status version tasks { id status } slaStatus { ${FIELDS} } } }`,
      { id },
    )
  ).workflowInstance;

/** The newest clock of each name, and the intervals of each, which must explain every second of it. */
async function explained(who: TestUser, id: string): Promise<Record<string, Explained>> {
  const found: Record<string, Explained> = {};
  for (const { id: clockId, task } of (await read(who, id)).slaStatus) {
    const { slaExplain } = await who.run<{ slaExplain: Explained }>(
      `query ($id: ID!) { slaExplain(id: $id) { isRecounted clock { ${FIELDS} } intervals { from to isRunning cause seconds targetSeconds } } }`,
      { id: clockId },
    );
    const { clock, intervals } = slaExplain;
    expect(slaExplain.isRecounted).toBe(true);
    expect(intervals.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(clock.consumedSeconds);
    expect(intervals[0]?.from).toBe(clock.startedAt);
    for (const [index, { from, to, isRunning, seconds }] of intervals.entries()) {
      // Without gaps, and these clocks count elapsed time.
      if (index > 0) expect(from).toBe(intervals[index - 1]?.to);
      if (to !== null) expect(seconds).toBe(isRunning ? (Date.parse(to) - Date.parse(from)) / 1000 : 0);
    }
    found[task ? `task ${clock.name}` : clock.name] = slaExplain;
  }
  return found;
}

/** Seconds that pass while the test runs do not count. */
const about = (hours: number): unknown => expect.closeTo(hours * HOUR, -2.1);
const clockOf = (status: string, hours: number): object => ({ clock: { status, consumedSeconds: about(hours) } });
const causesOf = (one: Explained | undefined) => one?.intervals.map(({ cause }) => cause);

/** IDs of the incident of one instance and of the only child of another. */
async function stoppedAndChild(who: TestUser, failed: string, parent: string): Promise<[string, string]> {
  const found = await who.run<{ stopped: { incident: { id: string } }; parent: { children: { edges: { node: { id: string } }[] } } }>(
    `query ($failed: ID!, $parent: ID!) { stopped: workflowInstance(id: $failed) { incident { id } }
      parent: workflowInstance(id: $parent) { children { edges { node { id } } } } }`,
    { failed, parent },
  );
  return [found.stopped.incident.id, found.parent.children.edges[0]?.node.id ?? ""];
}

async function versionsOf(who: TestUser): Promise<string[]> {
  const { definitions } = await who.run<{ definitions: { edges: { node: { id: string; number: number } }[] } }>(
    '{ definitions(filter: { key: { eq: "ticket" } }) { edges { node { id number } } } }',
  );
  return definitions.edges
    .map(({ node }) => node)
    .toSorted((a, b) => a.number - b.number)
    .map(({ id }) => id);
}

test(
  "a migration keeps what the clocks of running, suspended, and paused work have consumed, and each follows its new rule",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const [running, suspended, paused] = [await start(admin), await start(admin), await start(admin)];
    await suspend(admin, suspended);
    await byHand(admin, "pauseSla", (await explained(admin, paused))["promise"]?.clock.id ?? "");
    await advanceClock(weft, tenant, { hours: 2 });
    await tenant.definition(ticket(second));
    const [from, to] = await versionsOf(admin);
    const { migrateInstances } = await admin.run<{ migrateInstances: { operation: { id: string } } }>(
      "mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }",
      { input: { from, to, instanceIds: [running, suspended, paused] } },
    );
    await weft.weft.worker.idle();
    await advanceClock(weft, tenant, { hours: 3 });
    const after = await explained(admin, running);
    expect(after).toMatchObject({
      resolution: clockOf("ON_TRACK", 5),
      open: clockOf("ON_TRACK", 5),
      "task open": clockOf("ON_TRACK", 5),
      promise: clockOf("BREACHED", 5),
      tight: clockOf("BREACHED", 5),
      former: clockOf("CANCELLED", 2),
      added: clockOf("ON_TRACK", 3),
    });
    expect(["resolution", "open", "promise", "former", "added"].map((name) => causesOf(after[name]))).toEqual([
      ["START"],
      ["START"],
      ["START", "MIGRATION"],
      ["START", "MIGRATION"],
      ["MIGRATION"],
    ]);
    const breachOf = (name: string): number =>
      (Date.parse(after[name]?.clock.breachedAt ?? "") - Date.parse(after[name]?.clock.startedAt ?? "")) / 1000;
    expect([breachOf("promise"), breachOf("tight")]).toEqual([4 * HOUR, about(2)]);
    expect(await explained(admin, suspended)).toMatchObject({
      resolution: clockOf("PAUSED", 0),
      promise: clockOf("PAUSED", 0),
      added: clockOf("PAUSED", 0),
    });
    await resume(admin, suspended);
    await byHand(admin, "resumeSla", (await explained(admin, paused))["promise"]?.clock.id ?? "");
    await advanceClock(weft, tenant, { hours: 1 });
    const resumed = await explained(admin, suspended);
    expect(resumed).toMatchObject({ resolution: clockOf("ON_TRACK", 1), promise: clockOf("ON_TRACK", 1), added: clockOf("ON_TRACK", 1) });
    expect(causesOf(resumed["promise"])).toEqual(["START", "SUSPENSION", "MIGRATION", "RESUME"]);
    const released = await explained(admin, paused);
    expect(released).toMatchObject({ resolution: clockOf("ON_TRACK", 6), promise: clockOf("ON_TRACK", 1) });
    expect(causesOf(released["promise"])).toEqual(["START", "PAUSE_BY_HAND", "MIGRATION", "RESUME_BY_HAND"]);
    await admin.run("mutation ($id: ID!) { undoMigration(input: { operationId: $id }) { operation { id } } }", {
      id: migrateInstances.operation.id,
    });
    await weft.weft.worker.idle();
    await advanceClock(weft, tenant, { hours: 1 });
    const undone = await explained(admin, running);
    expect(undone).toMatchObject({
      resolution: clockOf("ON_TRACK", 7),
      "task open": clockOf("ON_TRACK", 7),
      promise: clockOf("ON_TRACK", 7),
      former: clockOf("ON_TRACK", 3),
      added: clockOf("CANCELLED", 4),
    });
    expect(causesOf(undone["former"])).toEqual(["START", "MIGRATION", "MIGRATION"]);
  },
);

test(
  "the clock runs on while a parent waits for its children and while an incident stops the instance; suspended time does not count",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const [parent, failed, suspended] = [
      await start(admin, { parts: ["a"] }),
      await start(admin, { here: true, there: true }),
      await start(admin),
    ];
    await fire(admin, parent, "split");
    await fire(admin, failed, "spin");
    await suspend(admin, suspended);
    await advanceClock(weft, tenant, { hours: 11 });
    expect(await explained(admin, parent)).toMatchObject({ resolution: clockOf("BREACHED", 11), open: clockOf("MET", 0) });
    expect(await read(admin, failed)).toMatchObject({ status: "FAILED" });
    expect(await explained(admin, failed)).toMatchObject({ resolution: clockOf("BREACHED", 11) });
    expect(await explained(admin, suspended)).toMatchObject({ resolution: clockOf("PAUSED", 0), "task open": clockOf("PAUSED", 0) });
    await resume(admin, suspended);
    await suspend(admin, suspended);
    await resume(admin, suspended);
    const [incidentId, childId] = await stoppedAndChild(admin, failed, parent);
    await admin.run(`mutation ($id: ID!) { resolveIncident(input: { id: $id, action: FIRE, transition: "finish" }) { instance { id } } }`, {
      id: incidentId,
    });
    await fire(admin, childId, "finish");
    await advanceClock(weft, tenant, { hours: 1 });
    for (const id of [parent, failed]) {
      const { resolution } = await explained(admin, id);
      expect(resolution).toMatchObject(clockOf("MISSED", 11));
      expect(causesOf(resolution)).toEqual(["START", "STOP"]);
    }
    expect(await explained(admin, suspended)).toMatchObject({ resolution: clockOf("ON_TRACK", 1), open: clockOf("ON_TRACK", 1) });
  },
);

test(
  "a rollback continues a clock that had stopped or was paused, leaves one that runs alone, and starts those of the state anew",
  { tags: "slow" },
  async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    const [solved, waiting] = [await start(admin), await start(admin)];
    await advanceClock(weft, tenant, { hours: 2 });
    await fire(admin, solved, "solve");
    await fire(admin, waiting, "wait");
    expect(await explained(admin, solved)).toMatchObject({ resolution: clockOf("MET", 2), promise: clockOf("ON_TRACK", 2) });
    await advanceClock(weft, tenant, { hours: 3 });
    await rollback(admin, solved, 1);
    await rollback(admin, waiting, 1);
    await advanceClock(weft, tenant, { hours: 1 });
    for (const id of [solved, waiting]) {
      const after = await explained(admin, id);
      expect(after).toMatchObject({
        resolution: clockOf("ON_TRACK", 3),
        promise: clockOf("ON_TRACK", 6),
        open: clockOf("ON_TRACK", 1),
        "task open": clockOf("ON_TRACK", 1),
      });
      expect(causesOf(after["promise"])).toEqual(["START"]);
      expect(causesOf(after["resolution"])).toEqual(["START", id === solved ? "STOP" : "PAUSE", "ROLLBACK"]);
    }
  },
);

test("pauses in a loop, reassigning back and forth, and times in inputs gain no time", { tags: "slow" }, async () => {
  const tenant = await aTenant();
  const { admin } = tenant;
  const [one, other] = [await tenant.user("operations"), await tenant.user("operations")];
  const id = await start(admin, { startedAt: "2099-01-01T00:00:00Z", now: "1970-01-01T00:00:00Z" });
  const taskId = (await read(admin, id)).tasks[0]?.id;
  const before = await explained(admin, id);
  const promise = before["promise"]?.clock.id ?? "";
  // A user who pauses and resumes at once, again and again, gets nothing; nor does giving the task to another user and taking it back.
  for (const userId of [one.id, other.id, one.id, null, other.id]) {
    await byHand(admin, "pauseSla", promise);
    await byHand(admin, "resumeSla", promise);
    await admin.run("mutation ($input: AssignTaskInput!) { assignTask(input: $input) { task { id } } }", { input: { id: taskId, userId } });
    await advanceClock(weft, tenant, { minutes: 12 });
  }
  await other.run("mutation ($id: ID!) { releaseTask(input: { id: $id }) { task { id } } }", { id: taskId });
  await one.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: taskId });
  expect(await explained(admin, id)).toMatchObject({
    "task open": { intervals: [{ cause: "START", seconds: about(1) }] },
    promise: { clock: { consumedSeconds: about(1) } },
  });
  await advanceClock(weft, tenant, { hours: 1 });
  // Times in the data are data.
  await fire(one, id, "again", { startedAt: "2000-01-01T00:00:00Z", now: "2000-01-01T00:00:00Z" });
  for (let n = 0; n < 3; n++) {
    await fire(admin, id, "wait");
    await fire(admin, id, "answer");
  }
  for (const field of ["at", "startedAt", "consumedSeconds"])
    expect(
      await admin.refusal("mutation ($input: SlaClockInput!) { pauseSla(input: $input) { clock { id } } }", {
        input: { id: promise, reason: "Earlier", [field]: field === "consumedSeconds" ? 0 : "2000-01-01T00:00:00Z" },
      }),
    ).toBe("BAD_USER_INPUT");
  await advanceClock(weft, tenant, { hours: 1 });
  const after = await explained(admin, id);
  for (const name of ["resolution", "promise", "former"]) {
    expect(after[name]).toMatchObject(clockOf("ON_TRACK", 3));
    expect(after[name]?.clock).toMatchObject({ id: before[name]?.clock.id, startedAt: before[name]?.clock.startedAt });
  }
  expect(after["resolution"]?.intervals).toHaveLength(7);
  expect(after["promise"]?.intervals).toHaveLength(11);
});

test("no ledger contradicts its clock", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
