import { aPlanningTenant, aProject, aTask, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
});

const add = "mutation ($input: AddTaskDependencyInput!) { addTaskDependency(input: $input) { dependency { id } } }";
const setPlan = `mutation ($input: UpdateProjectPlanInput!) { updateProjectPlan(input: $input) {
  plan { version direction startAt finishAt calendar } } }`;
const change = "mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }";
const read = `query ($id: ID!, $direction: ScheduleDirection) { projectSchedule(projectId: $id, direction: $direction) {
  direction startAt finishAt
  tasks { wbsCode startAt finishAt totalSlackMinutes isCritical task { name } }
  criticalPath { task { name } } violations { kind at byMinutes task { name } } } }`;
const preview = `query ($taskId: ID!, $byMinutes: Int, $durationMinutes: Int) {
  shiftPreview(taskId: $taskId, byMinutes: $byMinutes, durationMinutes: $durationMinutes) {
  shiftedTasks { task { name } startAt newStartAt byMinutes } finishAt newFinishAt finishByMinutes
  newViolations { kind byMinutes } schedule { finishAt } } }`;
const list = `query ($id: ID!, $first: Int, $after: String, $filter: PlannedTaskFilter) { project(id: $id) {
  tasks(first: $first, after: $after, filter: $filter) { totalCount pageInfo { hasNextPage endCursor } edges { node { name schedule { wbsCode depth } } } } } }`;

/** A Monday in a project of Build (with Walls, then Roof) and Paint, which can happen at any time. By default, days have eight hours from 09:00 UTC. */
async function aHouse(): Promise<Record<"id" | "build" | "walls" | "roof" | "paint", string>> {
  const id = await aProject(admin);
  await admin.run(setPlan, { input: { projectId: id, startAt: "2026-03-02T09:00:00Z" } });
  const build = await aTask(admin, id, "Build");
  const walls = await aTask(admin, id, "Walls", { parentId: build, durationMinutes: 960 });
  const roof = await aTask(admin, id, "Roof", { parentId: build });
  const paint = await aTask(admin, id, "Paint");
  await admin.run(add, { input: { predecessorId: walls, successorId: roof } });
  return { id, build, walls, roof, paint };
}

interface Page {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly { readonly node: { readonly name: string } }[];
}

const page = async (variables: object): Promise<Page> =>
  (await admin.run<{ project: { tasks: Page } }>(list, { first: 10, ...variables })).project.tasks;

const namesOf = ({ edges }: Page): string[] => edges.map(({ node }) => node.name);

