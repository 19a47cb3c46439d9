import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

const create =
  "mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id workflow { id definitionKey data } } } }";
const read = "query ($id: ID!) { project(id: $id) { state status phases { name state status workflow { id } } } }";
const fire = "mutation ($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";

interface Made {
  readonly id: string;
  readonly workflow: { readonly id: string };
}
interface Phased {
  readonly project: {
    readonly state: string;
    readonly phases: readonly { readonly name: string; readonly status: string; readonly workflow: { readonly id: string } }[];
  };
}

let kit: SharedWeft;
let tenant: TestTenant;
let admin: TestUser;
let manager: TestUser;
beforeAll(async () => {
  kit = await sharedWeft();
  tenant = await kit.tenant();
  ({ admin } = tenant);
  for (const name of ["project", "project-phase", "phased-project"]) await tenant.definition(await loadExampleDefinition(name));
  manager = await tenant.user("workflow_manager");
});

const made = async (input: object): Promise<Made> =>
  (await admin.run<{ createProject: { project: Made } }>(create, { input })).createProject.project;
const move = (who: TestUser, instanceId: string | undefined, transition: string, input?: object) =>
  who.run(fire, { input: { instanceId, transition, ...(input && { input }) } });

test("a project in phases follows its workflow, which starts them and waits for all of them", async () => {
  const { id, workflow } = await made({
    code: "MOVE",
    name: "Move",
    definitionKey: "phased-project",
    phases: [" Floor ", "Lights"],
    budget: { amount: 1250, currency: "EUR" },
  });
  expect(workflow).toMatchObject({
    definitionKey: "phased-project",
    data: { name: "Move", budget: 12.5, phases: [{ name: "Floor" }, { name: "Lights" }] },
  });
  expect(await admin.run(read, { id })).toEqual({ project: { state: "planned", status: "RUNNING", phases: [] } });
  await move(admin, workflow.id, "start");
  const { project } = await admin.run<Phased>(read, { id });
  expect(project).toMatchObject({
    state: "phases",
    phases: [
      { name: "Floor", state: "work", status: "RUNNING" },
      { name: "Lights", state: "work", status: "RUNNING" },
    ],
  });
  const [floor, lights] = project.phases.map((phase) => phase.workflow.id);
  await move(admin, lights, "finish", { cost: 300 });
  expect(await admin.run(read, { id })).toMatchObject({
    project: {
      state: "phases",
      phases: [
        { name: "Floor", status: "RUNNING" },
        { name: "Lights", state: "finished", status: "COMPLETED" },
      ],
    },
  });
  await move(admin, floor, "finish", { cost: 700 });
  expect(await admin.run(read, { id })).toMatchObject({ project: { state: "acceptance", status: "RUNNING" } });
  await move(manager, workflow.id, "accept");
  expect(await admin.run(read, { id })).toMatchObject({ project: { state: "accepted", status: "COMPLETED" } });
});

test("phases of a project follow each other if their order is sequential", async () => {
  const input = {
    code: "STEPS",
    name: "Steps",
    definitionKey: "phased-project",
    phases: ["Floor", "Paint", "Lights"],
    phaseOrder: "SEQUENTIAL",
  };
  const { id, workflow } = await made(input);
  await move(admin, workflow.id, "start");
  const running = async () => {
    const { project } = await admin.run<Phased>(read, { id });
    return project.phases.map(({ name, status }) => `${name} ${status}`);
  };
  const finish = async (name: string) => {
    const { project } = await admin.run<Phased>(read, { id });
    await move(admin, project.phases.find((phase) => phase.name === name)?.workflow.id, "finish", { cost: 1 });
  };
  expect(await running()).toEqual(["Floor RUNNING"]);
  await finish("Floor");
  expect(await running()).toEqual(["Floor COMPLETED", "Paint RUNNING"]);
  await finish("Paint");
  await finish("Lights");
  expect(await admin.run(read, { id })).toMatchObject({ project: { state: "acceptance" } });
  const twice = await admin.refused(create, { input: { ...input, code: "TWICE", phases: ["Floor", "Paint", " Floor"] } });
  expect(twice.extensions).toMatchObject({ code: "BAD_USER_INPUT", problems: [{ path: "input.phases.2" }] });
});

test("a deleted project takes its phases with it", async () => {
  const { id, workflow } = await made({ code: "GONE", name: "Gone", definitionKey: "phased-project", phases: ["Floor"] });
  await move(admin, workflow.id, "start");
  const { project } = await admin.run<Phased>(read, { id });
  const phase = project.phases[0]?.workflow.id;
  await admin.run(fire, { input: { instanceId: workflow.id, transition: "abort", comment: "No money" } });
  await admin.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }", { id });
  const look = "query ($id: ID!) { workflowInstance(id: $id) { id } }";
  expect(await admin.refusal(look, { id: phase })).toBe("NOT_FOUND");
  await admin.run("mutation ($id: ID!) { restoreProject(input: { id: $id }) { project { id } } }", { id });
  expect(await admin.run(look, { id: phase })).toEqual({ workflowInstance: { id: phase } });
});

test("unknown definitions and names that are not valid are refused, and so are phases of a definition without them", async () => {
  const paths = async (input: object): Promise<string[]> => {
    const { extensions } = await admin.refused(create, { input: { code: "NONE", name: "None", ...input } });
    return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
  };
  expect(await paths({ definitionKey: "unknown" })).toEqual(["input.definitionKey"]);
  expect(await paths({ definitionKey: "phased-project", phases: ["Floor", " "] })).toEqual(["input.phases.1"]);
  expect(await paths({ phases: ["Floor"] })).toEqual(["input.data.phases"]);
});

test("the phases of many projects cost as many statements as those of one", async () => {
  for (const code of ["A", "B", "C"]) {
    const { workflow } = await made({ code, name: code, definitionKey: "phased-project", phases: ["Floor", "Lights"] });
    await move(admin, workflow.id, "start");
  }
  const query = "query ($first: Int!) { projects(first: $first) { edges { node { phases { name state } } } } }";
  const count = (first: number): Promise<number> => kit.statementCount(() => admin.run(query, { first }));
  expect(await count(3)).toBe(await count(1));
});
