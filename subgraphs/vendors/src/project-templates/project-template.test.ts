import {
  addDependency,
  aPlanningTenant,
  aProject,
  aTask,
  loadExampleDefinition,
  newMilestone,
  newProjectTemplate,
  sharedWeft,
  type TestTenant,
  type TestUser,
  type SharedWeft,
} from "@weft/testkit";
import { decodeId } from "@weft/shared/ids";
import { postgres } from "@weft/pg-driver";
import { afterAll, beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let admin: TestUser;
let owner: postgres.Sql;

beforeAll(async () => {
  weft = await sharedWeft();
  owner = postgres(weft.database.ownerUrl, { max: 1, onnotice: () => undefined });
  acme = await aPlanningTenant(weft);
  ({ admin } = acme);
});
afterAll(async () => {
  await owner.end();
});

const create = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }";
const templates = `query ($filter: ProjectTemplateFilter) {
  projectTemplates(filter: $filter) { edges { node { name taskCount dependencyCount milestoneCount } } } }`;
const remove = "mutation ($id: ID!) { deleteProjectTemplate(input: { id: $id }) { id } }";
const plan = `query ($id: ID!) { project(id: $id) {
  manager { id } plan { startAt }
  tasks { edges { node { name durationMinutes percentComplete constraintKind constraintAt deadlineAt parent { name }
    assigneeUser { id } predecessors { kind lagMinutes predecessor { name } } } } }
  milestones { edges { node { name dueOn status tasks { name } } } } } }`;

let codes = 0;
async function fromTemplate(templateId: string, startsOn: string): Promise<unknown> {
  const input = { code: `T-${++codes}`, name: "Again", templateId, startsOn };
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(create, { input });
  return (await admin.run<{ project: unknown }>(plan, { id: createProject.project.id })).project;
}

/** A project from 2 March 2026 with a summary task, two subtasks, a dependency and a milestone. */
async function aHouse(): Promise<string> {
  const id = await aProject(admin);
  await admin.run('mutation ($id: ID!) { updateProject(input: { id: $id, startsOn: "2026-03-02" }) { project { id } } }', { id });
  const house = await aTask(admin, id, "House");
  const walls = await aTask(admin, id, "Walls", {
    parentId: house,
    assigneeId: admin.id,
    constraintKind: "START_NO_EARLIER_THAN",
    constraintAt: "2026-03-04T09:00:00Z",
  });
  const roof = await aTask(admin, id, "Roof", { parentId: house, deadlineAt: "2026-03-12T17:00:00Z" });
  await addDependency(admin, walls, roof);
  await admin.run("mutation ($id: ID!) { reportProjectTaskProgress(input: { id: $id, percentComplete: 50 }) { report { id } } }", {
    id: walls,
  });
  await newMilestone(admin, id, { name: "Topping out", dueOn: "2026-03-16", taskIds: [roof] });
  return id;
}

test("a template has the tree, the dependencies, and the milestones of a project, counted from its first day, and no people or progress", async () => {
  const templateId = await newProjectTemplate(admin, await aHouse(), "House");
  const task = { durationMinutes: 480, percentComplete: 0, assigneeUser: null, constraintAt: null, deadlineAt: null, predecessors: [] };
  expect(await fromTemplate(templateId, "2026-06-01")).toEqual({
    manager: null,
    plan: { startAt: "2026-06-01T00:00:00.000Z" },
    tasks: {
      edges: [
        { node: { ...task, name: "House", constraintKind: "ASAP", parent: null } },
        {
          node: {
            ...task,
            name: "Walls",
            parent: { name: "House" },
            constraintKind: "START_NO_EARLIER_THAN",
            constraintAt: "2026-06-03T09:00:00.000Z",
          },
        },
        {
          node: {
            ...task,
            name: "Roof",
            parent: { name: "House" },
            constraintKind: "ASAP",
            deadlineAt: "2026-06-11T17:00:00.000Z",
            predecessors: [{ kind: "FINISH_TO_START", lagMinutes: 0, predecessor: { name: "Walls" } }],
          },
        },
      ],
    },
    milestones: { edges: [{ node: { name: "Topping out", dueOn: "2026-06-15", status: "PLANNED", tasks: [{ name: "Roof" }] } }] },
  });
});

