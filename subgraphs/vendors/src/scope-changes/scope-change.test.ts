import { decodeId } from "@weft/shared/ids";
import {
  aPlanningTenant,
  approveScope,
  aProject,
  aScopeChange,
  aScopedProject,
  aScopeItem,
  changeOfEverything,
  decideScopeChange,
  newProjectCost,
  readScopeChange,
  scopeChangeApproval,
  type ScopedProject,
  scopedStateOf,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let weft: SharedWeft;
let sql: postgres.Sql;
let acme: TestTenant;
let admin: TestUser;

beforeAll(async () => {
  weft = await sharedWeft();
  sql = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aPlanningTenant(weft);
  admin = acme.admin;
  await acme.definition(scopeChangeApproval);
});

afterAll(async () => {
  await sql.end();
});

const propose = `mutation ($input: ProposeScopeChangeInput!) { proposeScopeChange(input: $input) { scopeChange { id status } } }`;
const refresh = "mutation ($id: ID!) { refreshScopeChange(input: { id: $id }) { scopeChange { status version workflow { id } } } }";
const withdraw = `mutation ($id: ID!, $comment: String) { withdrawScopeChange(input: { id: $id, comment: $comment }) {
  scopeChange { status outcomeReason } } }`;
const list = `query ($filter: ScopeChangeFilter, $first: Int) { scopeChanges(filter: $filter, first: $first) { edges { node {
  id number status project { name } createdBy { name } impact { finishByMinutes shiftedTasks { task { name } } } } } } }`;
const updateTask = "mutation ($input: UpdateProjectTaskInput!) { updateProjectTask(input: $input) { projectTask { id } } }";

const read = (id: string, fields: string): Promise<unknown> => readScopeChange(admin, id, fields);

describe("a proposal", () => {
  test("is stored with its impact on the dates, the work, and the budget, and changes nothing", async () => {
    const project = await aScopedProject(admin);
    const before = await scopedStateOf(admin, project.id);
    const { id } = await aScopeChange(admin, project.id, changeOfEverything(project));
    expect(await scopedStateOf(admin, project.id)).toEqual(before);
    const impact = `impact { finishAt newFinishAt finishByMinutes isAfterLastDay workMinutes newWorkMinutes endsOn newEndsOn
      budget { amount } newBudget { amount } shiftedTasks { task { name } newFinishAt byMinutes } addedTasks { name startAt finishAt } }`;
    expect(await read(id, `number status baseNumber differences { path before after } ${impact}`)).toEqual({
      number: 1,
      status: "IN_APPROVAL",
      baseNumber: 1,
      differences: [
        { path: `items.${project.doors}.title`, before: "Doors", after: "Wide doors" },
        {
          path: expect.stringContaining("items.sci_") as string,
          before: null,
          after: { title: "Windows", description: "", acceptanceCriteria: ["They close"] },
        },
        { path: "endsOn", before: "2026-03-03", after: "2026-03-10" },
        { path: "budget.amount", before: 1_000_000, after: 1_250_050 },
      ],
      impact: {
        finishAt: "2026-03-02T17:00:00.000Z",
        newFinishAt: "2026-03-04T17:00:00.000Z",
        finishByMinutes: 960,
        isAfterLastDay: false,
        workMinutes: 480,
        newWorkMinutes: 1680,
        endsOn: "2026-03-03",
        newEndsOn: "2026-03-10",
        budget: { amount: 1_000_000 },
        newBudget: { amount: 1_250_050 },
        shiftedTasks: [{ task: { name: "Build" }, newFinishAt: "2026-03-03T17:00:00.000Z", byMinutes: 0 }],
        addedTasks: [{ name: "Glaze", startAt: "2026-03-04T09:00:00.000Z", finishAt: "2026-03-04T17:00:00.000Z" }],
      },
    });
  });

  test("gives the approval its figures and its subject", async () => {
    const project = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    const query =
      "query ($id: ID!) { workflowInstance(id: $id) { data subject { id ... on ScopeChange { impact { finishByMinutes } } } } }";
    expect(await admin.run(query, { id: instanceId })).toEqual({
      workflowInstance: {
        data: { project: "Lobby", number: 1, reason: "The client asks for it.", addedItems: 1, finishByMinutes: 960, budgetBy: 2500.5 },
        subject: { id, impact: { finishByMinutes: 960 } },
      },
    });
  });

  test.each([
    ["changes nothing", () => ({}), "input"],
    ["changes to what is there", ({ doors }: ScopedProject) => ({ changedItems: [{ id: doors, title: "Doors" }] }), "input"],
    [
      "names an item twice",
      ({ doors }: ScopedProject) => ({ changedItems: [{ id: doors, title: "A" }], removedItemIds: [doors] }),
      "input.changedItems",
    ],
    ["ends before it starts", () => ({ startsOn: "2026-04-01" }), "input.endsOn"],
    ["has a wrong amount", () => ({ budget: { amount: -1, currency: "EUR" } }), "input.budget.amount"],
    ["has a task without a name", () => ({ addedTasks: [{ name: " ", durationMinutes: 1 }] }), "input.addedTasks.0.name"],
  ])("that %s is refused", async (_name, input, path) => {
    const project = await aScopedProject(admin);
    const error = await admin.refused(propose, { input: { projectId: project.id, reason: "Why not", ...input(project) } });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path }] });
  });

  test("with a budget in another currency than the costs is refused", async () => {
    const project = await aScopedProject(admin);
    await newProjectCost(admin, project.id, 100);
    const input = { projectId: project.id, reason: "Paid in dollars", budget: { amount: 5, currency: "USD" } };
    const error = await admin.refused(propose, { input });
    expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.budget.currency" }] });
  });

  test("needs an approved scope, and a published definition", async () => {
    const id = await aProject(admin);
    const item = { projectId: id, reason: "More", addedItems: [{ title: "Windows" }] };
    expect(await admin.refusal(propose, { input: item })).toBe("CONFLICT");
    const other = await aPlanningTenant(weft);
    const projectId = await aProject(other.admin);
    await aScopeItem(other.admin, projectId);
    await approveScope(other.admin, projectId);
    const error = await other.admin.refused(propose, { input: { ...item, projectId } });
    expect(error.extensions?.["problems"]).toMatchObject([{ message: expect.stringContaining('"scope-change-approval"') as string }]);
  });
});

