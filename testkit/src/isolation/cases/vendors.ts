import { completedRequest, type Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newVendor = (fixture: Fixture) => create<HasId>(fixture, "createVendor", "vendor", { code: fresh("V"), name: "A vendor" });

const newProject = async (fixture: Fixture): Promise<string> =>
  (await create<HasId>(fixture, "createProject", "project", { code: fresh("P"), name: "A project" })).id;

/** Creates a project with a member. */
async function newMember(fixture: Fixture): Promise<{ projectId: string; userId: string }> {
  const input = { projectId: await newProject(fixture), userId: fixture.requester.id };
  await fixture.admin.run("mutation ($input: AddProjectMemberInput!) { addProjectMember(input: $input) { project { id } } }", { input });
  return input;
}

/** Returns a project whose workflow was canceled. */
async function endedProject(fixture: Fixture): Promise<string> {
  const id = await newProject(fixture);
  const asked = "query ($id: ID!) { project(id: $id) { workflow { id } } }";
  const { project } = await fixture.admin.run<{ project: { workflow: HasId } }>(asked, { id });
  await fixture.admin.run("mutation ($input: CancelWorkflowInput!) { cancelWorkflow(input: $input) { instance { id } } }", {
    input: { instanceId: project.workflow.id, comment: "Not needed" },
  });
  return id;
}

/** Cases of vendors and their projects. */
export const vendorCases: Cases = {
  mutations: {
    createVendor: { input: async () => ({ code: fresh("V"), name: "A vendor" }), ids: {} },
    updateVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, name: "Renamed" }), ids: { id: "object" } },
    deactivateVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id }), ids: { id: "object" } },
    suspendVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, reason: "Late" }), ids: { id: "object" } },
    blockVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, reason: "Late" }), ids: { id: "object" } },
    startVendorOnboarding: {
      input: async (fixture) => {
        const { id } = await newVendor(fixture);
        await create<HasId>(fixture, "deactivateVendor", "vendor", { id });
        return { id };
      },
      ids: { id: "object" },
    },
    reinstateVendor: {
      input: async (fixture) => {
        const { id } = await newVendor(fixture);
        await create<HasId>(fixture, "deactivateVendor", "vendor", { id });
        return { id, reason: "Settled" };
      },
      ids: { id: "object" },
    },
    updateProject: {
      input: async (fixture) => ({ id: await newProject(fixture), managerId: fixture.admin.id }),
      ids: { id: "object", managerId: "input" },
    },
    createProject: {
      input: async ({ admin }) => ({ code: fresh("P"), name: "A project", managerId: admin.id }),
      ids: { managerId: "input" },
    },
    addProjectMember: {
      input: async (fixture) => ({ projectId: await newProject(fixture), userId: fixture.requester.id }),
      ids: { projectId: "object", userId: "input" },
    },
    updateProjectMember: {
      input: async (fixture) => ({ ...(await newMember(fixture)), role: "OBSERVER" }),
      ids: { projectId: "object", userId: "input" },
    },
    removeProjectMember: { input: newMember, ids: { projectId: "object", userId: "input" } },
    deleteProject: { input: async (fixture) => ({ id: await endedProject(fixture) }), ids: { id: "object" } },
    restoreProject: {
      input: async (fixture) => {
        const id = await endedProject(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { projectId } }", { id });
        return { id };
      },
      ids: { id: "object" },
    },
    rateVendor: {
      as: "requester",
      // Another user approves the request, because users cannot approve their own.
      input: async (fixture, actor) => {
        const operations = await fixture.newVerifiedUser("operations");
        return { requestId: await completedRequest(actor, { ...fixture, operations }), stars: 4 };
      },
      ids: { requestId: "object" },
    },
  },
  lookups: {
    "vendor.id": byType("vendor"),
    "vendorPerformance.vendorId": byType("vendor"),
    "vendorScorecard.vendorId": byType("vendor"),
    "project.id": byType("project"),
  },
  filters: {
    "projects.filter.createdBy": ["user"],
    "projects.filter.manager": ["user"],
  },
};
