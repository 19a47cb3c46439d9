import { beforeAll, describe, expect, it } from "vitest";
import { loadExampleDefinition, sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";

const createProject = `mutation Create($input: CreateProjectInput!) {
  createProject(input: $input) { project { id code state status startsOn endsOn manager { id } budget { amount currency } createdBy { id } workflow { id status definitionKey owner { id } } } }
}`;
const project = "query One($id: ID!) { project(id: $id) { id state } }";
const projects = "query Projects($filter: ProjectFilter) { projects(filter: $filter) { edges { node { code state } } totalCount } }";
const fire = "mutation Fire($input: FireTransitionInput!) { fireTransition(input: $input) { instance { state } } }";

interface Project {
  id: string;
  state: string;
  workflow: { id: string };
}

let kit: SharedWeft;
beforeAll(async () => {
  kit = await sharedWeft();
});

async function aTenant(): Promise<TestTenant> {
  const tenant = await kit.tenant();
  await tenant.definition(await loadExampleDefinition("project"));
  return tenant;
}

const made = async (who: TestUser, input: Record<string, unknown>): Promise<Project> =>
  (await who.run<{ createProject: { project: Project } }>(createProject, { input })).createProject.project;

describe("projects", () => {
  it("start their workflow with themselves as business object, and follow its transitions", async () => {
    const { admin } = await aTenant();
    const lobby = await made(admin, {
      code: "LOBBY",
      name: "Lobby renovation",
      startsOn: "2026-03-01",
      endsOn: "2026-03-01",
      managerId: admin.id,
      budget: { amount: 1250050, currency: "EUR" },
    });
    expect(lobby).toMatchObject({
      state: "planned",
      status: "RUNNING",
      startsOn: "2026-03-01",
      endsOn: "2026-03-01",
      manager: { id: admin.id },
      budget: { amount: 1250050, currency: "EUR" },
      createdBy: { id: admin.id },
      workflow: { status: "RUNNING", definitionKey: "project", owner: { id: admin.id } },
    });
    await admin.run(fire, { input: { instanceId: lobby.workflow.id, transition: "activate" } });
    expect(await admin.run(project, { id: lobby.id })).toEqual({ project: { id: lobby.id, state: "active" } });
  });

  it("are listed by state and text", async () => {
    const { admin } = await aTenant();
    const lobby = await made(admin, { code: "LOBBY", name: "Lobby" });
    await made(admin, { code: "ROOF", name: "Roof" });
    await admin.run(fire, { input: { instanceId: lobby.workflow.id, transition: "activate" } });
    const codes = async (filter: object) =>
      (await admin.run<{ projects: { edges: { node: { code: string } }[] } }>(projects, { filter })).projects.edges.map(
        ({ node }) => node.code,
      );
    expect(await codes({})).toEqual(["ROOF", "LOBBY"]);
    expect(await codes({ state: { eq: "active" } })).toEqual(["LOBBY"]);
    expect(await codes({ search: { contains: "roo" } })).toEqual(["ROOF"]);
  });

  it("are created once per idempotency key, with one workflow", async () => {
    const { admin } = await aTenant();
    const input = { code: "LOBBY", name: "Lobby", idempotencyKey: "once" };
    const all = await Promise.all(Array.from({ length: 5 }, () => made(admin, input)));
    expect(new Set(all.map(({ workflow }) => workflow.id)).size).toBe(1);
    const { workflowInstances } = await admin.run<{ workflowInstances: { totalCount: number } }>("{ workflowInstances { totalCount } }");
    expect(workflowInstances.totalCount).toBe(1);
  });

  it("return the path of each error, and start nothing", async () => {
    const tenant = await aTenant();
    const { admin } = tenant;
    await made(admin, { code: "LOBBY", name: "Lobby" });
    const paths = async (input: object) => {
      const { extensions } = await admin.refused(createProject, { input });
      return ((extensions?.["problems"] ?? []) as { path: string }[]).map(({ path }) => path);
    };
    expect(await paths({ code: "LOBBY", name: "Again" })).toEqual(["input.code"]);
    expect(await paths({ code: "", name: "", budget: { amount: -1, currency: "euro" } })).toEqual([
      "input.code",
      "input.name",
      "input.budget.amount",
      "input.budget.currency",
    ]);
    expect(await paths({ code: "X", name: "X", startsOn: "2026-02-30" })).toEqual(["input.startsOn"]);
    expect(await paths({ code: "X", name: "X", startsOn: "0000-01-01" })).toEqual(["input.startsOn"]);
    expect(await paths({ code: "X", name: "X", startsOn: "2026-03-02", endsOn: "2026-03-01" })).toEqual(["input.endsOn"]);
    const { user } = await tenant.vendor();
    expect(await paths({ code: "X", name: "X", managerId: user.id })).toEqual(["input.managerId"]);
    const { workflowInstances } = await admin.run<{ workflowInstances: { totalCount: number } }>("{ workflowInstances { totalCount } }");
    expect(workflowInstances.totalCount).toBe(1);
  });

  it("need a published definition", async () => {
    const { admin } = await kit.tenant();
    expect(await admin.refusal(createProject, { input: { code: "LOBBY", name: "Lobby" } })).toBe("BAD_USER_INPUT");
  });
});

describe("another tenant", () => {
  it("sees none of our projects", async () => {
    const [ours, theirs] = [await aTenant(), await aTenant()];
    const { id } = await made(ours.admin, { code: "LOBBY", name: "Lobby" });
    expect(await theirs.admin.refusal(project, { id })).toBe("NOT_FOUND");
    expect(await theirs.admin.run(projects, {})).toMatchObject({ projects: { totalCount: 0 } });
  });
});

describe("a vendor's user", () => {
  it("sees no projects in which the vendor does not take part", async () => {
    const tenant = await aTenant();
    const { id } = await made(tenant.admin, { code: "LOBBY", name: "Lobby" });
    const { user } = await tenant.vendor();
    expect(await user.run(projects, {})).toMatchObject({ projects: { totalCount: 0 } });
    expect(await user.refusal("query ($id: ID!) { project(id: $id) { id } }", { id })).toBe("NOT_FOUND");
  });
});
