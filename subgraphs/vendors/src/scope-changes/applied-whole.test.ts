import {
  advanceClock,
  aPlanningTenant,
  aScopeChange,
  aScopedProject,
  aTask,
  changeOfEverything,
  decideScopeChange,
  newProjectCost,
  readScopeChange,
  scopeChangeApproval,
  type ScopedProject,
  scopedStateOf,
  startTestWeft,
  type TestTenant,
  type TestUser,
  type TestWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: TestWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await startTestWeft({ alone: "It makes tables refuse rows." });
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
  await acme.definition(scopeChangeApproval);
});

afterAll(async () => {
  await sql.end();
  await weft.stop();
});

const refresh = "mutation ($id: ID!) { refreshScopeChange(input: { id: $id }) { scopeChange { status version workflow { id } } } }";
const withdraw = "mutation ($id: ID!) { withdrawScopeChange(input: { id: $id }) { scopeChange { status } } }";
const updateTask = "mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }";

const read = (id: string, fields: string): Promise<unknown> => readScopeChange(admin, id, fields);

async function endProject(id: string): Promise<void> {
  const query = "query ($id: ID!) { project(id: $id) { workflow { id } } }";
  const { project } = await admin.run<{ project: { workflow: { id: string } } }>(query, { id });
  await decideScopeChange(admin, project.workflow.id, "cancel", "Over");
}

test("a change that a timer approves is applied without an approver", { tags: "slow" }, async () => {
  const tenant = await aPlanningTenant(weft);
  await tenant.definition(scopeChangeApproval.replace("  review:\n", "  review:\n    timers: { lapse: { after: P1D, fire: approve } }\n"));
  const project = await aScopedProject(tenant.admin);
  const { id } = await aScopeChange(tenant.admin, project.id, changeOfEverything(project));
  await advanceClock(weft, tenant, { days: 2 });
  expect(await readScopeChange(tenant.admin, id, "status appliedNumber")).toEqual({ status: "APPLIED", appliedNumber: 2 });
  const query = "query ($id: ID!) { project(id: $id) { scopeVersion { number approvedBy { id } } baseline { createdBy { id } } } }";
  expect(await tenant.admin.run(query, { id: project.id })).toEqual({
    project: { scopeVersion: { number: 2, approvedBy: null }, baseline: { createdBy: { id: tenant.admin.id } } },
  });
});

test("an approval keeps its project from being deleted, and disappears with it once it has ended", async () => {
  const deletion = "mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }";
  const instance = "query ($id: ID!) { workflowInstance(id: $id) { status } }";
  const { id: projectId } = await aScopedProject(admin);
  const { id, instanceId } = await aScopeChange(admin, projectId);
  await endProject(projectId);
  const error = await admin.refused(deletion, { id: projectId });
  expect([error.extensions?.["code"], error.message]).toEqual(["CONFLICT", expect.stringContaining("Change 1 of the scope")]);
  await admin.run(withdraw, { id });
  await admin.run(deletion, { id: projectId });
  expect(await admin.refusal(instance, { id: instanceId })).toBe("NOT_FOUND");
  await admin.run("mutation ($id: ID!) { restoreProject(input: { id: $id }) { project { id } } }", { id: projectId });
  expect(await admin.run(instance, { id: instanceId })).toEqual({ workflowInstance: { status: "CANCELLED" } });
});

describe("all or nothing", () => {
  // Each table that an approval writes, in order: a fault there comes after everything before.
  const places = [
    "scope_items",
    "scope_versions",
    "projects",
    "project_tasks",
    "project_task_dependencies",
    "project_baseline_tasks",
    "scope_changes",
  ];

  test.each(["raise exception 'Injected'", "perform pg_terminate_backend(pg_backend_pid())"])(
    "a fault in the middle leaves no trace, and the approval can be repeated: %s",
    { tags: "slow", timeout: 60_000 },
    async (fault) => {
      const project = await aScopedProject(admin);
      const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
      const before = await scopedStateOf(admin, project.id);
      for (const place of places) {
        await sql.unsafe(`create function vendors.break() returns trigger language plpgsql as $$ begin ${fault}; return null; end $$;
          create trigger break after insert or update on vendors.${place} for each row execute function vendors.break()`);
        const result = await decideScopeChange(admin, instanceId).then(
          () => "done",
          () => "failed",
        );
        await sql.unsafe(`drop trigger break on vendors.${place}; drop function vendors.break()`);
        expect([place, result]).toEqual([place, "failed"]);
        expect(await scopedStateOf(admin, project.id)).toEqual(before);
        expect(await read(id, "status version workflow { status }")).toEqual({
          status: "IN_APPROVAL",
          version: 1,
          workflow: { status: "RUNNING" },
        });
      }
      await decideScopeChange(admin, instanceId);
      expect(await read(id, "status appliedNumber")).toEqual({ status: "APPLIED", appliedNumber: 2 });
    },
  );
});

