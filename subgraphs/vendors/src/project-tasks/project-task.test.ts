import { aPlanningTenant, aProject, aTask, createTask, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
});

const update = `mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { name durationMinutes isMilestone
  constraintKind constraintAt deadlineAt calendar percentComplete actualStartAt actualFinishAt status version } } }`;
const move =
  "mutation ($input: MoveProjectTaskInput!) { moveProjectTask(input: $input) { projectTask { position parent { name } version } } }";
const remove = "mutation ($input: DeleteProjectTaskInput!) { deleteProjectTask(input: $input) { projectTaskIds } }";
const restore = "mutation ($input: VersionedIdInput!) { restoreProjectTask(input: $input) { projectTask { name version } } }";
const read = "query ($id: ID!) { projectTask(id: $id) { name parent { name } project { name } projectName position version } }";
const list = `query ($filter: ProjectTaskFilter, $orderBy: ProjectTaskOrder) {
  projectTasks(filter: $filter, orderBy: $orderBy, first: 100) { totalCount edges { node { name } } } }`;

const names = async (filter: object, user: TestUser = admin): Promise<string[]> => {
  const variables = { filter, orderBy: { field: "NAME", direction: "ASC" } };
  const { projectTasks } = await user.run<{ projectTasks: { totalCount: number; edges: { node: { name: string } }[] } }>(list, variables);
  expect(projectTasks.totalCount).toBe(projectTasks.edges.length);
  return projectTasks.edges.map(({ node }) => node.name);
};

const updated = async (input: object): Promise<Record<string, unknown>> =>
  (await admin.run<{ updateProjectTask: { projectTask: Record<string, unknown> } }>(update, { input })).updateProjectTask.projectTask;

const problems = async (operation: string, input: object): Promise<string[]> => {
  const { extensions } = await admin.refused(operation, { input });
  return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
};

describe("project tasks", () => {
  test("form a tree in their project, and are found by project, parent, and words", async () => {
    const projectId = await aProject(admin);
    const build = await aTask(admin, projectId, "Build");
    const walls = await aTask(admin, projectId, "Walls", { parentId: build, description: "Brick" });
    await aTask(admin, projectId, "Paint", { parentId: build });
    expect(await admin.run(read, { id: walls })).toEqual({
      projectTask: { name: "Walls", parent: { name: "Build" }, project: { name: "Lobby" }, projectName: "Lobby", position: 1, version: 1 },
    });
    expect(await names({ project: { eq: projectId } })).toEqual(["Build", "Paint", "Walls"]);
    expect(await names({ parent: { eq: build } })).toEqual(["Paint", "Walls"]);
    expect(await names({ project: { eq: projectId }, search: { contains: "brick" } })).toEqual(["Walls"]);
  });

  test("change only the given fields, and report a conflict for an old version", async () => {
    const id = await aTask(admin, await aProject(admin), "Draft");
    expect(await updated({ id, name: " Plan ", durationMinutes: 0, deadlineAt: "2026-05-01T12:00:00Z", expectedVersion: 1 })).toMatchObject(
      {
        name: "Plan",
        durationMinutes: 0,
        isMilestone: true,
        constraintKind: "ASAP",
        deadlineAt: "2026-05-01T12:00:00.000Z",
        version: 2,
      },
    );
    const late = await admin.refused(update, { input: { id, name: "Late", expectedVersion: 1 } });
    expect(late.extensions).toMatchObject({ code: "CONFLICT", currentVersion: 2 });
  });

  test("have a constraint with a time if its kind needs one", async () => {
    const projectId = await aProject(admin);
    const constraintAt = "2026-05-04T07:00:00Z";
    const input = { projectId, name: "Fixed", durationMinutes: 60 };
    expect(await problems(createTask, { ...input, constraintKind: "MUST_START_ON" })).toEqual(["input.constraintAt"]);
    expect(await problems(createTask, { ...input, constraintAt })).toEqual(["input.constraintAt"]);
    const id = await aTask(admin, projectId, "Fixed", { constraintKind: "MUST_START_ON", constraintAt });
    expect(await updated({ id, constraintKind: "ALAP" })).toMatchObject({ constraintKind: "ALAP", constraintAt: null });
  });

  test("are refused with the path of each error", async () => {
    const projectId = await aProject(admin);
    const input = { projectId, name: " ", durationMinutes: -1, estimateMinutes: -5, deadlineAt: "9999-01-01T00:00:00Z" };
    expect(await problems(createTask, input)).toEqual(["input.name", "input.durationMinutes", "input.estimateMinutes", "input.deadlineAt"]);
    const valid = { projectId, name: "Paint", durationMinutes: 60 };
    expect(await problems(createTask, { ...valid, position: 0 })).toEqual(["input.position"]);
    expect(await problems(createTask, { ...valid, calendar: "night" })).toEqual(["input.calendar"]);
    expect(await problems(createTask, { ...valid, assigneeId: projectId })).toEqual(["input.assigneeId"]);
    const { user: vendorUser } = await acme.vendor();
    expect(await problems(createTask, { ...valid, assigneeId: vendorUser.id })).toEqual(["input.assigneeId"]);
    expect(await problems(createTask, { ...valid, parentId: await aTask(admin, await aProject(admin), "Elsewhere") })).toEqual([
      "input.parentId",
    ]);
  });

  test("are complete when they are finished, and not finished when they are opened again", async () => {
    const id = await aTask(admin, await aProject(admin), "Dig");
    const [actualStartAt, actualFinishAt] = ["2026-03-02T08:00:00.000Z", "2026-03-03T16:00:00.000Z"];
    expect(await problems(update, { id, actualFinishAt })).toEqual(["input.actualFinishAt"]);
    expect(await problems(update, { id, actualStartAt: actualFinishAt, actualFinishAt: actualStartAt })).toEqual(["input.actualFinishAt"]);
    expect(await problems(update, { id, actualStartAt, actualFinishAt, percentComplete: 50 })).toEqual(["input.percentComplete"]);
    expect(await updated({ id, actualStartAt, actualFinishAt })).toMatchObject({ percentComplete: 100, status: "DONE" });
    expect(await updated({ id, percentComplete: 40 })).toMatchObject({ actualStartAt, actualFinishAt: null, status: "STARTED" });
    expect(await updated({ id, percentComplete: 0, actualStartAt: null })).toMatchObject({ status: "PLANNED" });
  });

  test("appear in the audit trail with their project", async () => {
    const id = await aTask(admin, await aProject(admin), "Traced");
    await updated({ id, name: "Still traced" });
    const trail = await admin.run<{ projectTask: { auditTrail: { edges: { node: object }[] } } }>(
      "query ($id: ID!) { projectTask(id: $id) { auditTrail(first: 2) { edges { node { action before after } } } } }",
      { id },
    );
    expect(trail.projectTask.auditTrail.edges[0]?.node).toMatchObject({
      action: "projectTask.update",
      before: { name: "Traced" },
      after: { name: "Still traced" },
    });
  });
});

