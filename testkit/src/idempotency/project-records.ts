import { loadExampleDefinition } from "@weft/standalone";
import { aProject } from "../tenants/project-plan.js";
import { milestoneApproval, newMilestone, newProjectCost } from "../tenants/project-records.js";
import { fresh, type IdempotencyCases, type Stage } from "./case.js";

async function newProject({ acme }: Stage): Promise<string> {
  await acme.tenant.definition(await loadExampleDefinition("project"));
  return aProject(acme.admin);
}

/** Cases of the milestones, costs, risks, decisions, and templates of projects. */
export const projectRecordCases: IdempotencyCases = {
  createMilestone: {
    who: ({ acme }) => acme.admin,
    selection: "milestone { id name }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), name: "Opening", dueOn: "2026-06-30" };
      return { input, other: { ...input, name: "Handover" } };
    },
  },
  submitMilestone: {
    who: ({ acme }) => acme.admin,
    selection: "milestone { id version }",
    inputs: async (stage) => {
      await stage.acme.tenant.definition(milestoneApproval);
      const id = await newMilestone(stage.acme.admin, await newProject(stage));
      return { input: { id }, other: { id, expectedVersion: 1 } };
    },
  },
  recordProjectCost: {
    who: ({ acme }) => acme.admin,
    selection: "cost { id note }",
    inputs: async (stage) => {
      const amount = { amount: 100, currency: "EUR" };
      const input = { projectId: await newProject(stage), amount, spentOn: "2026-03-02", category: "OTHER" };
      return { input, other: { ...input, category: "TRAVEL" } };
    },
  },
  correctProjectCost: {
    who: ({ acme }) => acme.admin,
    selection: "cost { id note }",
    inputs: async (stage) => {
      const input = { id: await newProjectCost(stage.acme.admin, await newProject(stage), 100), reason: "A typo", note: "Paint" };
      return { input, other: { ...input, note: "Color" } };
    },
  },
  createProjectRisk: {
    who: ({ acme }) => acme.admin,
    selection: "risk { id title }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), title: "Rain", probability: 1, impact: 1 };
      return { input, other: { ...input, title: "Fire" } };
    },
  },
  createProjectDecision: {
    who: ({ acme }) => acme.admin,
    selection: "decision { id title }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), title: "Floor", decision: "Stone", decidedOn: "2026-03-02" };
      return { input, other: { ...input, title: "Walls" } };
    },
  },
  saveProjectTemplate: {
    who: ({ acme }) => acme.admin,
    selection: "template { id name }",
    inputs: async (stage) => {
      const input = { projectId: await newProject(stage), name: fresh("Template ") };
      return { input, other: { ...input, name: fresh("Template ") } };
    },
  },
};