describe("an approval", () => {
  test("makes the next version, the new days and budget, the tasks, and a baseline at once", async () => {
    const project = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    await decideScopeChange(await acme.user("workflow_manager"), instanceId);
    expect(await read(id, "status appliedNumber outcomeReason")).toEqual({ status: "APPLIED", appliedNumber: 2, outcomeReason: null });
    expect(await scopedStateOf(admin, project.id)).toMatchObject({
      endsOn: "2026-03-10",
      budget: { amount: 1_250_050 },
      workflow: { data: { budget: 12_500.5 } },
      scopeItems: [{ id: project.doors, title: "Wide doors" }, { title: "Windows" }],
      scopeVersions: [{ number: 2 }, { number: 1 }],
      baselines: [{ number: 1 }],
      tasks: {
        edges: [
          { node: { name: "Build", durationMinutes: 960, estimateMinutes: 1200 } },
          { node: { name: "Glaze", durationMinutes: 480, estimateMinutes: null } },
        ],
      },
    });
    const query = `query ($id: ID!) { project(id: $id) {
      scopeVersion { isHashValid changesSince { path } }
      baseline { name scopeNumber planVersion finishVarianceMinutes workVarianceMinutes budgetVarianceAmount budget { amount } tasks { name finishVarianceMinutes } }
      plan { version } } projectSchedule(projectId: $id) { finishAt } }`;
    expect(await admin.run(query, { id: project.id })).toMatchObject({
      project: {
        scopeVersion: { isHashValid: true, changesSince: [{}, {}, { path: "budget.amount" }, { path: "endsOn" }] },
        baseline: {
          name: "Change 1 of the scope",
          scopeNumber: 2,
          planVersion: 3,
          finishVarianceMinutes: 0,
          workVarianceMinutes: 0,
          budgetVarianceAmount: 0,
          budget: { amount: 1_250_050 },
          tasks: [
            { name: "Build", finishVarianceMinutes: 0 },
            { name: "Glaze", finishVarianceMinutes: 0 },
          ],
        },
        plan: { version: 3 },
      },
      projectSchedule: { finishAt: "2026-03-04T17:00:00.000Z" },
    });
  });

  test("writes an event and an audit entry of everything that changes, with the user who approved", async () => {
    const project = await aScopedProject(admin);
    const manager = await acme.user("workflow_manager");
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    const uuid = decodeId("scopeChange", id);
    const [newest] = await sql<{ at: string }[]>`select max(id::text) as at from events.log where tenant_id = ${acme.id}`;
    await decideScopeChange(manager, instanceId);
    const events = await sql<{ type: string }[]>`
      select type from events.log where tenant_id = ${acme.id} and id::text > ${newest?.at ?? ""} and actor_id = ${decodeId("user", manager.id)} order by type`;
    expect(events.map(({ type }) => type)).toEqual([
      "project.updated",
      "projectBaseline.created",
      "projectTask.created",
      "projectTask.updated",
      "scopeChange.applied",
      "taskDependency.created",
      "workflow.data_changed",
      "workflow.transitioned",
    ]);
    const entries = await sql<{ action: string }[]>`
      select action from audit.entries where tenant_id = ${acme.id} and entity_id = ${uuid} order by id`;
    expect(entries.map(({ action }) => action)).toEqual(["scopeChange.propose", "scopeChange.apply"]);
  });

  test("removes items, which earlier versions keep", async () => {
    const { id, doors } = await aScopedProject(admin);
    const { instanceId } = await aScopeChange(admin, id, { removedItemIds: [doors], addedItems: [{ title: "Gates" }] });
    await decideScopeChange(admin, instanceId);
    expect(
      await admin.run("query ($id: ID!) { project(id: $id) { scopeItems { title } scopeVersions { items { title } } } }", { id }),
    ).toEqual({
      project: { scopeItems: [{ title: "Gates" }], scopeVersions: [{ items: [{ title: "Gates" }] }, { items: [{ title: "Doors" }] }] },
    });
  });

  test("that rejects changes nothing, and keeps the comment", async () => {
    const project = await aScopedProject(admin);
    const before = await scopedStateOf(admin, project.id);
    const { id, instanceId } = await aScopeChange(admin, project.id, changeOfEverything(project));
    await decideScopeChange(admin, instanceId, "reject", "Too expensive");
    expect(await read(id, "status outcomeReason appliedNumber")).toEqual({
      status: "REJECTED",
      outcomeReason: "Too expensive",
      appliedNumber: null,
    });
    expect(await scopedStateOf(admin, project.id)).toEqual(before);
    // The comment is personal: it can be erased with the history, and an audit entry cannot.
    const entries = await sql<{ after: string }[]>`
      select after::text from audit.entries where tenant_id = ${acme.id} and entity_id = ${decodeId("scopeChange", id)}`;
    expect(entries.filter(({ after }) => after.includes("Too expensive"))).toEqual([]);
  });

  test("that is canceled from outside withdraws the change", async () => {
    const { id: projectId } = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, projectId);
    await admin.run('mutation ($id: ID!) { cancelWorkflow(input: { instanceId: $id, comment: "Later" }) { instance { status } } }', {
      id: instanceId,
    });
    expect(await read(id, "status outcomeReason")).toEqual({ status: "WITHDRAWN", outcomeReason: "Later" });
  });
});

