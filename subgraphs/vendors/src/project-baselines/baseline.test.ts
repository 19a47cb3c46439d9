import { aBaseline, aPlanningTenant, aProject, aTask, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
});

const set = `mutation ($input: SetProjectBaselineInput!) { setProjectBaseline(input: $input) { baseline { id number name isCurrent } } }`;
const change = "mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }";
const variance = `query ($id: ID!) { project(id: $id) { baseline { name startAt finishAt workMinutes budget { amount }
  startVarianceMinutes finishVarianceMinutes workVarianceMinutes budgetVarianceAmount
  tasks { task { name } name finishAt plannedFinishAt startVarianceMinutes finishVarianceMinutes workVarianceMinutes } } } }`;

/** A project of two tasks of a day from a Monday, one of which depends on the other. */
async function aHouse() {
  const id = await aProject(admin);
  const budget = { amount: 1000, currency: "EUR" };
  await admin.run("mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id } } }", { input: { id, budget } });
  await admin.run("mutation ($input: UpdateProjectPlanInput!) { updateProjectPlan(input: $input) { plan { version } } }", {
    input: { projectId: id, startAt: "2026-03-02T09:00:00Z" },
  });
  const walls = await aTask(admin, id, "Walls", { estimateMinutes: 600 });
  const roof = await aTask(admin, id, "Roof");
  await admin.run("mutation ($input: AddTaskDependencyInput!) { addTaskDependency(input: $input) { dependency { id } } }", {
    input: { predecessorId: walls, successorId: roof },
  });
  return { id, walls, roof };
}

describe("a baseline", () => {
  test("keeps the dates, the work, and the budget, and shows how the plan differs from them", async () => {
    const { id, walls, roof } = await aHouse();
    await aBaseline(admin, id, "Approved");
    await admin.run(change, { input: { id: walls, durationMinutes: 960, estimateMinutes: 900 } });
    await aTask(admin, id, "Paint", { durationMinutes: 60 });
    await admin.run("mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { project { id } } }", {
      input: { id, budget: { amount: 1500, currency: "EUR" } },
    });
    expect(await admin.run(variance, { id })).toEqual({
      project: {
        baseline: {
          name: "Approved",
          startAt: "2026-03-02T09:00:00.000Z",
          finishAt: "2026-03-03T17:00:00.000Z",
          workMinutes: 1080,
          budget: { amount: 1000 },
          startVarianceMinutes: 0,
          finishVarianceMinutes: 480,
          workVarianceMinutes: 360,
          budgetVarianceAmount: 500,
          tasks: [
            {
              task: { name: "Walls" },
              name: "Walls",
              finishAt: "2026-03-02T17:00:00.000Z",
              plannedFinishAt: "2026-03-03T17:00:00.000Z",
              startVarianceMinutes: 0,
              finishVarianceMinutes: 480,
              workVarianceMinutes: 300,
            },
            {
              task: { name: "Roof" },
              name: "Roof",
              finishAt: "2026-03-03T17:00:00.000Z",
              plannedFinishAt: "2026-03-04T17:00:00.000Z",
              startVarianceMinutes: 480,
              finishVarianceMinutes: 480,
              workVarianceMinutes: 0,
            },
            {
              task: { name: "Paint" },
              name: "Paint",
              finishAt: null,
              plannedFinishAt: "2026-03-02T10:00:00.000Z",
              startVarianceMinutes: null,
              finishVarianceMinutes: null,
              workVarianceMinutes: 60,
            },
          ],
        },
      },
    });
    await admin.run("mutation ($id: ID!) { deleteProjectTask(input: { id: $id }) { projectTaskIds } }", { id: roof });
    const { project } = await admin.run<{ project: { baseline: { tasks: unknown[] } } }>(variance, { id });
    expect(project.baseline.tasks[1]).toMatchObject({ task: null, name: "Roof", plannedFinishAt: null, workVarianceMinutes: -480 });
  });

  test("is the current one until another is set or chosen, and all are kept", async () => {
    const { id } = await aHouse();
    const first = await aBaseline(admin, id, "First");
    await aBaseline(admin, id, "Second");
    const list = "query ($id: ID!) { project(id: $id) { baseline { name } baselines { number name isCurrent } } }";
    expect(await admin.run(list, { id })).toEqual({
      project: {
        baseline: { name: "Second" },
        baselines: [
          { number: 2, name: "Second", isCurrent: true },
          { number: 1, name: "First", isCurrent: false },
        ],
      },
    });
    await admin.run(set, { input: { projectId: id, baselineId: first } });
    expect(await admin.run(list, { id })).toMatchObject({ project: { baseline: { name: "First" } } });
  });

  test("appears in the Gantt chart", async () => {
    const { id, walls } = await aHouse();
    const read = async () =>
      (await admin.run<{ projectSchedule: { svg: string } }>("query ($id: ID!) { projectSchedule(projectId: $id) { svg } }", { id }))
        .projectSchedule.svg;
    const before = await read();
    await aBaseline(admin, id);
    await admin.run(change, { input: { id: walls, durationMinutes: 960 } });
    expect([before.includes('class="baseline"'), (await read()).includes('class="baseline"')]).toEqual([false, true]);
  });

  test.each([
    ["has no name and no earlier baseline", {}, "BAD_USER_INPUT"],
    ["is based on another version of the plan", { name: "Plan", expectedPlanVersion: 1 }, "CONFLICT"],
  ])("that %s is refused", async (_name, input, code) => {
    const { id } = await aHouse();
    expect(await admin.refusal(set, { input: { projectId: id, ...input } })).toBe(code);
  });

  test("of another project is refused", async () => {
    const [one, other] = [await aHouse(), await aHouse()];
    const baselineId = await aBaseline(admin, one.id);
    expect(await admin.refusal(set, { input: { projectId: other.id, baselineId } })).toBe("BAD_USER_INPUT");
  });

  test("costs as many statements for ten projects as for one", { tags: "slow" }, async () => {
    const tenant = await aPlanningTenant(weft);
    for (let n = 0; n < 10; n++) {
      const id = await aProject(tenant.admin);
      await aTask(tenant.admin, id, "Dig");
      await aBaseline(tenant.admin, id);
    }
    const query = `query ($first: Int) { projects(first: $first) { edges { node { baseline { finishVarianceMinutes workVarianceMinutes
      budgetVarianceAmount tasks { name finishVarianceMinutes } } } } } }`;
    const statementsOf = (first: number) => weft.statementCount(() => tenant.admin.run(query, { first }));
    expect(await statementsOf(10)).toBe(await statementsOf(1));
  });
});

describe("access", () => {
  test("viewers read baselines and set none, and another tenant sees nothing", async () => {
    const { id } = await aHouse();
    const baselineId = await aBaseline(admin, id);
    const viewer = await acme.user("viewer");
    expect(await viewer.run("query ($id: ID!) { project(id: $id) { baseline { name } } }", { id })).toEqual({
      project: { baseline: { name: "Plan" } },
    });
    expect(await viewer.refusal(set, { input: { projectId: id, name: "Mine" } })).toBe("FORBIDDEN");
    const globex = await aPlanningTenant(weft);
    expect(await globex.admin.refusal(set, { input: { projectId: id, name: "Mine" } })).toBe("NOT_FOUND");
    const own = await aProject(globex.admin);
    expect(await globex.admin.refusal(set, { input: { projectId: own, baselineId } })).toBe("BAD_USER_INPUT");
  });
});
