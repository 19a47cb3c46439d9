import {
  advanceClock,
  brokenInvariants,
  fireTransition,
  setClock,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

const claim = ({ second = "PT4H", reassign = "lead" } = {}): string => `weft: 1
key: claim
name: Claim
data: { properties: { kind: { type: string } } }
initial: review
slas: { resolution: { target: PT3H, warn: [], stop: { states: [second] } } }
escalations:
  slow-review:
    on: { state: review }
    levels: [{ after: PT1H, notify: { owner: true } }, { after: ${second}, notify: { owner: true } }]
  stuck-task:
    on: { task: check }
    levels: [{ after: PT1H, reassign: ${reassign} }, { after: ${second}, notify: { owner: true } }]
  late:
    on: { sla: resolution, at: breach }
    levels: [{ notify: { owner: true } }, { after: ${second}, notify: { owner: true } }]
  in-working-time:
    on: { state: second }
    levels: [{ after: 1 working hour, notify: { owner: true } }]
states:
  review: { tasks: { check: { title: Check it, candidates: { roles: [operations] } } }, transitions: { pass: { to: second } } }
  second: { transitions: { finish: { to: done } } }
  done: { final: completed }
`;

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

const start = async ({ admin }: TestTenant, { teamId, data = {} }: { teamId?: string; data?: object } = {}): Promise<string> =>
  (
    await admin.run<{ startWorkflow: { instance: { id: string } } }>(
      `mutation ($data: JSON!, $teamId: ID) { startWorkflow(input: { definitionKey: "claim", data: $data, teamId: $teamId }) { instance { id } } }`,
      { data, teamId },
    )
  ).startWorkflow.instance.id;

/** The levels that occurred, as "chain level outcome". */
const occurred = async (who: TestUser, id: string): Promise<string[]> =>
  (
    await who.run<{ workflowInstance: { escalations: { name: string; level: number; outcome: string }[] } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { escalations { name level outcome } } }",
      { id },
    )
  ).workflowInstance.escalations
    .map(({ name, level, outcome }) => `${name} ${level} ${outcome}`)
    .toSorted();

const taskOf = async (who: TestUser, id: string): Promise<object | undefined> =>
  (
    await who.run<{ workflowInstance: { tasks: object[] } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { tasks { status assignee { id } candidateRoles } } }",
      { id },
    )
  ).workflowInstance.tasks[0];

async function versionsOf(who: TestUser): Promise<string[]> {
  const { definitions } = await who.run<{ definitions: { edges: { node: { id: string; number: number } }[] } }>(
    '{ definitions(filter: { key: { eq: "claim" } }) { edges { node { id number } } } }',
  );
  return definitions.edges
    .map(({ node }) => node)
    .toSorted((a, b) => a.number - b.number)
    .map(({ id }) => id);
}

test("a migration keeps the levels that were done, and the next ones are due by the new version", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  await tenant.definition(claim({ reassign: "{ roles: [operations] }" }));
  const id = await start(tenant);
  await advanceClock(weft, tenant, { minutes: 190 });
  const done = ["late 1 DONE", "slow-review 1 DONE", "stuck-task 1 DONE"];
  expect(await occurred(admin, id)).toEqual(done);
  await tenant.definition(claim({ second: "PT6H", reassign: "{ roles: [operations] }" }));
  const [from, to] = await versionsOf(admin);
  await admin.run("mutation ($input: MigrateInstancesInput!) { migrateInstances(input: $input) { operation { id } } }", {
    input: { from, to, instanceIds: [id] },
  });
  await weft.weft.worker.idle();
  // By the first version, these would be due after 4 hours.
  await advanceClock(weft, tenant, { minutes: 160 });
  expect(await occurred(admin, id)).toEqual(done);
  await advanceClock(weft, tenant, { minutes: 15 });
  expect(await occurred(admin, id)).toEqual([...done, "slow-review 2 DONE", "stuck-task 2 DONE"].toSorted());
  await advanceClock(weft, tenant, { hours: 24 });
  expect(await occurred(admin, id)).toEqual([...done, "late 2 DONE", "slow-review 2 DONE", "stuck-task 2 DONE"].toSorted());
});

