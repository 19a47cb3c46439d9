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

const add = `mutation ($input: AddTaskDependencyInput!) { addTaskDependency(input: $input) {
  dependency { id kind lagMinutes version predecessor { name } successor { name } } } }`;
const update =
  "mutation ($input: UpdateTaskDependencyInput!) { updateTaskDependency(input: $input) { dependency { kind lagMinutes version } } }";
const remove = "mutation ($input: VersionedIdInput!) { removeTaskDependency(input: $input) { projectTask { predecessors { id } } } }";
const move = "mutation ($input: MoveProjectTaskInput!) { moveProjectTask(input: $input) { projectTask { id } } }";
const drop = "mutation ($id: ID!) { deleteProjectTask(input: { id: $id }) { projectTaskIds } }";
const restore = "mutation ($id: ID!) { restoreProjectTask(input: { id: $id }) { projectTask { id } } }";
const read = `query ($id: ID!) { projectTask(id: $id) {
  predecessors { kind predecessor { name } } successors { kind successor { name } } } }`;

async function dependency(predecessorId: string, successorId: string, more: object = {}): Promise<string> {
  const input = { predecessorId, successorId, ...more };
  return (await admin.run<{ addTaskDependency: { dependency: { id: string } } }>(add, { input })).addTaskDependency.dependency.id;
}

async function tasks(...names: string[]): Promise<string[]> {
  const projectId = await aProject(admin);
  const ids: string[] = [];
  for (const name of names) ids.push(await aTask(admin, projectId, name));
  return ids;
}

describe("dependencies", () => {
  test("connect two tasks of a project, which know each other", async () => {
    const [paint = "", dry = ""] = await tasks("Paint", "Dry");
    const input = { predecessorId: paint, successorId: dry, kind: "START_TO_START", lagMinutes: -30 };
    expect(await admin.run(add, { input })).toMatchObject({
      addTaskDependency: {
        dependency: { kind: "START_TO_START", lagMinutes: -30, version: 1, predecessor: { name: "Paint" }, successor: { name: "Dry" } },
      },
    });
    expect(await admin.run(read, { id: dry })).toEqual({
      projectTask: { predecessors: [{ kind: "START_TO_START", predecessor: { name: "Paint" } }], successors: [] },
    });
    expect(await admin.run(read, { id: paint })).toMatchObject({
      projectTask: { successors: [{ kind: "START_TO_START", successor: { name: "Dry" } }] },
    });
    await admin.run(drop, { id: paint });
    expect(await admin.run(read, { id: dry })).toMatchObject({ projectTask: { predecessors: [] } });
  });

  test("change, are removed, and report a conflict for an old version", async () => {
    const [paint = "", dry = ""] = await tasks("Paint", "Dry");
    const id = await dependency(paint, dry);
    expect(await admin.run(update, { input: { id, lagMinutes: 60, expectedVersion: 1 } })).toEqual({
      updateTaskDependency: { dependency: { kind: "FINISH_TO_START", lagMinutes: 60, version: 2 } },
    });
    expect(await admin.refusal(update, { input: { id, lagMinutes: 0, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await admin.refusal(remove, { input: { id, expectedVersion: 1 } })).toBe("CONFLICT");
    expect(await admin.run(remove, { input: { id } })).toEqual({ removeTaskDependency: { projectTask: { predecessors: [] } } });
    expect(await admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
  });

  test("are refused twice, between projects, and with an endless lag", async () => {
    const [paint = "", dry = ""] = await tasks("Paint", "Dry");
    const [elsewhere = ""] = await tasks("Elsewhere");
    await dependency(paint, dry);
    const problem = async (predecessorId: string, successorId: string, more: object = {}) =>
      (await admin.refused(add, { input: { predecessorId, successorId, ...more } })).message;
    expect(await problem(paint, dry)).toBe(
      "input.predecessorId: The task depends on this one already. Use updateTaskDependency to change the kind or the lag.",
    );
    expect(await problem(elsewhere, dry)).toBe('input.predecessorId: The task "Elsewhere" belongs to another project.');
    expect(await problem(dry, paint, { lagMinutes: 1_000_001 })).toBe("input.lagMinutes: 1000001 is not between -1000000 and 1000000.");
  });
});

describe("a cycle", () => {
  test("is refused by the names of its tasks", async () => {
    const [paint = "", dry = "", hang = ""] = await tasks("Paint", "Dry", "Hang");
    await dependency(paint, dry);
    await dependency(dry, hang);
    const message = async (predecessorId: string, successorId: string) =>
      (await admin.refused(add, { input: { predecessorId, successorId } })).message;
    expect(await message(dry, paint)).toBe("input.predecessorId: Paint → Dry → Paint would depend on itself.");
    expect(await message(hang, paint)).toBe("input.predecessorId: Paint → Dry → Hang → Paint would depend on itself.");
    expect(await admin.refusal(add, { input: { predecessorId: paint, successorId: paint } })).toBe("BAD_USER_INPUT");
  });

  test("is refused through summary tasks, by a move, and by a restoration", async () => {
    const [outer = "", other = "", third = ""] = await tasks("Outer", "Other", "Third");
    await dependency(outer, other);
    const moved = await admin.refused(move, { input: { id: other, parentId: outer } });
    expect(moved.message).toContain("would depend on itself");
    await dependency(other, third);
    await admin.run(drop, { id: other });
    await dependency(third, outer);
    expect((await admin.refused(restore, { id: other })).message).toBe("input.id: Outer → Other → Third → Outer would depend on itself.");
  });

  test("is never the result of two concurrent additions", async () => {
    for (let round = 0; round < 5; round++) {
      const [a = "", b = ""] = await tasks("A", "B");
      const answers = await Promise.all([
        admin.send(add, { input: { predecessorId: a, successorId: b } }),
        admin.send(add, { input: { predecessorId: b, successorId: a } }),
      ]);
      expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code ?? "done").toSorted()).toEqual(["BAD_USER_INPUT", "done"]);
    }
  });
});

describe("users who cannot plan", () => {
  test("change no dependencies, and see none of another tenant; a vendor's users see those between tasks of the vendor", async () => {
    const [paint = "", dry = "", open = ""] = await tasks("Paint", "Dry", "Open");
    const id = await dependency(paint, dry);
    await dependency(dry, open);
    const { id: vendorId, user } = await acme.vendor();
    const give = (task: string): Promise<unknown> =>
      admin.run("mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }", {
        input: { id: task, assigneeId: vendorId },
      });
    const seen = "query ($id: ID!) { projectTask(id: $id) { predecessors { id predecessor { name } } successors { id } } }";
    await give(dry);
    expect(await user.run(seen, { id: dry })).toEqual({ projectTask: { predecessors: [], successors: [] } });
    await give(paint);
    expect(await user.run(seen, { id: dry })).toEqual({
      projectTask: { predecessors: [{ id, predecessor: { name: "Paint" } }], successors: [] },
    });
    expect(await user.refusal(remove, { input: { id } })).toBe("FORBIDDEN");
    expect(await (await acme.user("viewer")).refusal(remove, { input: { id } })).toBe("FORBIDDEN");
    const theirs = await aPlanningTenant(weft);
    expect(await theirs.admin.refusal(remove, { input: { id } })).toBe("NOT_FOUND");
    expect(await theirs.admin.refusal(add, { input: { predecessorId: paint, successorId: dry } })).toBe("BAD_USER_INPUT");
  });
});