describe("moving a task", () => {
  test("takes its subtasks along, and moves those after its place down", async () => {
    const projectId = await aProject(admin);
    const [first, second] = [await aTask(admin, projectId, "First"), await aTask(admin, projectId, "Second")];
    const inner = await aTask(admin, projectId, "Inner", { parentId: second });
    expect(await admin.run(move, { input: { id: second, parentId: null, position: 1, expectedVersion: 1 } })).toEqual({
      moveProjectTask: { projectTask: { position: 1, parent: null, version: 2 } },
    });
    expect(await admin.run(read, { id: first })).toMatchObject({ projectTask: { position: 2, version: 1 } });
    await admin.run(move, { input: { id: second, parentId: first } });
    expect(await admin.run(read, { id: inner })).toMatchObject({ projectTask: { parent: { name: "Second" } } });
  });

  test("is refused into itself, into a subtask, and below ten levels", async () => {
    const projectId = await aProject(admin);
    const outer = await aTask(admin, projectId, "Outer");
    let parentId = outer;
    for (let level = 2; level <= 10; level++) parentId = await aTask(admin, projectId, `Level ${level}`, { parentId });
    const cyclic = 'input.parentId: The task "Outer" cannot be moved into itself or into one of its subtasks.';
    expect((await admin.refused(move, { input: { id: outer, parentId: outer } })).message).toBe(cyclic);
    expect((await admin.refused(move, { input: { id: outer, parentId } })).message).toBe(cyclic);
    const eleventh = await admin.refused(createTask, { input: { projectId, parentId, name: "Too deep", durationMinutes: 60 } });
    expect(eleventh.message).toBe("input.parentId: Tasks can be nested at most 10 levels deep. This would make 11 levels.");
  });

  test("happens one after the other, so that two tasks never contain each other", async () => {
    const projectId = await aProject(admin);
    const [a, b] = [await aTask(admin, projectId, "A"), await aTask(admin, projectId, "B")];
    const answers = await Promise.all([
      admin.send(move, { input: { id: a, parentId: b } }),
      admin.send(move, { input: { id: b, parentId: a } }),
    ]);
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "done").toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
  });
});