test("after a rollback, the state and the clock continue their chains without the levels that were done", { tags: "slow" }, async () => {
  const tenant = await weft.tenant();
  const { admin } = tenant;
  await tenant.definition(claim({ reassign: "{ roles: [operations] }" }));
  const id = await start(tenant);
  await advanceClock(weft, tenant, { minutes: 190 });
  await admin.run(fireTransition, { input: { instanceId: id, transition: "pass" } });
  const { workflowInstance } = await admin.run<{ workflowInstance: { version: number } }>(
    "query ($id: ID!) { workflowInstance(id: $id) { version } }",
    { id },
  );
  const rollback = `mutation ($id: ID!, $v: Int!) { rollbackWorkflow(input: { instanceId: $id, toVersion: $v, data: CURRENT, reason: "Back" }) { instance { id } } }`;
  await admin.run(rollback, { id, v: workflowInstance.version - 1 });
  // The chain of the state counts from the rollback, that of the clock as the clock does, which had stopped after 190 minutes.
  await advanceClock(weft, tenant, { minutes: 225 });
  const ofState = async () => (await occurred(admin, id)).filter((one) => !one.startsWith("stuck-task") && !one.startsWith("in-"));
  expect(await ofState()).toEqual(["late 1 DONE", "slow-review 1 DONE"]);
  await advanceClock(weft, tenant, { minutes: 10 });
  expect(await ofState()).toEqual(["late 1 DONE", "late 2 DONE", "slow-review 1 DONE"]);
  await advanceClock(weft, tenant, { hours: 24 });
  expect(await ofState()).toEqual(["late 1 DONE", "late 2 DONE", "slow-review 1 DONE", "slow-review 2 DONE"]);
});

test(
  "a level reassigns to the lead of the instance's team, even a task that a user has claimed, and fails if there is none",
  { tags: "slow" },
  async () => {
    const tenant = await weft.tenant();
    await tenant.definition(claim());
    const [lead, claimer, teamId] = [await tenant.user("operator"), await tenant.user("operations"), await tenant.team("north")];
    await tenant.admin.run("mutation ($input: AddTeamMemberInput!) { addTeamMember(input: $input) { team { id } } }", {
      input: { teamId, userId: lead.id, isLead: true },
    });
    const [led, alone] = [await start(tenant, { teamId }), await start(tenant)];
    const { workflowInstance } = await claimer.run<{ workflowInstance: { tasks: { id: string }[] } }>(
      "query ($id: ID!) { workflowInstance(id: $id) { tasks { id } } }",
      { id: led },
    );
    await claimer.run("mutation ($id: ID!) { claimTask(input: { id: $id }) { task { id } } }", { id: workflowInstance.tasks[0]?.id });
    await advanceClock(weft, tenant, { minutes: 61 });
    expect(await taskOf(tenant.admin, led)).toEqual({ status: "CLAIMED", assignee: { id: lead.id }, candidateRoles: [] });
    expect(await taskOf(tenant.admin, alone)).toEqual({ status: "OPEN", assignee: null, candidateRoles: ["operations"] });
    expect(await occurred(tenant.admin, alone)).toEqual(["slow-review 1 DONE", "stuck-task 1 FAILED"]);
  },
);

test("a level reassigns to whomever a route chooses, and fails if no rule of the route applies", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(claim({ reassign: "{ route: facilities }" }));
  const expert = await tenant.user("technical_team");
  await tenant.admin.run("mutation ($input: CreateRoutingRuleInput!) { createRoutingRule(input: $input) { rule { id } } }", {
    input: { route: "facilities", name: "Lifts", condition: "data.kind == 'lift'", roles: ["technical_team"], strategy: "LEAST_BUSY" },
  });
  const [lift, door] = [await start(tenant, { data: { kind: "lift" } }), await start(tenant, { data: { kind: "door" } })];
  await advanceClock(weft, tenant, { minutes: 61 });
  expect(await taskOf(tenant.admin, lift)).toMatchObject({ status: "CLAIMED", assignee: { id: expert.id } });
  expect(await taskOf(tenant.admin, door)).toEqual({ status: "OPEN", assignee: null, candidateRoles: ["operations"] });
  expect([await occurred(tenant.admin, lift), await occurred(tenant.admin, door)]).toEqual([
    ["slow-review 1 DONE", "stuck-task 1 DONE"],
    ["slow-review 1 DONE", "stuck-task 1 FAILED"],
  ]);
});

test("a delay in working time skips the weekend", async () => {
  const tenant = await weft.tenant();
  await tenant.definition(claim());
  // A Friday, half an hour before the end of the working day.
  await setClock(owner, tenant, "2030-03-08T16:30:00Z");
  const id = await start(tenant);
  await tenant.admin.run(fireTransition, { input: { instanceId: id, transition: "pass" } });
  await advanceClock(weft, tenant, { days: 2, hours: 16, minutes: 55 });
  expect(await occurred(tenant.admin, id)).toEqual([]);
  await advanceClock(weft, tenant, { minutes: 10 });
  expect(await occurred(tenant.admin, id)).toEqual(["in-working-time 1 DONE"]);
});

test("no chain contradicts its record", async () => {
  const broken = await brokenInvariants({ ownerUrl: weft.database.ownerUrl });
  // Usage counts in true time, but these tenants have clocks of their own.
  expect(broken.filter((one) => !one.startsWith("usage:"))).toEqual([]);
});