describe("the schedule of a project", () => {
  test("starts with the first working hour of the project's first day, unless the plan has a start of its own", async () => {
    const tenant = await aPlanningTenant(weft);
    await tenant.admin.run(
      'mutation { updateConfiguration(input: { message: "New York", patch: { timeZone: "America/New_York" } }) { configuration { version } } }',
    );
    const { createProject } = await tenant.admin.run<{ createProject: { project: { id: string } } }>(
      'mutation { createProject(input: { code: "FUTURE", name: "Lobby", startsOn: "2097-03-04" }) { project { id } } }',
    );
    const { id } = createProject.project;
    await aTask(tenant.admin, id, "Dig");
    const starts = async () => {
      const { project, projectSchedule } = await tenant.admin.run<{
        project: { plan: { startAt: string } };
        projectSchedule: { startAt: string; tasks: { startAt: string }[] };
      }>("query ($id: ID!) { project(id: $id) { plan { startAt } } projectSchedule(projectId: $id) { startAt tasks { startAt } } }", {
        id,
      });
      return [project.plan.startAt, projectSchedule.tasks[0]?.startAt];
    };
    // Offices in New York open at 09:00, which is 14:00 UTC.
    expect(await starts()).toEqual(["2097-03-04T05:00:00.000Z", "2097-03-04T14:00:00.000Z"]);
    await tenant.admin.run('mutation ($id: ID!) { updateProject(input: { id: $id, startsOn: "2097-03-07" }) { project { id } } }', { id });
    expect(await starts()).toEqual(["2097-03-07T05:00:00.000Z", "2097-03-07T14:00:00.000Z"]);
    await tenant.admin.run(setPlan, { input: { projectId: id, startAt: "2097-03-08T16:00:00Z" } });
    expect((await starts())[1]).toEqual("2097-03-08T16:00:00.000Z");
  });

  test("has the dates of its tasks, their slack, and the critical path", async () => {
    const { id } = await aHouse();
    const { projectSchedule } = await admin.run<{ projectSchedule: { tasks: unknown[] } }>(read, { id });
    expect(projectSchedule).toMatchObject({
      direction: "FORWARD",
      startAt: "2026-03-02T09:00:00.000Z",
      finishAt: "2026-03-04T17:00:00.000Z",
      criticalPath: [{ task: { name: "Walls" } }, { task: { name: "Roof" } }],
      violations: [],
    });
    const [start, end] = ["2026-03-02T09:00:00.000Z", "2026-03-04T17:00:00.000Z"];
    expect(projectSchedule.tasks).toEqual([
      { wbsCode: "1", startAt: start, finishAt: end, totalSlackMinutes: 0, isCritical: true, task: { name: "Build" } },
      {
        wbsCode: "1.1",
        startAt: start,
        finishAt: "2026-03-03T17:00:00.000Z",
        totalSlackMinutes: 0,
        isCritical: true,
        task: { name: "Walls" },
      },
      {
        wbsCode: "1.2",
        startAt: "2026-03-04T09:00:00.000Z",
        finishAt: end,
        totalSlackMinutes: 0,
        isCritical: true,
        task: { name: "Roof" },
      },
      {
        wbsCode: "2",
        startAt: start,
        finishAt: "2026-03-02T17:00:00.000Z",
        totalSlackMinutes: 960,
        isCritical: false,
        task: { name: "Paint" },
      },
    ]);
  });

  test("follows each change of the plan at once, with deadlines that are not met", async () => {
    const { id, roof } = await aHouse();
    await admin.run(read, { id });
    await admin.run(change, { input: { id: roof, durationMinutes: 960, deadlineAt: "2026-03-04T17:00:00Z" } });
    expect(await admin.run(read, { id })).toMatchObject({
      projectSchedule: {
        finishAt: "2026-03-05T17:00:00.000Z",
        violations: [{ kind: "DEADLINE", at: "2026-03-04T17:00:00.000Z", byMinutes: 480, task: { name: "Roof" } }],
      },
    });
  });

  test("is computed backward from the finish of the plan", async () => {
    const { id } = await aHouse();
    const refused = await admin.refused(read, { id, direction: "BACKWARD" });
    expect(refused.message).toContain("The plan has no finish to schedule backward from. Set finishAt with updateProjectPlan.");
    expect(await admin.refusal(setPlan, { input: { projectId: id, direction: "BACKWARD" } })).toBe("BAD_USER_INPUT");
    await admin.run(setPlan, { input: { projectId: id, finishAt: "2026-03-13T17:00:00Z" } });
    expect(await admin.run(read, { id, direction: "BACKWARD" })).toMatchObject({
      projectSchedule: { direction: "BACKWARD", finishAt: "2026-03-13T17:00:00.000Z" },
    });
    await admin.run(setPlan, { input: { projectId: id, direction: "BACKWARD" } });
    const late = await aTask(admin, id, "Last");
    const { projectTask } = await admin.run<{ projectTask: object }>(
      "query ($id: ID!) { projectTask(id: $id) { constraintKind plannedFinishAt } }",
      { id: late },
    );
    expect(projectTask).toEqual({ constraintKind: "ALAP", plannedFinishAt: "2026-03-13T17:00:00.000Z" });
  });

  test("counts by the calendar of the plan", async () => {
    const { id } = await aHouse();
    await admin.run(setPlan, { input: { projectId: id, calendar: "always" } });
    expect(await admin.run(read, { id })).toMatchObject({ projectSchedule: { finishAt: "2026-03-03T09:00:00.000Z" } });
    expect(await admin.refusal(setPlan, { input: { projectId: id, calendar: "night" } })).toBe("BAD_USER_INPUT");
  });

  test("is drawn as SVG in a time zone", async () => {
    const { id, walls } = await aHouse();
    const draw =
      "query ($id: ID!, $width: Int, $timeZone: String) { projectSchedule(projectId: $id) { svg(width: $width, timeZone: $timeZone) } }";
    const { projectSchedule } = await admin.run<{ projectSchedule: { svg: string } }>(draw, { id, width: 800, timeZone: "Europe/Zurich" });
    expect(projectSchedule.svg).toMatch(/^<svg .*Walls.*<\/svg>\s*$/s);
    expect(projectSchedule.svg).toContain(`data-task="${walls}"`);
    expect(await admin.refusal(draw, { id, width: 10 })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(draw, { id, timeZone: "Mars/Base" })).toBe("BAD_USER_INPUT");
  });

  test("is not shown to users of a vendor and other tenants; a vendor sees the dates of its tasks", async () => {
    const { id, roof } = await aHouse();
    const { id: vendorId, user } = await acme.vendor();
    await admin.run(change, { input: { id: roof, assigneeId: vendorId } });
    expect(await user.refusal(read, { id })).toBe("FORBIDDEN");
    expect(await user.run("query ($id: ID!) { projectTask(id: $id) { plannedStartAt plannedFinishAt } }", { id: roof })).toEqual({
      projectTask: { plannedStartAt: "2026-03-04T09:00:00.000Z", plannedFinishAt: "2026-03-04T17:00:00.000Z" },
    });
    const theirs = await aPlanningTenant(weft);
    expect(await theirs.admin.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(setPlan, { input: { projectId: id, calendar: null } })).toBe("NOT_FOUND");
  });
});