describe("a deleted task", () => {
  test("is gone with its subtasks until all of them are restored at their places", async () => {
    const projectId = await aProject(admin);
    const outer = await aTask(admin, projectId, "Outer");
    const inner = await aTask(admin, projectId, "Inner", { parentId: outer });
    const gone = await aTask(admin, projectId, "Gone before", { parentId: outer });
    await admin.run(remove, { input: { id: gone } });
    const refused = await admin.refused(remove, { input: { id: outer } });
    expect(refused.message).toBe('The task "Outer" has 1 subtask. Move them first, or pass withSubtasks.');
    expect(refused.extensions).toMatchObject({ code: "CONFLICT", dependents: { subtasks: 1 } });
    expect(await admin.run(remove, { input: { id: outer, withSubtasks: true, expectedVersion: 1 } })).toEqual({
      deleteProjectTask: { projectTaskIds: [outer, inner] },
    });
    expect(await admin.refusal(read, { id: inner })).toBe("NOT_FOUND");
    expect((await admin.refused(restore, { input: { id: inner } })).message).toBe(
      `input.id: The task ${outer}, which contained it, is deleted. Restore that task first.`,
    );
    expect(await admin.run(restore, { input: { id: outer, expectedVersion: 2 } })).toEqual({
      restoreProjectTask: { projectTask: { name: "Outer", version: 3 } },
    });
    expect(await names({ project: { eq: projectId } })).toEqual(["Inner", "Outer"]);
    expect(await admin.refusal(restore, { input: { id: outer } })).toBe("NOT_FOUND");
    expect(await admin.run(restore, { input: { id: gone } })).toMatchObject({ restoreProjectTask: { projectTask: { version: 3 } } });
  });
});

describe("the tasks of a deleted project", () => {
  test("are hidden from everybody until it is restored", async () => {
    const { id: vendorId, user } = await acme.vendor();
    const projectId = await aProject(admin);
    const id = await aTask(admin, projectId, "Given", { assigneeId: vendorId });
    const { project } = await admin.run<{ project: { workflow: { id: string } } }>(
      "query ($id: ID!) { project(id: $id) { workflow { id } } }",
      {
        id: projectId,
      },
    );
    await admin.run("mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }", {
      input: { instanceId: project.workflow.id, transition: "cancel", comment: "No money" },
    });
    await admin.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }", { id: projectId });
    const name = "query ($id: ID!) { projectTask(id: $id) { projectName } }";
    for (const each of [admin, user]) expect(await each.refusal(name, { id })).toBe("NOT_FOUND");
    expect(await admin.refusal(update, { input: { id, name: "Late" } })).toBe("NOT_FOUND");
    await admin.run("mutation ($id: ID!) { restoreProject(input: { id: $id }) { project { id } } }", { id: projectId });
    expect(await user.run(name, { id })).toEqual({ projectTask: { projectName: "Lobby" } });
  });
});

