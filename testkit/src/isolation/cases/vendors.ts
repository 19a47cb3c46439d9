import { newVendorRegistrationLink } from "../../tenants/new-vendor-registration-link.js";
import { completedRequest, type Fixture, offerToVendor, submittedRequest } from "../fixture.js";
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

/** Creates a project with a vendor. */
async function newProjectVendor(fixture: Fixture): Promise<{ projectId: string; vendorId: string }> {
  const input = { projectId: await newProject(fixture), vendorId: fixture.vendorId };
  await fixture.admin.run("mutation ($input: AssignProjectVendorInput!) { assignProjectVendor(input: $input) { project { id } } }", {
    input: { ...input, role: "Paint" },
  });
  return input;
}

const newOffer = { expiresInMinutes: 60, title: "A defect" };

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

/** Adds a contact to the fixture's vendor. */
async function newContact({ admin, vendorId }: Fixture): Promise<string> {
  const { addVendorContact } = await admin.run<{ addVendorContact: { contact: HasId } }>(
    "mutation ($input: AddVendorContactInput!) { addVendorContact(input: $input) { contact { id } } }",
    { input: { vendorId, name: "Sara" } },
  );
  return addVendorContact.contact.id;
}

/** Cases of vendors and their projects. */
export const vendorCases: Cases = {
  mutations: {
    suspendVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, reason: "Late" }) },
    blockVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, reason: "Late" }) },
    startVendorOnboarding: {
      input: async (fixture) => {
        const { id } = await newVendor(fixture);
        await create<HasId>(fixture, "deactivateVendor", "vendor", { id });
        return { id };
      },
    },
    reinstateVendor: {
      input: async (fixture) => {
        const { id } = await newVendor(fixture);
        await create<HasId>(fixture, "deactivateVendor", "vendor", { id });
        return { id, reason: "Settled" };
      },
    },
    inviteVendor: { input: async () => ({ email: `${fresh("invited").toLowerCase()}@vendor.example` }) },
    revokeVendorRegistrationLink: {
      input: async ({ admin }) => ({ id: (await newVendorRegistrationLink(admin)).id }),
    },
    registerVendor: {
      input: async ({ admin }) => ({
        token: (await newVendorRegistrationLink(admin)).token,
        name: "A vendor",
        email: "office@vendor.example",
      }),
    },
    addVendorContact: { input: async ({ vendorId }) => ({ vendorId, name: "Sara" }) },
    updateVendorContact: { input: async (fixture) => ({ id: await newContact(fixture), name: "Sam" }) },
    removeVendorContact: { input: async (fixture) => ({ id: await newContact(fixture) }) },
    setVendorRates: {
      input: async (fixture) => ({
        id: (await newVendor(fixture)).id,
        rates: [{ category: "hvac", unit: "HOUR", amount: { amount: 6500, currency: "EUR" } }],
      }),
    },
    setVendorServiceAreas: {
      input: async (fixture) => ({ id: (await newVendor(fixture)).id, regions: ["North"], buildingIds: [fixture.buildingId] }),
    },
    updateProject: {
      input: async (fixture) => ({ id: await newProject(fixture), managerId: fixture.admin.id }),
    },
    createProject: {
      input: async ({ admin, ids }) => ({
        code: fresh("P"),
        name: "A project",
        managerId: admin.id,
        templateId: ids.get("projectTemplate")?.[0],
        startsOn: "2026-03-02",
      }),
    },
    addProjectMember: {
      input: async (fixture) => ({ projectId: await newProject(fixture), userId: fixture.requester.id }),
    },
    updateProjectMember: {
      input: async (fixture) => ({ ...(await newMember(fixture)), role: "OBSERVER" }),
    },
    removeProjectMember: { input: newMember },
    setVendorAvailability: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, maxOpen: 5 }) },
    assignProjectVendor: {
      input: async (fixture) => ({ projectId: await newProject(fixture), vendorId: fixture.vendorId, role: "Paint" }),
    },
    unassignProjectVendor: { input: newProjectVendor },
    offerToVendor: {
      as: "operations",
      input: async ({ requester, vendorId }) => ({ ...newOffer, requestId: (await submittedRequest(requester)).requestId, vendorId }),
    },
    acceptOffer: { as: "vendorUser", input: async (fixture) => ({ id: await offerToVendor(fixture) }) },
    declineOffer: {
      as: "vendorUser",
      input: async (fixture) => ({ id: await offerToVendor(fixture), reason: "Too far" }),
    },
    deleteProject: { input: async (fixture) => ({ id: await endedProject(fixture) }) },
    restoreProject: {
      input: async (fixture) => {
        const id = await endedProject(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteProject(input: { id: $id }) { id } }", { id });
        return { id };
      },
    },
    rateVendor: {
      as: "requester",
      // Another user approves the request, because users cannot approve their own.
      input: async (fixture, actor) => {
        const operations = await fixture.newVerifiedUser("operations");
        return { requestId: await completedRequest(actor, { ...fixture, operations }), stars: 4 };
      },
    },
  },
  lookups: {
    "suggestVendors.input.requestId": byType("request"),
    "suggestVendors.input.buildingId": { own: ({ buildingId }) => buildingId, refusal: "input" },
  },
  filters: {
    "projects.filter.manager": ["user"],
  },
  queryArguments: { suggestVendors: { input: { categories: ["hvac"] } } },
};