describe("a change in approval", () => {
  test("is withdrawn with its approval, and never applied", async () => {
    const { id: projectId } = await aScopedProject(admin);
    const { id, instanceId } = await aScopeChange(admin, projectId);
    expect(await admin.run(withdraw, { id, comment: "A mistake" })).toEqual({
      withdrawScopeChange: { scopeChange: { status: "WITHDRAWN", outcomeReason: "A mistake" } },
    });
    expect(await read(id, "workflow { status }")).toEqual({ workflow: { status: "CANCELLED" } });
    expect(await admin.refusal(withdraw, { id })).toBe("CONFLICT");
    await expect(decideScopeChange(admin, instanceId)).rejects.toThrow();
  });

  test("is found by its status and its project", async () => {
    const { id: projectId } = await aScopedProject(admin);
    const [one, other] = [await aScopeChange(admin, projectId), await aScopeChange(admin, projectId)];
    await admin.run(withdraw, { id: one.id });
    const found = async (filter: object) => {
      const { scopeChanges } = await admin.run<{ scopeChanges: { edges: { node: { id: string } }[] } }>(list, {
        filter: { project: { eq: projectId }, ...filter },
      });
      return scopeChanges.edges.map(({ node }) => node.id);
    };
    expect(await found({})).toEqual([other.id, one.id]);
    expect(await found({ status: { eq: "IN_APPROVAL" } })).toEqual([other.id]);
    expect(await found({ status: { in: ["WITHDRAWN", "STALE"] } })).toEqual([one.id]);
  });
});