describe("progress reports", () => {
  const report = `mutation ($input: ReportProjectTaskProgressInput!) { reportProjectTaskProgress(input: $input) {
    projectTask { percentComplete actualMinutes actualStartAt actualFinishAt status version } report { percentComplete workedMinutes note } } }`;

  test("begin and finish a task, sum up the work, and are kept", async () => {
    const id = await aTask(admin, await aProject(admin), "Dig");
    const startedAt = "2026-03-02T08:00:00.000Z";
    const first = await admin.run<{ reportProjectTaskProgress: { projectTask: object } }>(report, {
      input: { id, percentComplete: 30, workedMinutes: 90, note: "Hard ground", startedAt },
    });
    expect(first.reportProjectTaskProgress.projectTask).toEqual({
      percentComplete: 30,
      actualMinutes: 90,
      actualStartAt: startedAt,
      actualFinishAt: null,
      status: "STARTED",
      version: 2,
    });
    const finishedAt = "2026-03-03T16:00:00.000Z";
    const last = await admin.run<{ reportProjectTaskProgress: object }>(report, {
      input: { id, percentComplete: 100, workedMinutes: 60, finishedAt, expectedVersion: 2 },
    });
    expect(last.reportProjectTaskProgress).toMatchObject({
      projectTask: { actualMinutes: 150, actualFinishAt: finishedAt, status: "DONE" },
      report: { percentComplete: 100, workedMinutes: 60, note: null },
    });
    const kept = await admin.run<{ projectTask: { reports: { totalCount: number; edges: { node: object }[] } } }>(
      "query ($id: ID!) { projectTask(id: $id) { reports(first: 5) { totalCount edges { node { percentComplete note reportedBy { id } } } } } }",
      { id },
    );
    expect(kept.projectTask.reports).toEqual({
      totalCount: 2,
      edges: [
        { node: { percentComplete: 100, note: null, reportedBy: { id: admin.id } } },
        { node: { percentComplete: 30, note: "Hard ground", reportedBy: { id: admin.id } } },
      ],
    });
  });

  test("use the tenant's time if none is given, and are refused with times that do not fit", async () => {
    const id = await aTask(admin, await aProject(admin), "Fill");
    expect(await problems(report, { id, percentComplete: 101, workedMinutes: -1 })).toEqual([
      "input.percentComplete",
      "input.workedMinutes",
    ]);
    expect(await problems(report, { id, percentComplete: 0, startedAt: "2026-03-02T08:00:00Z" })).toEqual(["input.startedAt"]);
    expect(await problems(report, { id, percentComplete: 50, finishedAt: "2026-03-02T08:00:00Z" })).toEqual(["input.finishedAt"]);
    const { reportProjectTaskProgress } = await admin.run<{ reportProjectTaskProgress: { projectTask: { actualStartAt: string } } }>(
      report,
      {
        input: { id, percentComplete: 10 },
      },
    );
    expect(Math.abs(Date.parse(reportProjectTaskProgress.projectTask.actualStartAt) - Date.now())).toBeLessThan(60_000);
  });

  test("of a vendor's user are about the vendor's tasks; of the rest of the project, they see the name only", async () => {
    const projectId = await aProject(admin, "Atrium");
    const { id: vendorId, user } = await acme.vendor();
    const outer = await aTask(admin, projectId, "Outer");
    const theirs = await aTask(admin, projectId, "Glass roof", { assigneeId: vendorId, parentId: outer });
    const hidden = await aTask(admin, projectId, "Secret");
    expect(await names({}, user)).toEqual(["Glass roof"]);
    expect(
      await user.run("query ($id: ID!) { projectTask(id: $id) { projectName parent { name } assigneeVendor { id } } }", { id: theirs }),
    ).toEqual({
      projectTask: { projectName: "Atrium", parent: null, assigneeVendor: { id: vendorId } },
    });
    expect(await user.refusal(read.replace("project { name }", ""), { id: hidden })).toBe("NOT_FOUND");
    expect(await user.refusal(report, { input: { id: hidden, percentComplete: 10 } })).toBe("NOT_FOUND");
    expect(await user.refusal(update, { input: { id: theirs, durationMinutes: 1 } })).toBe("FORBIDDEN");
    expect(await user.run(report, { input: { id: theirs, percentComplete: 20, workedMinutes: 30 } })).toMatchObject({
      reportProjectTaskProgress: { projectTask: { percentComplete: 20, actualMinutes: 30 } },
    });
    await updated({ id: theirs, assigneeId: admin.id });
    expect(await user.refusal(report, { input: { id: theirs, percentComplete: 30 } })).toBe("NOT_FOUND");
  });
});

describe("scopes", () => {
  test("OWN reaches the tasks of one's projects, ASSIGNED one's tasks", async () => {
    const scoped = async (key: string, scope: string) => {
      const permissions = ["projectTask.read", "projectTask.update", "projectTask.report"].map((permission) => ({ permission, scope }));
      const all = [...permissions, { permission: "project.create", scope: "TENANT" }, { permission: "project.read", scope: "OWN" }];
      await admin.run("mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }", {
        input: { key, name: key, permissions: all },
      });
      return acme.user(key);
    };
    const [lead, worker] = [await scoped("project_lead", "OWN"), await scoped("project_worker", "ASSIGNED")];
    const [led, other] = [await aProject(lead), await aProject(admin)];
    await aTask(lead, led, "Led");
    const assigned = await aTask(admin, other, "Assigned", { assigneeId: worker.id });
    expect(await names({}, lead)).toEqual(["Led"]);
    expect(await names({}, worker)).toEqual(["Assigned"]);
    expect(await lead.refusal(createTask, { input: { projectId: other, name: "Theirs", durationMinutes: 1 } })).toBe("BAD_USER_INPUT");
    expect(await lead.refusal(update, { input: { id: assigned, name: "Mine" } })).toBe("NOT_FOUND");
    await worker.run(update, { input: { id: assigned, name: "Mine" } });
  });

  test("of another tenant reach nothing", async () => {
    const theirs = await aPlanningTenant(weft);
    const id = await aTask(admin, await aProject(admin), "Ours");
    expect(await theirs.admin.refusal(read, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(update, { input: { id, name: "Mine" } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(move, { input: { id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  });
});
