import {
  aPlanningTenant,
  aProject,
  aTask,
  newMilestone,
  newProjectCost,
  newProjectRisk,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
});

const healthOf = async (id: string): Promise<unknown> =>
  (
    await admin.run<{ project: { health: unknown } }>(
      "query ($id: ID!) { project(id: $id) { health { status reasons { rule status count message } } } }",
      { id },
    )
  ).project.health;

test("a new project is green", async () => {
  expect(await healthOf(await aProject(admin))).toEqual({ status: "GREEN", reasons: [] });
});

test("late tasks, overdue milestones, a budget that is used too fast, and high risks are reasons for red", async () => {
  const id = await aProject(admin);
  await admin.run(
    'mutation ($id: ID!) { updateProject(input: { id: $id, budget: { amount: 1000, currency: "EUR" } }) { project { id } } }',
    { id },
  );
  await admin.run(
    'mutation ($id: ID!) { updateProjectPlan(input: { projectId: $id, startAt: "2020-01-06T09:00:00Z" }) { plan { version } } }',
    {
      id,
    },
  );
  await aTask(admin, id, "Dig");
  await newMilestone(admin, id, { dueOn: "2020-02-01" });
  await newProjectCost(admin, id, 900);
  await newProjectRisk(admin, id, { title: "Fire", probability: 5, impact: 5 });
  expect(await healthOf(id)).toEqual({
    status: "RED",
    reasons: [
      { rule: "LATE_TASKS", status: "RED", count: 1, message: expect.stringContaining('late: "Dig" by') as string },
      { rule: "OVERDUE_MILESTONES", status: "RED", count: 1, message: expect.stringContaining('overdue: "Opening" by') as string },
      { rule: "BUDGET", status: "RED", count: 1, message: "90 percent of the budget is spent, and 0 percent of the work is done." },
      { rule: "RISKS", status: "RED", count: 1, message: '1 open risk is high: "Fire" with the score 25.' },
    ],
  });
});

test("the thresholds are those of the configuration", async () => {
  const tenant = await aPlanningTenant(weft);
  const id = await aProject(tenant.admin);
  await newProjectRisk(tenant.admin, id, { probability: 5, impact: 3 });
  const status = async () =>
    (
      await tenant.admin.run<{ project: { health: { status: string } } }>("query ($id: ID!) { project(id: $id) { health { status } } }", {
        id,
      })
    ).project.health.status;
  expect(await status()).toBe("AMBER");
  const level = (AMBER: number, RED: number) => ({ AMBER, RED });
  const health = { LATE_DAYS: level(1, 2), OVERDUE_DAYS: level(1, 2), BUDGET_POINTS: level(1, 2), RISK_SCORE: level(10, 15) };
  await tenant.admin.run(
    "mutation ($input: UpdateConfigurationInput!) { updateConfiguration(input: $input) { configuration { version } } }",
    {
      input: { patch: { projects: { health } }, message: "We are careful" },
    },
  );
  expect(await status()).toBe("RED");
});

test("a project that has ended has no health", async () => {
  const id = await aProject(admin);
  const { project } = await admin.run<{ project: { workflow: { id: string } } }>(
    "query ($id: ID!) { project(id: $id) { workflow { id } } }",
    { id },
  );
  await admin.run(
    'mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "No money" }) { instance { id } } }',
    project.workflow,
  );
  expect(await healthOf(id)).toBeNull();
});

test("the health of many projects costs as many statements as that of one", { tags: "slow" }, async () => {
  const tenant = await aPlanningTenant(weft);
  const fill = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const id = await aProject(tenant.admin);
      await aTask(tenant.admin, id, "Dig");
      await newMilestone(tenant.admin, id);
      await newProjectCost(tenant.admin, id, 10);
      await newProjectRisk(tenant.admin, id);
    }
  };
  const query = "{ projects { edges { node { health { status reasons { message } } } } } }";
  await fill(1);
  const one = await weft.statementCount(() => tenant.admin.run(query));
  await fill(4);
  expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
});