describe("the settings of a plan", () => {
  test("have defaults, a version that grows with every change of a task, and conflicts", async () => {
    const id = await aProject(admin);
    const planOf = "query ($id: ID!) { project(id: $id) { createdAt plan { version direction startAt finishAt calendar } } }";
    const { project } = await admin.run<{ project: { createdAt: string; plan: object } }>(planOf, { id });
    expect(project.plan).toEqual({ version: 0, direction: "FORWARD", startAt: project.createdAt, finishAt: null, calendar: null });
    await aTask(admin, id, "Dig");
    expect(await admin.run(planOf, { id })).toMatchObject({ project: { plan: { version: 1 } } });
    const input = { projectId: id, startAt: "2026-03-02T09:00:00Z", finishAt: "2026-03-01T09:00:00Z" };
    expect(await admin.refusal(setPlan, { input })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(setPlan, { input: { projectId: id, calendar: "always", expectedVersion: 0 } })).toBe("CONFLICT");
    expect(await admin.run(setPlan, { input: { projectId: id, calendar: "always", expectedVersion: 1 } })).toMatchObject({
      updateProjectPlan: { plan: { version: 2, calendar: "always" } },
    });
  });
});

describe("a preview", () => {
  test("says which tasks would move and when the project would finish, and writes nothing", async () => {
    const { id, walls, build } = await aHouse();
    const before = await admin.run(read, { id });
    expect(await admin.run(preview, { taskId: walls, byMinutes: 480 })).toEqual({
      shiftPreview: {
        shiftedTasks: [
          { task: { name: "Build" }, startAt: "2026-03-02T09:00:00.000Z", newStartAt: "2026-03-03T09:00:00.000Z", byMinutes: 480 },
          { task: { name: "Walls" }, startAt: "2026-03-02T09:00:00.000Z", newStartAt: "2026-03-03T09:00:00.000Z", byMinutes: 480 },
          { task: { name: "Roof" }, startAt: "2026-03-04T09:00:00.000Z", newStartAt: "2026-03-05T09:00:00.000Z", byMinutes: 480 },
        ],
        finishAt: "2026-03-04T17:00:00.000Z",
        newFinishAt: "2026-03-05T17:00:00.000Z",
        finishByMinutes: 480,
        newViolations: [],
        schedule: { finishAt: "2026-03-05T17:00:00.000Z" },
      },
    });
    expect(await admin.run(read, { id })).toEqual(before);
    expect(await admin.refusal(preview, { taskId: walls })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(preview, { taskId: walls, byMinutes: 1, durationMinutes: 1 })).toBe("BAD_USER_INPUT");
    expect(await admin.refusal(preview, { taskId: build, durationMinutes: 60 })).toBe("BAD_USER_INPUT");
  });
});

describe("the tasks of a project", () => {
  test("come in the order of the tree, page by page", async () => {
    const { id } = await aHouse();
    const first = await page({ id, first: 3 });
    expect(namesOf(first)).toEqual(["Build", "Walls", "Roof"]);
    expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
    const rest = await page({ id, after: first.pageInfo.endCursor });
    expect(namesOf(rest)).toEqual(["Paint"]);
    expect(rest.pageInfo.hasNextPage).toBe(false);
  });

  test("are filtered by status, and whether they are critical", async () => {
    const { id, paint } = await aHouse();
    await admin.run(change, { input: { id: paint, percentComplete: 50 } });
    expect(namesOf(await page({ id, filter: { status: "STARTED" } }))).toEqual(["Paint"]);
    expect(namesOf(await page({ id, filter: { isCritical: true } }))).toEqual(["Build", "Walls", "Roof"]);
  });

  test("cost as many statements for one project as for many", async () => {
    const tenant = await aPlanningTenant(weft);
    const query =
      "{ projects(first: 50) { edges { node { progress { taskCount } tasks(first: 5) { edges { node { schedule { wbsCode } } } } } } } }";
    const fill = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) await aTask(tenant.admin, await aProject(tenant.admin), "Dig");
    };
    await fill(1);
    const one = await weft.statementCount(() => tenant.admin.run(query));
    await fill(5);
    expect(await weft.statementCount(() => tenant.admin.run(query))).toBe(one);
  });
});

describe("the progress of a project", () => {
  test("is weighted by the duration of its tasks, without summary tasks", async () => {
    const { id, walls, paint } = await aHouse();
    await admin.run(change, { input: { id: walls, percentComplete: 50 } });
    await admin.run(change, { input: { id: paint, percentComplete: 100 } });
    expect(
      await admin.run("query ($id: ID!) { project(id: $id) { progress { percentComplete taskCount startedCount doneCount } } }", { id }),
    ).toEqual({
      project: { progress: { percentComplete: 50, taskCount: 3, startedCount: 1, doneCount: 1 } },
    });
    const empty = await aProject(admin);
    expect(await admin.run("query ($id: ID!) { project(id: $id) { progress { percentComplete taskCount } } }", { id: empty })).toEqual({
      project: { progress: { percentComplete: 0, taskCount: 0 } },
    });
  });
});