describe("a change becomes stale", () => {
  test.each<[string, (project: ScopedProject) => Promise<unknown>, string]>([
    [
      "project",
      ({ id }) => admin.run('mutation ($id: ID!) { updateProject(input: { id: $id, endsOn: "2026-03-04" }) { project { id } } }', { id }),
      "The project was changed",
    ],
    ["plan", ({ build }) => admin.run(updateTask, { input: { id: build, durationMinutes: 60 } }), "The plan was changed"],
    ["currency of the costs", ({ id }) => newProjectCost(admin, id, 100), "The costs of the project are in another currency"],
  ])("if the %s was changed since the proposal, and nothing is applied", async (_what, disturb, reason) => {
    const project = await aScopedProject(admin);
    const change = { ...changeOfEverything(project), budget: { amount: 900_000, currency: "USD" } };
    const { id, instanceId } = await aScopeChange(admin, project.id, change);
    await disturb(project);
    const before = await scopedStateOf(admin, project.id);
    await decideScopeChange(admin, instanceId);
    expect(await read(id, "status outcomeReason appliedNumber")).toEqual({
      status: "STALE",
      outcomeReason: expect.stringContaining(reason) as string,
      appliedNumber: null,
    });
    expect(await scopedStateOf(admin, project.id)).toEqual(before);
  });

  test("if the project no longer runs", async () => {
    const project = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    await endProject(project.id);
    await decideScopeChange(admin, instanceId);
    expect(await read(id, "status outcomeReason")).toEqual({
      status: "STALE",
      outcomeReason: "The workflow of the project no longer runs, so its budget cannot change.",
    });
  });

  test("if another one of the same version is approved at the same time: exactly one is applied", async () => {
    const { id: projectId } = await aScopedProject(admin);
    const changes = [
      await aScopeChange(admin, projectId, { addedItems: [{ title: "Windows" }] }),
      await aScopeChange(admin, projectId, { addedItems: [{ title: "Stairs" }], budget: { amount: 5, currency: "EUR" } }),
    ];
    await Promise.all(changes.map(({ instanceId }) => decideScopeChange(admin, instanceId)));
    const found = (await Promise.all(changes.map(({ id }) => read(id, "status outcomeReason")))) as {
      status: string;
      outcomeReason: string;
    }[];
    expect(found.map(({ status }) => status).toSorted()).toEqual(["APPLIED", "STALE"]);
    expect(found.find(({ status }) => status === "STALE")?.outcomeReason).toContain("The scope now has version 2, not 1.");
    expect(await scopedStateOf(admin, projectId)).toMatchObject({
      scopeVersions: [{ number: 2 }, { number: 1 }],
      baselines: [{ number: 1 }],
    });
  });

  test("and is refreshed with the impact of now, and approved again", async () => {
    const project = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    expect(await admin.refusal(refresh, { id })).toBe("CONFLICT");
    await aTask(admin, project.id, "Paint", { durationMinutes: 4800 });
    await decideScopeChange(admin, instanceId);
    const { refreshScopeChange } = await admin.run<{ refreshScopeChange: { scopeChange: { status: string; workflow: { id: string } } } }>(
      refresh,
      { id },
    );
    expect(refreshScopeChange.scopeChange.status).toBe("IN_APPROVAL");
    expect(await read(id, "outcomeReason impact { workMinutes finishByMinutes }")).toEqual({
      outcomeReason: null,
      impact: { workMinutes: 5280, finishByMinutes: 0 },
    });
    await decideScopeChange(admin, refreshScopeChange.scopeChange.workflow.id);
    expect(await read(id, "status appliedNumber")).toEqual({ status: "APPLIED", appliedNumber: 2 });
  });

  test("and cannot be refreshed if what it changes is gone", async () => {
    const project = await aScopedProject(admin);
    const [rename, removal] = [
      await aScopeChange(admin, project.id, { changedItems: [{ id: project.doors, title: "Gates" }] }),
      await aScopeChange(admin, project.id, { removedItemIds: [project.doors], addedItems: [{ title: "Walls" }] }),
    ];
    await decideScopeChange(admin, removal.instanceId);
    await decideScopeChange(admin, rename.instanceId);
    const error = await admin.refused(refresh, { id: rename.id });
    expect(error.extensions?.["code"]).toBe("CONFLICT");
    expect(error.message).toContain("Withdraw it");
    expect(await admin.run(withdraw, { id: rename.id })).toMatchObject({ withdrawScopeChange: { scopeChange: { status: "WITHDRAWN" } } });
  });
});