test("a page of ten changes costs as many statements as a page of one", { tags: "slow" }, async () => {
  const { id, build } = await aScopedProject(admin);
  for (let n = 1; n <= 10; n++) await aScopeChange(admin, id, { changedTasks: [{ id: build, durationMinutes: 480 + n }] });
  const statementsOf = (first: number) => weft.statementCount(() => admin.run(list, { first, filter: { project: { eq: id } } }));
  expect(await statementsOf(10)).toBe(await statementsOf(1));
});

describe("access", () => {
  test("a vendor's users see nothing of changes, scopes, and baselines, although they have a task of the project", async () => {
    const project = await aScopedProject(admin);
    const vendor = await acme.vendor("Bright");
    await admin.run(updateTask, { input: { id: project.build, assigneeId: vendor.id } });
    const { id } = await aScopeChange(admin, project.id, changeOfEverything(project));
    expect(await vendor.user.refusal("query ($id: ID!) { scopeChange(id: $id) { id } }", { id })).toBe("FORBIDDEN");
    expect(await vendor.user.refusal(list, {})).toBe("FORBIDDEN");
    expect(await vendor.user.refusal(withdraw, { id })).toBe("FORBIDDEN");
    expect(await vendor.user.refusal("query ($id: ID!) { node(id: $id) { id } }", { id })).toBe("NOT_FOUND");
    for (const field of ["scopeItems { id }", "scopeVersions { number }", "baseline { id }", "baselines { id }"])
      expect(await vendor.user.refusal(`query ($id: ID!) { project(id: $id) { ${field} } }`, { id: project.id })).not.toBeNull();
  });

  test("viewers read changes and write none", async () => {
    const viewer = await acme.user("viewer");
    const { id: projectId } = await aScopedProject(admin);
    const { id } = await aScopeChange(admin, projectId);
    expect(await viewer.run("query ($id: ID!) { scopeChange(id: $id) { status } }", { id })).toEqual({
      scopeChange: { status: "IN_APPROVAL" },
    });
    for (const operation of [withdraw, refresh]) expect(await viewer.refusal(operation, { id })).toBe("FORBIDDEN");
  });

  test("another tenant sees nothing", async () => {
    const { id: projectId } = await aScopedProject(admin);
    const { id } = await aScopeChange(admin, projectId);
    const globex = await aPlanningTenant(weft);
    for (const operation of ["query ($id: ID!) { scopeChange(id: $id) { id } }", withdraw, refresh])
      expect(await globex.admin.refusal(operation, { id })).toBe("NOT_FOUND");
    expect(await globex.admin.run(list, {})).toEqual({ scopeChanges: { edges: [] } });
  });
});
