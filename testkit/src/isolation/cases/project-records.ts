import { aTask } from "../../tenants/project-plan.js";
import { newMilestone, newProjectCost, newProjectDecision, newProjectRisk, newProjectTemplate } from "../../tenants/project-records.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";
import { fresh } from "./fresh.js";

const milestoneOf = ({ admin, projectId }: Fixture): Promise<string> => newMilestone(admin, projectId);
const costOf = ({ admin, projectId }: Fixture): Promise<string> => newProjectCost(admin, projectId, 100);
const riskOf = ({ admin, projectId }: Fixture): Promise<string> => newProjectRisk(admin, projectId);
const decisionOf = ({ admin, projectId }: Fixture): Promise<string> => newProjectDecision(admin, projectId);

const vendorOf = ({ ids }: Fixture): string | undefined => ids.get("vendor")?.[0];

/** Returns a contract with the vendor of the cost. */
async function paid(fixture: Fixture): Promise<Record<string, unknown>> {
  const vendorId = vendorOf(fixture);
  const { contracts } = await fixture.admin.run<{ contracts: { edges: { node: { id: string } }[] } }>(
    "query ($vendorId: ID!) { contracts(filter: { vendor: { eq: $vendorId } }, first: 1) { edges { node { id } } } }",
    { vendorId },
  );
  return { vendorId, contractId: contracts.edges[0]?.node.id };
}

/** Cases of the milestones, costs, risks, decisions, and templates of projects. */
export const projectRecordCases: Cases = {
  mutations: {
    createMilestone: {
      input: async ({ admin, projectId }) => ({
        projectId,
        name: fresh("Milestone"),
        dueOn: "2026-06-30",
        ownerId: admin.id,
        taskIds: [await aTask(admin, projectId, fresh("Task"))],
      }),
    },
    updateMilestone: {
      input: async (fixture) => ({
        id: await milestoneOf(fixture),
        ownerId: fixture.admin.id,
        taskIds: [await aTask(fixture.admin, fixture.projectId, fresh("Task"))],
      }),
    },
    deleteMilestone: { input: async (fixture) => ({ id: await milestoneOf(fixture) }) },
    restoreMilestone: {
      input: async (fixture) => {
        const id = await milestoneOf(fixture);
        await fixture.admin.run("mutation ($id: ID!) { deleteMilestone(input: { id: $id }) { id } }", { id });
        return { id };
      },
    },
    submitMilestone: { input: async (fixture) => ({ id: await milestoneOf(fixture) }) },
    recordProjectCost: {
      input: async (fixture) => ({
        projectId: fixture.projectId,
        amount: { amount: 100, currency: "EUR" },
        spentOn: "2026-03-02",
        category: "OTHER",
        ...(await paid(fixture)),
      }),
      ids: { projectId: "input" },
    },
    correctProjectCost: {
      input: async (fixture) => ({ id: await costOf(fixture), reason: "A typo", ...(await paid(fixture)) }),
    },
    voidProjectCost: { input: async (fixture) => ({ id: await costOf(fixture), reason: "Twice" }) },
    createProjectRisk: {
      input: async ({ admin, projectId }) => ({ projectId, title: "Rain", probability: 1, impact: 1, ownerId: admin.id }),
    },
    updateProjectRisk: {
      input: async (fixture) => ({ id: await riskOf(fixture), ownerId: fixture.admin.id }),
    },
    closeProjectRisk: { input: async (fixture) => ({ id: await riskOf(fixture) }) },
    createProjectDecision: {
      input: async ({ admin, projectId }) => ({
        projectId,
        title: "Floor",
        decision: "Stone",
        decidedOn: "2026-03-02",
        decidedById: admin.id,
      }),
    },
    updateProjectDecision: {
      input: async (fixture) => ({ id: await decisionOf(fixture), decidedById: fixture.admin.id }),
    },
    closeProjectDecision: { input: async (fixture) => ({ id: await decisionOf(fixture) }) },
    saveProjectTemplate: {
      input: async ({ projectId }) => ({ projectId, name: fresh("Template") }),
    },
    deleteProjectTemplate: {
      input: async ({ admin, projectId }) => ({ id: await newProjectTemplate(admin, projectId, fresh("Template")) }),
    },
  },
  filters: { "milestones.filter.project": ["project"], "milestones.filter.owner": ["user"] },
};