test("local times stay the same when the clocks change between the two projects", async () => {
  const tenant = await aPlanningTenant(weft);
  await tenant.admin.run(
    'mutation { updateConfiguration(input: { patch: { timeZone: "Europe/Vienna" }, message: "Ours" }) { configuration { version } } }',
  );
  const id = await aProject(tenant.admin);
  await tenant.admin.run('mutation ($id: ID!) { updateProject(input: { id: $id, startsOn: "2026-01-05" }) { project { id } } }', { id });
  await aTask(tenant.admin, id, "Dig", { deadlineAt: "2026-01-05T16:00:00Z" });
  const templateId = await newProjectTemplate(tenant.admin, id, "Dig");
  const { createProject } = await tenant.admin.run<{ createProject: { project: { tasks: unknown } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { tasks { edges { node { deadlineAt } } } } } }",
    { input: { code: "SUMMER", name: "Summer", templateId, startsOn: "2026-07-06" } },
  );
  expect(createProject.project.tasks).toEqual({ edges: [{ node: { deadlineAt: "2026-07-06T15:00:00.000Z" } }] });
});

test("a project from a template needs a first day, and the template", async () => {
  const templateId = await newProjectTemplate(admin, await aProject(admin), "Empty");
  const input = { code: "NONE", name: "None", templateId };
  expect((await admin.refused(create, { input })).extensions).toMatchObject({ problems: [{ path: "input.startsOn" }] });
  await admin.run(remove, { id: templateId });
  expect((await admin.refused(create, { input: { ...input, startsOn: "2026-01-01" } })).extensions).toMatchObject({
    problems: [{ path: "input.templateId" }],
  });
  expect(await admin.refusal(remove, { id: templateId })).toBe("NOT_FOUND");
});

test("a template has a unique name, and is found by it", async () => {
  const projectId = await aHouse();
  await newProjectTemplate(admin, projectId, "Small house");
  const again = await admin.refused(
    "mutation ($input: SaveProjectTemplateInput!) { saveProjectTemplate(input: $input) { template { id } } }",
    {
      input: { projectId, name: "Small house" },
    },
  );
  expect(again.extensions).toMatchObject({ problems: [{ path: "input.name" }] });
  expect(await admin.run(templates, { filter: { search: { contains: "small" } } })).toEqual({
    projectTemplates: { edges: [{ node: { name: "Small house", taskCount: 3, dependencyCount: 1, milestoneCount: 1 } }] },
  });
});

test("a large template costs as many statements as a small one", { tags: "slow" }, async () => {
  const small = await newProjectTemplate(admin, await aHouse(), "Small");
  const large = await aHouse();
  for (let n = 0; n < 5; n++) {
    const task = await aTask(admin, large, `Task ${n}`, { deadlineAt: `2026-03-1${n}T17:00:00Z` });
    await newMilestone(admin, large, { taskIds: [task] });
  }
  const templateId = await newProjectTemplate(admin, large, "Large");
  const statementsOf = (id: string) =>
    weft.statementCount(() => admin.run(create, { input: { code: `S-${++codes}`, name: "S", templateId: id, startsOn: "2026-01-01" } }), {
      isCold: true,
    });
  expect(await statementsOf(templateId)).toBe(await statementsOf(small));
});

test("a first day from which a milestone would be due after the year 9999 is refused", async () => {
  const id = await aHouse();
  await newMilestone(admin, id, { dueOn: "9999-12-31" });
  const templateId = await newProjectTemplate(admin, id, "Pyramid");
  const error = await admin.refused(create, { input: { code: "LATE", name: "Late", templateId, startsOn: "2026-03-03" } });
  expect(error.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.startsOn" }] });
});

test("the phases and the definition of a template are those of the project", async () => {
  await acme.definition(await loadExampleDefinition("project-phase"));
  await acme.definition(await loadExampleDefinition("phased-project"));
  const input = { code: "MOVE", name: "Move", definitionKey: "phased-project", phases: ["Plan", "Furniture"] };
  const { createProject } = await admin.run<{ createProject: { project: { id: string } } }>(create, { input });
  const templateId = await newProjectTemplate(admin, createProject.project.id, "Move");
  const made = await admin.run<{ createProject: { project: { workflow: { data: unknown } } } }>(
    "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { workflow { data definition { key } } } } }",
    { input: { code: "MOVE-2", name: "Move again", templateId, startsOn: "2026-01-01" } },
  );
  expect(made.createProject.project.workflow).toMatchObject({
    data: { name: "Move again", phases: [{ name: "Plan" }, { name: "Furniture" }] },
    definition: { key: "phased-project" },
  });
});

test("phases of a template follow each other as in its project, also in its copies, unless the new project says something else", async () => {
  await acme.definition((await loadExampleDefinition("phased-project")).replace("key: phased-project", "key: ordered-project"));
  await acme.definition(await loadExampleDefinition("project-phase"));
  const query = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id workflow { data } } } }";
  const made = async (more: object) => {
    const { createProject } = await admin.run<{ createProject: { project: { id: string; workflow: { data: { phases: unknown } } } } }>(
      query,
      {
        input: { code: `ORDER-${++codes}`, name: "Move", startsOn: "2026-01-01", ...more },
      },
    );
    return { id: createProject.project.id, phases: createProject.project.workflow.data.phases };
  };
  const names = ["Plan", "Furniture", "Network"];
  const inOrder = [{ name: "Plan" }, { name: "Furniture", after: ["Plan"] }, { name: "Network", after: ["Furniture"] }];
  const first = await made({ definitionKey: "ordered-project", phases: names, phaseOrder: "SEQUENTIAL" });
  expect(first.phases).toEqual(inOrder);
  const templateId = await newProjectTemplate(admin, first.id, "In order");
  const copy = await made({ templateId });
  expect(copy.phases).toEqual(inOrder);
  expect((await made({ templateId: await newProjectTemplate(admin, copy.id, "In order again") })).phases).toEqual(inOrder);
  expect((await made({ templateId, phases: ["Only"] })).phases).toEqual([{ name: "Only" }]);
  const shown = '{ projectTemplates(filter: { search: { contains: "order" } }) { edges { node { phases } } } }';
  expect(await admin.run(shown)).toEqual({ projectTemplates: { edges: [{ node: { phases: names } }, { node: { phases: names } }] } });

  // A template from before their order was saved.
  await owner`update vendors.project_templates set content = jsonb_set(content, '{phases}', '["Plan", "Furniture"]') where id = ${decodeId("projectTemplate", templateId)}`;
  expect((await made({ templateId })).phases).toEqual([{ name: "Plan" }, { name: "Furniture" }]);
  expect(await admin.run(shown)).toEqual({
    projectTemplates: { edges: [{ node: { phases: ["Plan", "Furniture"] } }, { node: { phases: names } }] },
  });
});

test("another tenant, and users of a vendor, see and use no templates", async () => {
  const id = await newProjectTemplate(admin, await aProject(admin), "Ours");
  const globex = await aPlanningTenant(weft);
  expect(await globex.admin.run(templates)).toEqual({ projectTemplates: { edges: [] } });
  expect(await globex.admin.refusal(remove, { id })).toBe("NOT_FOUND");
  expect(await globex.admin.refusal(create, { input: { code: "X", name: "X", templateId: id, startsOn: "2026-01-01" } })).toBe(
    "BAD_USER_INPUT",
  );
  const { user } = await acme.vendor();
  expect(await user.refusal(templates)).toBe("FORBIDDEN");
  expect(await user.refusal(remove, { id })).toBe("FORBIDDEN");
});
